package gateway

import (
	"slices"
	"strings"

	"github.com/genio-gateway/genio/notification"
)

// contentOf is what the citizen will read, and what is wrong with it: the submission's own content, or the template
// that it asks for, filled. filling is nil where there is none, or where it is not known. It reads nothing from
// anywhere, so that a bulk may call it for each of its items.
func contentOf(
	submission Submission, filling *notification.Filling, ceilingCents int64,
) (notification.Content, notification.FieldErrors) {
	if submission.Template == nil {
		return submission.Content, submission.Content.Validate(ceilingCents)
	}

	var errs notification.FieldErrors

	content := notification.Content{}

	if hasTexts(submission.Content) {
		errs = append(errs, notification.FieldError{
			Field: "content", Code: "with_template",
			Message:   "with a template, the content has no texts of its own: only due_date and payment",
			Messaggio: "con un modello il contenuto non ha testi propri: solo due_date e payment",
		})
	}

	if filling != nil {
		values, unknown := filling.Values(submission.Template.Values)

		filled, faults := filling.Fill(values)
		content, errs = filled, slices.Concat(errs, unknown, faults)
	}

	content.DueDate, content.Payment = submission.Content.DueDate, submission.Content.Payment

	return content, append(errs, besideTexts(content.Validate(ceilingCents))...)
}

func hasTexts(content notification.Content) bool {
	return content.Subject != "" || content.Markdown != "" || content.SMSText != "" || content.English != nil
}

// besideTexts are the faults of what a template does not fill: those of the texts are named already.
func besideTexts(errs notification.FieldErrors) notification.FieldErrors {
	return slices.DeleteFunc(errs, func(err notification.FieldError) bool {
		return err.Field != "content.due_date" && !strings.HasPrefix(err.Field, "content.payment.")
	})
}
