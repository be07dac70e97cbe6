package notification

import (
	"errors"
	"slices"

	"github.com/genio-gateway/genio/fiscalcode"
)

// Limits of a payment notice on app IO.
const (
	// MaxPaymentCents is the highest amount that IO takes, whatever the service's own ceiling.
	MaxPaymentCents = 9_999_999_999

	noticeNumberLength  = 18
	lastNoticeAuxDigit  = '3'
	fieldAmount         = "content.payment.amount_cents"
	fieldNoticeNumber   = "content.payment.notice_number"
	fieldPayeeTaxNumber = "content.payment.payee_fiscal_code"
)

// Validate lists what IO would refuse or the service may not ask for, see [Content.Validate].
func (p Payment) Validate(ceilingCents int64) FieldErrors {
	return slices.Concat(p.checkAmount(ceilingCents), p.checkNoticeNumber(), p.checkPayee())
}

// checkAmount: IO takes euro cents and compares them with the service's ceiling.
func (p Payment) checkAmount(ceilingCents int64) FieldErrors {
	switch {
	case p.AmountCents < 1 || p.AmountCents > MaxPaymentCents:
		return FieldErrors{{
			Field: fieldAmount, Code: "out_of_range",
			Message:   "must be euro cents, from 1 to 9999999999",
			Messaggio: "deve essere in centesimi di euro, da 1 a 9999999999",
		}}
	case ceilingCents <= 0:
		return FieldErrors{{
			Field: fieldAmount, Code: "payments_not_enabled",
			Message:   "the service may not send payment notices",
			Messaggio: "il servizio non è abilitato all'invio di avvisi di pagamento",
		}}
	case p.AmountCents > ceilingCents:
		return FieldErrors{{
			Field: fieldAmount, Code: "above_ceiling",
			Message:   "is above the highest amount that the service may ask for on IO",
			Messaggio: "supera l'importo massimo che il servizio può richiedere su IO",
		}}
	}

	return nil
}

// checkNoticeNumber: 18 digits, the first ("aux digit") 0 to 3.
func (p Payment) checkNoticeNumber() FieldErrors {
	switch {
	case p.NoticeNumber == "":
		return FieldErrors{required(fieldNoticeNumber)}
	case len(p.NoticeNumber) == noticeNumberLength && p.NoticeNumber[0] <= lastNoticeAuxDigit && isDigits(p.NoticeNumber):
		return nil
	}

	return FieldErrors{{
		Field: fieldNoticeNumber, Code: "format",
		Message:   "must have 18 digits, the first from 0 to 3",
		Messaggio: "deve avere 18 cifre, la prima da 0 a 3",
	}}
}

// checkPayee: without a payee IO fills in the service's own organization.
func (p Payment) checkPayee() FieldErrors {
	if p.PayeeFiscalCode == "" {
		return nil
	}

	err := fiscalcode.ValidateNumeric(p.PayeeFiscalCode)
	if err == nil {
		return nil
	}

	return FieldErrors{payeeError(err)}
}

func payeeError(err error) FieldError {
	if errors.Is(err, fiscalcode.ErrLength) || errors.Is(err, fiscalcode.ErrCharacters) {
		return FieldError{
			Field: fieldPayeeTaxNumber, Code: "format",
			Message:   "must have 11 digits",
			Messaggio: "deve avere 11 cifre",
		}
	}

	if errors.Is(err, fiscalcode.ErrProvisionalSerial) {
		return FiscalCodeError(fieldPayeeTaxNumber, err)
	}

	return FieldError{
		Field: fieldPayeeTaxNumber, Code: "check_digit",
		Message:   "the last digit does not match the others",
		Messaggio: "l'ultima cifra non corrisponde alle altre",
	}
}

func isDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}

	return true
}
