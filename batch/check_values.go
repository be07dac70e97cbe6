package batch

import (
	"time"

	"github.com/genio-gateway/genio/notification"
)

// checkCode reads what is made of digits and letters and what a spreadsheet damages.
func (c *checker) checkCode(s *slot, at step, text string) {
	if text == "" {
		if at.field == FieldFiscalCode || at.field == FieldNoticeNumber {
			s.issue(at.column, at.field, issueRequired)
		}

		return
	}

	if c.setUndamaged(s, at.field, text) {
		return
	}

	text, repairs, code := withoutCodeDamage(text)
	for _, done := range repairs {
		s.repair(at, done)
	}

	padded := false
	if code == "" {
		padded, code = c.setCode(s, at.field, text)
	}

	if code != "" {
		s.issue(at.column, at.field, code)
	}

	if padded {
		s.repair(at, repairZeros)
	}
}

// setUndamaged takes what is right as it stands: nearly every cell.
func (c *checker) setUndamaged(s *slot, field Field, text string) bool {
	if field == FieldFiscalCode {
		value, repaired, code := parseFiscalCode(text, c.rules.FiscalCodes)
		s.Recipient.FiscalCode = value

		return code == "" && !repaired
	}

	if field != FieldPhone {
		return false
	}

	common, ok := commonMobile(text)
	s.Recipient.Phone = common

	return ok
}

func (c *checker) setCode(s *slot, field Field, text string) (padded bool, code string) {
	switch field {
	case FieldFiscalCode:
		s.Recipient.FiscalCode, padded, code = parseFiscalCode(text, c.rules.FiscalCodes)
	case FieldPhone:
		s.Recipient.Phone, code = c.phone(text)
	case FieldNoticeNumber:
		s.payment.NoticeNumber, padded, code = parseNotice(text)
	case FieldPayee:
		s.payment.PayeeFiscalCode, padded, code = parsePayee(text)
	default:
	}

	return padded, code
}

func (c *checker) phone(text string) (normal, code string) {
	if common, ok := commonMobile(text); ok { // now that the damage is off
		return common, ""
	}

	normal, err := c.rules.Phones.Normalise(text)
	if err != nil {
		return "", phoneIssue(err)
	}

	return normal, ""
}

// A due date without a time is the end of that day, a sending date the beginning of office hours.
const (
	lastHour, lastMinute, lastSecond = 23, 59, 59
	officeHour                       = 9
)

func (c *checker) checkDate(s *slot, at step, text string, read kind) {
	if text == "" {
		return
	}

	known := c.lastDate[at.field]
	if known.text != text || read != kindText {
		found, code := parseDate(text, read)
		if code != "" {
			s.issue(at.column, at.field, code)

			return
		}

		known = datedText{text: text, at: found.at(c.plan.italy, officeHour, 0, 0)}
		if at.field == FieldDueDate {
			known.at = found.at(c.plan.italy, lastHour, lastMinute, lastSecond)
		}

		if read == kindText {
			c.lastDate[at.field] = known
		}
	}

	if year := known.at.Year(); year < firstYear || year > lastYear {
		s.issue(at.column, at.field, issueDateRange)

		return
	}

	if at.field == FieldDueDate {
		s.due = known.at
		s.DueDate = &s.due

		return
	}

	c.checkSendAt(s, at, known.at)
}

func (c *checker) checkSendAt(s *slot, at step, when time.Time) {
	switch {
	case when.After(c.plan.now.Add(maxSendAhead)):
		s.issue(at.column, at.field, issueSendTooLate)
	case !when.After(c.plan.now):
		s.repair(at, repairPastSendAt)
	default:
		s.SendAt = when
	}
}

func (c *checker) checkAmount(s *slot, at step, text string, read kind) {
	if text == "" {
		s.issue(at.column, at.field, issueRequired)

		return
	}

	var (
		found amount
		code  string
	)

	if at.field == FieldAmountCents {
		found, code = parseCents(text)
	} else {
		found, code = parseEuro(text, read)
	}

	switch {
	case code != "":
	case found.cents > notification.MaxPaymentCents:
		code = issueAmountOutOfRange
	case c.rules.MaxPaymentCents <= 0:
		code = issuePaymentsDisabled
	case found.cents > c.rules.MaxPaymentCents:
		code = issueAboveCeiling
	}

	if code != "" {
		s.issue(at.column, at.field, code)

		return
	}

	s.payment.AmountCents = found.cents
	s.priced, s.exact = at.field == FieldAmountEuro, found.exact
}
