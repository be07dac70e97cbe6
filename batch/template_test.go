package batch_test

import (
	"strings"
	"time"
	_ "time/tzdata" // Italian time on machines that have no time zone data

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

// template stands in for the real one: it joins the values to a text.
type template struct {
	placeholders []string
	sms          string
}

func noticeTemplate() template {
	return template{placeholders: batchtest.Placeholders(), sms: "Comune di Esempio: avviso di pagamento TARI per "}
}

func (t template) Placeholders() []string { return t.placeholders }

func (t template) Check(values []string) notification.FieldErrors {
	length := 0
	for _, value := range values {
		length += len(value)
	}

	if length <= notification.MaxSubjectLength {
		return nil
	}

	return notification.FieldErrors{{Field: "content.subject", Code: "too_long"}}
}

func (t template) SMS(values []string) string {
	var text strings.Builder

	text.Grow(notification.MaxSubjectLength)
	text.WriteString(t.sms)

	for _, value := range values {
		text.WriteByte(' ')
		text.WriteString(value)
	}

	return text.String()
}

func now() time.Time { return time.Date(2026, time.September, 15, 10, 0, 0, 0, time.UTC) }

func rules(content batch.Filler) batch.Rules {
	return batch.Rules{
		FiscalCodes: new(fiscalcode.Validator), Content: content, MaxPaymentCents: 1_000_000, Now: now(),
	}
}
