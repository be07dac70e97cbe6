package frontend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// composePreview is the message as the citizen would see it, with what is wrong with it so far.
type composePreview struct {
	page
	Empty    bool // nothing is typed yet
	Policy   string
	Problems []string
	Messages []messageView
	SMS      []smsView
	SMSHint  string
	Cost     string // empty where no price is known
}

// composedPreview fills what is not typed yet with the placeholder's own name.
func (f *Frontend) composedPreview(c echo.Context, work composeWork, p page) (composePreview, error) {
	if work.template != nil {
		filled := map[string]string{}
		for name, value := range work.values() {
			if filled[name] = value; notification.IsBlankValue(value) {
				filled[name] = "((" + name + "))"
			}
		}

		work.form.Values = filled
	}

	typed := f.typedComposition(work, p, anyTime)

	view, err := f.gateway.PreviewComposition(c.Request().Context(), actor(c), typed.Composition)
	if err != nil {
		return composePreview{}, fmt.Errorf("previewing a notification: %w", err)
	}

	shown := f.viewPreview(view, p)
	shown.Empty = work.form.empty()

	names := composeFieldNames(work)
	labels := map[string]string{}

	for _, text := range f.composeTexts(work, p, nil).Texts {
		for _, field := range text.Fields {
			labels[field.Name] = field.Label
		}
	}

	for _, problem := range slices.Concat(typed.invalid, view.Errors) {
		// What is missing is no news to somebody who still writes.
		if problem.Code == "required" || !strings.HasPrefix(problem.Field, "content.") ||
			strings.HasPrefix(problem.Field, "content.payment.") {
			continue
		}

		text := sentence(problem, p.Lang)
		if label := labels[names[problem.Field]]; label != "" {
			text = label + ": " + text
		}

		shown.Problems = append(shown.Problems, text)
	}

	return shown, nil
}

func (f *Frontend) viewPreview(view gateway.CompositionView, p page) composePreview {
	shown := composePreview{page: p, Policy: policySentence(view.Policy, view.ServiceName, p), SMSHint: smsHint(view, p)}

	if view.SMSCostMicros > 0 && view.MaskedPhone != "" && view.Policy.FallsBackTo(notification.ChannelSMS) {
		shown.Cost = p.T("compose.cost", costOf(view.SMSCostMicros, p.Lang))
	}

	message := f.messageView(view.Content, notification.Italian, p)
	message.Ente, message.Service = view.EnteName, view.ServiceName
	shown.Messages, shown.SMS = []messageView{message}, []smsView{newSMSView(view.SMS, p)}

	if english := view.Content.English; english != nil {
		message := f.messageView(view.Content, notification.English, p)
		message.Ente, message.Service = view.EnteName, view.ServiceName
		shown.Messages = append(shown.Messages, message)
		shown.SMS = append(shown.SMS, smsView{page: p, Written: notification.English, Text: english.SMSText})
	}

	return shown
}

// policySentence says how the service's notifications travel; empty where there is no service.
func policySentence(policy notification.Policy, service string, p page) string {
	switch {
	case service == "":
		return ""
	case policy.FallsBackTo(notification.ChannelSMS):
		return p.T("compose.policy.sms", duration(policy.IODeadline, p))
	}

	return p.T("compose.policy.io_only")
}

// smsHint says whether the SMS is ever sent.
func smsHint(view gateway.CompositionView, p page) string {
	switch {
	case view.ServiceName == "":
		return ""
	case !view.Policy.FallsBackTo(notification.ChannelSMS):
		return p.T("compose.sms.never")
	case view.MaskedPhone == "":
		return p.T("compose.sms.no_phone")
	}

	return p.T("preview.sms.when")
}
