package notification

import (
	"slices"
	"strings"
	"unicode"
)

// Keys of IO's front-matter.
const (
	keyItalian   = "it"
	keyEnglish   = "en"
	keyFirstCTA  = "cta_1"
	keySecondCTA = "cta_2"
	keyText      = "text"
	keyAction    = "action"
)

// frontMatterOf checks the shape that app IO expects and gives every fault of it.
func frontMatterOf(root yamlNode) (*FrontMatter, FieldErrors) {
	var (
		shape       shapeCheck
		frontMatter FrontMatter
	)

	languages := shape.mapping(root, []string{keyItalian}, []string{keyEnglish})

	if italian, ok := languages[keyItalian]; ok {
		frontMatter.Italian = shape.callsToAction(italian)
	}

	if english, ok := languages[keyEnglish]; ok {
		calls := shape.callsToAction(english)
		frontMatter.English = &calls
	}

	return &frontMatter, shape.errs
}

type shapeCheck struct{ errs FieldErrors }

func (s *shapeCheck) callsToAction(node yamlNode) CallsToAction {
	var calls CallsToAction

	buttons := s.mapping(node, []string{keyFirstCTA}, []string{keySecondCTA})

	if first, ok := buttons[keyFirstCTA]; ok {
		calls.First = s.callToAction(first)
	}

	if second, ok := buttons[keySecondCTA]; ok {
		button := s.callToAction(second)
		calls.Second = &button
	}

	return calls
}

func (s *shapeCheck) callToAction(node yamlNode) CallToAction {
	var button CallToAction

	parts := s.mapping(node, []string{keyText, keyAction}, nil)

	if text, ok := parts[keyText]; ok {
		button.Text = text.text
		if text.isMapping || isBlank(text.text) || strings.ContainsFunc(text.text, notShownOnAButton) {
			s.fault(text.line, "front_matter_text", "the button needs a text of one line",
				"il pulsante deve avere un testo su una sola riga")
		}
	}

	if action, ok := parts[keyAction]; ok {
		button.Action = action.text
		if action.isMapping || !allowedAction(action.text) {
			s.fault(action.line, "front_matter_action",
				"the action must be iohandledlink:// with an https, http, mailto, tel or sms link, ioit:// or iosso://",
				"l'azione deve essere iohandledlink:// con un link https, http, mailto, tel o sms, ioit:// oppure iosso://")
		}
	}

	return button
}

func notShownOnAButton(r rune) bool { return unicode.IsControl(r) || !isYAMLPrintable(r) }

// mapping gives the known entries of a node, and notes what is missing, unknown or no mapping at all.
func (s *shapeCheck) mapping(node yamlNode, needed, optional []string) map[string]yamlNode {
	known := make(map[string]yamlNode, len(node.entries))

	if !node.isMapping {
		s.fault(node.line, "front_matter_missing_key", "needs "+strings.Join(needed, " and "),
			"deve contenere "+strings.Join(needed, " e "))

		return known
	}

	for _, entry := range node.entries {
		if slices.Contains(needed, entry.key) || slices.Contains(optional, entry.key) {
			known[entry.key] = entry.value

			continue
		}

		allowed := strings.Join(append(slices.Clone(needed), optional...), ", ")
		s.fault(entry.line, "front_matter_unknown_key", "only these keys can stand here: "+allowed,
			"qui sono ammesse solo queste chiavi: "+allowed)
	}

	for _, key := range needed {
		if _, ok := known[key]; !ok {
			s.fault(node.line, "front_matter_missing_key", key+" is missing", "manca "+key)
		}
	}

	return known
}

func (s *shapeCheck) fault(line int, code, message, messaggio string) {
	fault := frontMatterFault{line: line, code: code, message: message, messaggio: messaggio}
	s.errs = append(s.errs, fault.fieldError())
}
