package notification_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

const ceiling = 1_000_000

func validContent() notification.Content {
	return notification.Content{
		Subject:  "Scadenza della carta d'identità",
		Markdown: "Gentile cittadina, gentile cittadino, la sua carta d'identità scade tra novanta giorni. Può prenotare il rinnovo.",
	}
}

func TestContentWithinTheLimitsIsValid(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]func(*notification.Content){
		"as it is":                     func(*notification.Content) {},
		"subject of 10":                func(c *notification.Content) { c.Subject = strings.Repeat("a", 10) },
		"subject of 120":               func(c *notification.Content) { c.Subject = strings.Repeat("à", 120) },
		"subject of 5 emoji":           func(c *notification.Content) { c.Subject = strings.Repeat("😀", 5) },
		"subject of 60 emoji":          func(c *notification.Content) { c.Subject = strings.Repeat("😀", 60) },
		"markdown of 80":               func(c *notification.Content) { c.Markdown = strings.Repeat("a", 80) },
		"markdown of 10000":            func(c *notification.Content) { c.Markdown = strings.Repeat("a", 10_000) },
		"markdown with a rule":         func(c *notification.Content) { c.Markdown += "\n\n---\n\nCordiali saluti" },
		"markdown with buttons":        func(c *notification.Content) { c.Markdown = prepend(c.Markdown) },
		"due date in the past":         func(c *notification.Content) { c.DueDate = due(2001, time.March, 1) },
		"due date in the future":       func(c *notification.Content) { c.DueDate = due(2099, time.December, 31) },
		"SMS text of 1":                func(c *notification.Content) { c.SMSText = "a" },
		"SMS text of 1600":             func(c *notification.Content) { c.SMSText = strings.Repeat("a", 1_600) },
		"SMS text of 800 emoji":        func(c *notification.Content) { c.SMSText = strings.Repeat("😀", 800) },
		"payment":                      func(c *notification.Content) { c.Payment = payment() },
		"payment of one cent":          func(c *notification.Content) { c.Payment = payment(); c.Payment.AmountCents = 1 },
		"payment at the ceiling":       func(c *notification.Content) { c.Payment = payment(); c.Payment.AmountCents = ceiling },
		"payment without payee":        func(c *notification.Content) { c.Payment = payment(); c.Payment.PayeeFiscalCode = "" },
		"notice number beginning by 0": func(c *notification.Content) { c.Payment = payment(); c.Payment.NoticeNumber = strings.Repeat("0", 18) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := validContent()
			change(&content)

			require.Empty(t, content.Validate(ceiling))
			require.NoError(t, content.Validate(ceiling).OrNil())
		})
	}
}

func TestContentNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		change func(*notification.Content)
		field  string
		code   string
	}{
		"no subject":          {func(c *notification.Content) { c.Subject = "" }, "content.subject", "required"},
		"subject of 9":        {func(c *notification.Content) { c.Subject = strings.Repeat("a", 9) }, "content.subject", "too_short"},
		"subject of 4 emoji":  {func(c *notification.Content) { c.Subject = "a" + strings.Repeat("😀", 4) }, "content.subject", "too_short"},
		"subject of 121":      {func(c *notification.Content) { c.Subject = strings.Repeat("a", 121) }, "content.subject", "too_long"},
		"subject of 61 emoji": {func(c *notification.Content) { c.Subject = strings.Repeat("😀", 61) }, "content.subject", "too_long"},
		"blank subject":       {func(c *notification.Content) { c.Subject = strings.Repeat(" ", 10) }, "content.subject", "blank"},
		"subject in Latin-1":  {func(c *notification.Content) { c.Subject = "Carta d'identit\xe0 in scadenza" }, "content.subject", "encoding"},
		"no markdown":         {func(c *notification.Content) { c.Markdown = "" }, "content.markdown", "required"},
		"markdown of 79":      {func(c *notification.Content) { c.Markdown = strings.Repeat("a", 79) }, "content.markdown", "too_short"},
		"markdown of 10001":   {func(c *notification.Content) { c.Markdown = strings.Repeat("a", 10_001) }, "content.markdown", "too_long"},
		"blank markdown":      {func(c *notification.Content) { c.Markdown = strings.Repeat("\n", 80) }, "content.markdown", "blank"},
		"buttons and no text": {func(c *notification.Content) { c.Markdown = prepend(" \n") }, "content.markdown", "blank"},
		"unreadable buttons": {
			func(c *notification.Content) { c.Markdown = "---\n" + c.Markdown }, "content.markdown", "front_matter_unclosed",
		},
		"zero due date":         {func(c *notification.Content) { c.DueDate = &time.Time{} }, "content.due_date", "out_of_range"},
		"due date too early":    {func(c *notification.Content) { c.DueDate = due(1999, time.December, 31) }, "content.due_date", "out_of_range"},
		"due date too late":     {func(c *notification.Content) { c.DueDate = due(2100, time.January, 1) }, "content.due_date", "out_of_range"},
		"blank SMS text":        {func(c *notification.Content) { c.SMSText = " \n" }, "content.sms_text", "blank"},
		"SMS text of 1601":      {func(c *notification.Content) { c.SMSText = strings.Repeat("a", 1_601) }, "content.sms_text", "too_long"},
		"SMS text of 801 emoji": {func(c *notification.Content) { c.SMSText = strings.Repeat("😀", 801) }, "content.sms_text", "too_long"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := validContent()
			tt.change(&content)

			requireOnly(t, content.Validate(ceiling), tt.field, tt.code)
		})
	}
}

func TestPaymentNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	const (
		amount = "content.payment.amount_cents"
		notice = "content.payment.notice_number"
		payee  = "content.payment.payee_fiscal_code"
	)

	tests := map[string]struct {
		ceiling int64
		change  func(*notification.Payment)
		field   string
		code    string
	}{
		"nothing to pay":          {ceiling, func(p *notification.Payment) { p.AmountCents = 0 }, amount, "out_of_range"},
		"negative":                {ceiling, func(p *notification.Payment) { p.AmountCents = -1 }, amount, "out_of_range"},
		"more than IO takes":      {1 << 60, func(p *notification.Payment) { p.AmountCents = 10_000_000_000 }, amount, "out_of_range"},
		"above the ceiling":       {ceiling, func(p *notification.Payment) { p.AmountCents = ceiling + 1 }, amount, "above_ceiling"},
		"service without payment": {0, func(*notification.Payment) {}, amount, "payments_not_enabled"},
		"no notice number":        {ceiling, func(p *notification.Payment) { p.NoticeNumber = "" }, notice, "required"},
		"notice number of 17":     {ceiling, func(p *notification.Payment) { p.NoticeNumber = strings.Repeat("3", 17) }, notice, "format"},
		"notice number of 19":     {ceiling, func(p *notification.Payment) { p.NoticeNumber = strings.Repeat("3", 19) }, notice, "format"},
		"notice number from 4":    {ceiling, func(p *notification.Payment) { p.NoticeNumber = "4" + strings.Repeat("0", 17) }, notice, "format"},
		"notice number by a sign": {ceiling, func(p *notification.Payment) { p.NoticeNumber = "+" + strings.Repeat("0", 17) }, notice, "format"},
		"notice with a letter":    {ceiling, func(p *notification.Payment) { p.NoticeNumber = "3O" + strings.Repeat("0", 16) }, notice, "format"},
		"notice in full width":    {ceiling, func(p *notification.Payment) { p.NoticeNumber = strings.Repeat("３", 6) }, notice, "format"},
		"payee of 3":              {ceiling, func(p *notification.Payment) { p.PayeeFiscalCode = "123" }, payee, "format"},
		"payee with letters":      {ceiling, func(p *notification.Payment) { p.PayeeFiscalCode = "IT153763710" }, payee, "format"},
		"payee that is a person":  {ceiling, func(p *notification.Payment) { p.PayeeFiscalCode = "RSSMRA80A01H501U" }, payee, "format"},
		"payee's last digit":      {ceiling, func(p *notification.Payment) { p.PayeeFiscalCode = "15376371008" }, payee, "check_digit"},
		"payee of zeros":          {ceiling, func(p *notification.Payment) { p.PayeeFiscalCode = "00000000000" }, payee, "provisional_serial"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			content := validContent()
			content.Payment = payment()
			tt.change(content.Payment)

			requireOnly(t, content.Validate(tt.ceiling), tt.field, tt.code)
		})
	}
}

func TestContentListsEveryInvalidField(t *testing.T) {
	t.Parallel()

	content := notification.Content{
		Subject: "corto", Markdown: "corto", DueDate: &time.Time{}, SMSText: " ",
		Payment: &notification.Payment{NoticeNumber: "segreto", PayeeFiscalCode: "segreto"},
	}

	errs := content.Validate(ceiling)
	fields := make([]string, len(errs))

	for i, err := range errs {
		fields[i] = err.Field
	}

	require.Equal(t, []string{
		"content.subject", "content.markdown", "content.due_date", "content.payment.amount_cents",
		"content.payment.notice_number", "content.payment.payee_fiscal_code", "content.sms_text",
	}, fields)
	require.Error(t, errs.OrNil())
	require.NotContains(t, errs.Error(), "segreto")
	require.NotContains(t, errs.Error(), "corto")
}

func TestFiscalCodeError(t *testing.T) {
	t.Parallel()

	const field = "recipient.fiscal_code"

	_, err := fiscalcode.Parse("RSSMRA80A01H501X")
	require.Equal(t, notification.FieldError{
		Field: field, Code: "check_character",
		Message:   "the last character of the codice fiscale does not match the others",
		Messaggio: "l'ultimo carattere del codice fiscale non corrisponde agli altri",
	}, notification.FiscalCodeError(field, err))

	other := notification.FiscalCodeError(field, errors.New("RSSMRA80A01H501X"))
	require.Equal(t, "invalid", other.Code)
	require.NotContains(t, other.Message, "RSS")
}

func requireOnly(t *testing.T, errs notification.FieldErrors, field, code string) {
	t.Helper()

	require.Len(t, errs, 1)
	require.Equal(t, field, errs[0].Field)
	require.Equal(t, code, errs[0].Code)
	require.NotEmpty(t, errs[0].Message)
	require.NotEmpty(t, errs[0].Messaggio)
}

func payment() *notification.Payment {
	return &notification.Payment{NoticeNumber: "301000000012345678", AmountCents: 12_050, PayeeFiscalCode: "15376371009"}
}

func due(year int, month time.Month, day int) *time.Time {
	date := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)

	return &date
}

func prepend(body string) string {
	return "---\nit:\n  cta_1: {text: \"Prenota\", action: \"" + payAction + "\"}\n---\n" + body
}
