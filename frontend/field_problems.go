package frontend

import "github.com/genio-gateway/genio/notification"

// sortProblems puts each message beside the form's field that it is about, by the use case's names of the fields. Those
// of no field come in the summary. Several about one field stand one after the other.
func sortProblems(
	invalid notification.FieldErrors, names map[string]string, lang notification.Lang,
) (fields map[string]string, rest []string) {
	fields = map[string]string{}

	for _, problem := range invalid {
		text := sentence(problem, lang)

		field, known := names[problem.Field]
		if !known {
			rest = append(rest, text)

			continue
		}

		if fields[field] != "" {
			text = fields[field] + " " + text
		}

		fields[field] = text
	}

	return fields, rest
}

// sentence is the message as a person reads it by itself.
func sentence(problem notification.FieldError, lang notification.Lang) string {
	return capitalised(fieldProblem(notification.FieldErrors{problem}, lang))
}
