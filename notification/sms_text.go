package notification

// SMS is the text for a citizen whom IO did not reach: the Ente's own, or else who writes and about what.
// The message itself stays out of it, since an SMS is read on lock screens and passes many hands.
func (c Content) SMS(enteName string) string {
	if c.SMSText != "" {
		return c.SMSText
	}

	return enteName + ": " + c.Subject
}

// WithSMSTexts is the content with its SMS texts written out, in English too where it has English.
func (c Content) WithSMSTexts(enteName string) Content {
	c.SMSText = c.SMS(enteName)

	if c.English != nil {
		english := *c.English
		english.SMSText = c.In(English).SMS(enteName)
		c.English = &english
	}

	return c
}

// In is the content as it is read in one language: in English where it has English, or else in Italian.
func (c Content) In(lang Lang) Content {
	if lang == English && c.English != nil {
		c.Subject, c.Markdown, c.SMSText = c.English.Subject, c.English.Markdown, c.English.SMSText
	}

	c.English = nil

	return c
}
