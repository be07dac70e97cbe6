package notification

// SMS is the text for a citizen whom IO did not reach: the Ente's own, or else who writes and about what.
// The message itself stays out of it, since an SMS is read on lock screens and passes many hands.
func (c Content) SMS(enteName string) string {
	if c.SMSText != "" {
		return c.SMSText
	}

	return enteName + ": " + c.Subject
}
