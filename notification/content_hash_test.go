package notification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

const (
	hashedService = "0197f0c0-0000-7000-8000-000000000001"
	hashedCitizen = "RSSMRA80A01H501U"
)

// wholeContent has everything that a citizen may read.
func wholeContent() notification.Content {
	content := validContent()
	content.DueDate = due(2026, time.December, 31)
	content.Payment = payment()
	content.English = &notification.Translation{Subject: "Identity card", Markdown: "Your identity card expires."}

	return content
}

func TestContentHashKnowsTheSameContent(t *testing.T) {
	t.Parallel()

	want := notification.ContentHash(hashedService, hashedCitizen, wholeContent())

	for name, change := range map[string]func(*notification.Content){
		"as it is":         func(*notification.Content) {},
		"another SMS":      func(c *notification.Content) { c.SMSText = "Comune: carta d'identità" },
		"another SMS text": func(c *notification.Content) { c.English.SMSText = "Comune: identity card" },
		"another zone": func(c *notification.Content) {
			there := c.DueDate.In(time.FixedZone("there", 3600))
			c.DueDate = &there
		},
		"fractions of a second": func(c *notification.Content) {
			later := c.DueDate.Add(time.Nanosecond)
			c.DueDate = &later
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := wholeContent()
			change(&content)

			require.Equal(t, want, notification.ContentHash(hashedService, hashedCitizen, content))
		})
	}
}

func TestContentHashTellsContentsApart(t *testing.T) {
	t.Parallel()

	original := notification.ContentHash(hashedService, hashedCitizen, wholeContent())
	require.NotEqual(t, original, notification.ContentHash("another", hashedCitizen, wholeContent()))
	require.NotEqual(t, original, notification.ContentHash(hashedService, "another", wholeContent()))

	for name, change := range map[string]func(*notification.Content){
		"subject":  func(c *notification.Content) { c.Subject += "!" },
		"markdown": func(c *notification.Content) { c.Markdown += "!" },
		"a character moved": func(c *notification.Content) {
			c.Subject, c.Markdown = c.Subject+c.Markdown[:1], c.Markdown[1:]
		},
		"due date":         func(c *notification.Content) { c.DueDate = due(2026, time.December, 30) },
		"no due date":      func(c *notification.Content) { c.DueDate = nil },
		"no payment":       func(c *notification.Content) { c.Payment = nil },
		"notice number":    func(c *notification.Content) { c.Payment.NoticeNumber = "302000000000000002" },
		"amount":           func(c *notification.Content) { c.Payment.AmountCents++ },
		"invalid after":    func(c *notification.Content) { c.Payment.InvalidAfterDueDate = !c.Payment.InvalidAfterDueDate },
		"payee":            func(c *notification.Content) { c.Payment.PayeeFiscalCode = "" },
		"no English":       func(c *notification.Content) { c.English = nil },
		"English subject":  func(c *notification.Content) { c.English.Subject += "!" },
		"English markdown": func(c *notification.Content) { c.English.Markdown += "!" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := wholeContent()
			change(&content)

			require.NotEqual(t, original, notification.ContentHash(hashedService, hashedCitizen, content))
		})
	}
}
