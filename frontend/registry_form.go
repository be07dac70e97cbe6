package frontend

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/notification"
)

// Types of inputs.
const (
	inputDate     = "date"
	inputPassword = "password"
	inputText     = "text"
)

// fieldEnteID is the use cases' name of the Ente that a form chooses.
const fieldEnteID = "ente_id"

// registryForm is a page with one form, about an Ente or a service.
type registryForm struct {
	page
	Crumbs  []crumb
	Heading string
	Lead    string // what the act will do; empty: the fields say it
	Facts   []fact
	Fields  []inputField

	Action string
	Back   string // the address that leaves things as they are
	Submit string // a whole message
	Tone   string // of the button
	Once   string
	Seen   int // the version, or number, that the form was filled from

	// Summary are the problems at the top, each with the field that it leads to.
	Summary []summaryLine
	// Overtaken says that somebody else made a change meanwhile; empty otherwise.
	Overtaken string
}

// inputField is a field of a form with all that stands around it. Its name is its id, too.
type inputField struct {
	Name     string
	Label    string
	Hint     string
	Value    string
	Type     string // of the input; empty: text
	Most     int    // characters; 0: no bound
	Required bool
	Choices  []choice // of a selection, in place of an input
	Problem  string
	// Others is what somebody else stored meanwhile, in a sentence.
	Others string
	Off    bool // it can be read only
}

// Described names what explains the field.
func (i inputField) Described() string {
	var ids []string

	for _, part := range []struct{ suffix, text string }{{"hint", i.Hint}, {"problem", i.Problem}, {"others", i.Others}} {
		if part.text != "" {
			ids = append(ids, i.Name+"-"+part.suffix)
		}
	}

	return strings.Join(ids, " ")
}

// Kind is the input's type.
func (i inputField) Kind() string {
	if i.Type == "" {
		return inputText
	}

	return i.Type
}

// field begins a field with the label and the hint under the keys.
func (p page) field(name, label, hint, value string) inputField {
	shown := inputField{Name: name, Label: p.T(label), Value: value}
	if hint != "" {
		shown.Hint = p.T(hint)
	}

	return shown
}

// withProblems puts each problem beside its field, whose name is the use case's, and in the summary.
func (r *registryForm) withProblems(invalid notification.FieldErrors) {
	names := map[string]string{}
	for _, field := range r.Fields {
		names[field.Name] = field.Name
	}

	problems, rest := sortProblems(invalid, names, r.Lang)

	for i := range r.Fields {
		field := &r.Fields[i]

		field.Problem = problems[field.Name]
		if field.Problem != "" {
			r.Summary = append(r.Summary, summaryLine{Field: field.Name, Text: field.Label + ": " + field.Problem})
		}
	}

	for _, problem := range rest {
		r.Summary = append(r.Summary, summaryLine{Text: problem})
	}
}

// overtakenBy shows beside each field what is stored there by now, where it differs from what was typed. Sending the form
// again puts the typed in its place.
func (r *registryForm) overtakenBy(stored []inputField, version int) {
	r.Overtaken = r.T("registry.overtaken")
	r.Seen = version

	for i := range r.Fields {
		if i < len(stored) && stored[i].Value != r.Fields[i].Value {
			r.Fields[i].Others = r.T("registry.others", orDash(stored[i].shownValue()))
		}
	}
}

// shownValue is the value as a person reads it.
func (i inputField) shownValue() string {
	for _, choice := range i.Choices {
		if choice.Value == i.Value {
			return choice.Label
		}
	}

	return i.Value
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}

	return text
}

func (f *Frontend) showRegistryForm(c echo.Context, status int, shown registryForm) error {
	shown.Once = newOnceKey()
	if shown.Tone == "" {
		shown.Tone = tonePrimary
	}

	shown.Title = shown.Heading

	return f.show(c, status, "registry_form.html", shown)
}

// seenVersion is the version that a form was filled from; one that is none has never been.
func seenVersion(c echo.Context) int {
	seen, err := strconv.Atoi(c.FormValue(paramSeen))
	if err != nil || seen < 1 {
		return -1
	}

	return seen
}
