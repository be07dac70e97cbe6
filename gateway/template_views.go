package gateway

import "github.com/genio-gateway/genio/notification"

// TemplateDraft is what a person or an application writes.
type TemplateDraft struct {
	EnteID  string // empty: the actor's own
	Name    string // 1 to 100 characters
	Italian notification.TemplateText
	English *notification.TemplateText
}

// TemplateView is a template as an actor sees it.
type TemplateView struct {
	notification.Template

	EnteName     string
	Placeholders []string // in the order of their first appearance
	MayChange    bool
}

// TemplateQuery asks for templates; empty fields do not filter.
type TemplateQuery struct {
	EnteID   string
	Archived bool // also those that are not in use any more
}

// TemplatePreview is a template filled with values.
type TemplatePreview struct {
	Content notification.Content
	SMS     SMSPreview
	// Errors are the limits that the filled text breaks.
	Errors notification.FieldErrors
}

// Personalised is a content made of a template.
type Personalised struct {
	TemplateID      string            `json:"template_id"`
	TemplateVersion int               `json:"template_version"` // 0: the latest
	Values          map[string]string `json:"personalisation"`
}
