package notification

import "time"

// Template is a text with placeholders such as ((nome)), which an Ente keeps and fills for each citizen. Every change
// makes a new version; what was sent refers to the version it was made of.
//
// A placeholder is a name of letters, digits, spaces, - and _ between double parentheses. Two opening parentheses
// that are no placeholder are written \((.
type Template struct {
	ID      string // UUID version 7
	EnteID  string
	Name    string
	Version int // 1, 2, …

	Italian TemplateText
	// English is chosen for citizens whose profile on IO prefers English to Italian; nil: all read Italian.
	English *TemplateText

	CreatedAt  time.Time // of this version
	ArchivedAt time.Time // zero: in use
}

// TemplateText is what a template says in one language. Every text may hold placeholders.
type TemplateText struct {
	Subject  string `json:"subject"`
	Markdown string `json:"markdown"` // without front-matter: the program writes that from Buttons
	// SMSText is for citizens whom IO does not reach; empty: derived from the subject, as for any notification.
	SMSText string   `json:"sms_text,omitempty"`
	Buttons []Button `json:"buttons,omitempty"` // at most two
}

// Button is a call to action, of which the program makes IO's front-matter.
type Button struct {
	Text string `json:"text"`
	// Action is what it opens, see [CallToAction.Action].
	Action string `json:"action"`
}

// Translation is a content's text in a language other than Italian.
type Translation struct {
	Subject  string `json:"subject"`
	Markdown string `json:"markdown"`
	SMSText  string `json:"sms_text,omitempty"`
}
