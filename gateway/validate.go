package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

const (
	maxExternalReference = 100 // characters
	maxIdempotencyKey    = 255 // printable ASCII characters
	// maxSendAhead keeps a scheduled notification's workflow within what a region plans for.
	maxSendAhead = 366 * 24 * time.Hour
)

// validate checks everything that can be known before the notification is stored, and names every invalid
// field at once.
func (g *Gateway) validate(
	ctx context.Context, actor Actor, submission Submission,
) (Submission, notification.Service, error) {
	submission = normalise(submission)

	var fields notification.FieldErrors

	service, err := g.sendingService(ctx, actor, submission.ServiceID)

	var invalidService notification.FieldErrors

	switch {
	case errors.As(err, &invalidService):
		fields = append(fields, invalidService...)
		// Without a service there is no ceiling to hold the payment against.
		service.MaxPaymentCents = notification.MaxPaymentCents
	case err != nil:
		return submission, service, err
	}

	fields = append(fields, g.checkFiscalCode("recipient.fiscal_code", submission.FiscalCode)...)

	phone, phoneErrors := g.checkPhone(submission.Phone)
	submission.Phone = phone

	fields = append(fields, phoneErrors...)
	fields = append(fields, submission.Content.Validate(service.MaxPaymentCents)...)
	fields = append(fields, checkEnvelope(submission, time.Now())...)

	return submission, service, fields.OrNil()
}

// sendingService is the service that sends, if the actor may send with it.
func (g *Gateway) sendingService(ctx context.Context, actor Actor, id string) (notification.Service, error) {
	service, err := g.Store.Service(ctx, id)
	if err = storeError("reading the service", err); err != nil && !errors.Is(err, ErrNotFound) {
		return service, err
	}

	if err != nil || !actor.SeesService(service.EnteID, service.ID) {
		return service, invalid("service_id", "unknown", "no such service", "il servizio non esiste")
	}

	ente, err := g.Store.Ente(ctx, service.EnteID)
	if err != nil {
		return service, storeError("reading the Ente", err)
	}

	if !service.Active || !ente.Active {
		return service, invalid("service_id", "inactive", "the service is not active", "il servizio non è attivo")
	}

	return service, nil
}

func (g *Gateway) checkFiscalCode(field, code string) notification.FieldErrors {
	if _, err := g.FiscalCodes.Validate(code); err != nil {
		return notification.FieldErrors{notification.FiscalCodeError(field, err)}
	}

	return nil
}

// checkPhone gives the number in E.164. No number at all is allowed: the citizen may be on IO.
func (g *Gateway) checkPhone(phone string) (string, notification.FieldErrors) {
	if phone == "" {
		return "", nil
	}

	normal, err := g.Phones.Normalise(phone)
	if err == nil {
		return normal, nil
	}

	code := sms.PhoneInvalid

	var known *sms.PhoneError
	if errors.As(err, &known) {
		code = known.Code
	}

	message, messaggio := phoneRule(code)

	return "", notification.FieldErrors{{
		Field: "recipient.phone", Code: string(code), Message: message, Messaggio: messaggio,
	}}
}

func phoneRule(code sms.PhoneCode) (message, messaggio string) {
	switch code {
	case sms.PhoneEmpty:
		return "leave the field out where no number is known", "omettere il campo se il numero non è noto"
	case sms.PhoneCharacters:
		return "only one number, of digits, spaces and a leading +", "un solo numero, con cifre, spazi e un + iniziale"
	case sms.PhoneNotMobile:
		return "not a mobile number: an SMS cannot reach it", "non è un cellulare: un SMS non può raggiungerlo"
	case sms.PhoneForeignNotAllowed:
		return "foreign numbers are not allowed", "i numeri esteri non sono ammessi"
	case sms.PhoneInvalid:
	}

	return "no number of its country looks like this", "nel suo Paese non esiste un numero così"
}

// checkEnvelope checks what is neither recipient nor content.
func checkEnvelope(submission Submission, now time.Time) notification.FieldErrors {
	var fields notification.FieldErrors

	add := func(field, code, message, messaggio string) {
		fields = append(fields, notification.FieldError{Field: field, Code: code, Message: message, Messaggio: messaggio})
	}

	if utf8.RuneCountInString(submission.ExternalReference) > maxExternalReference {
		add("external_reference", "too_long",
			fmt.Sprintf("at most %d characters", maxExternalReference),
			fmt.Sprintf("al massimo %d caratteri", maxExternalReference))
	}

	if !submission.Priority.Valid() {
		add("priority", "unknown", "one of urgent, normal, bulk", "uno tra urgent, normal, bulk")
	}

	if !printable(submission.IdempotencyKey) {
		add("Idempotency-Key", "characters",
			fmt.Sprintf("1 to %d printable ASCII characters", maxIdempotencyKey),
			fmt.Sprintf("da 1 a %d caratteri ASCII stampabili", maxIdempotencyKey))
	}

	if submission.SendAt.After(now.Add(maxSendAhead)) {
		add("send_at", "too_late", "at most one year ahead", "al massimo un anno in avanti")
	}

	if !submission.ExpiresAt.IsZero() && !submission.ExpiresAt.After(latest(now, submission.SendAt)) {
		add("expires_at", "too_early", "after now and after send_at", "successivo ad adesso e a send_at")
	}

	return fields
}

// printable accepts the empty key, which means none.
func printable(key string) bool {
	if len(key) > maxIdempotencyKey {
		return false
	}

	for i := range len(key) {
		if key[i] < '!' || key[i] > '~' {
			return false
		}
	}

	return true
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}

	return a
}
