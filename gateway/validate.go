package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/sms"
)

const (
	maxExternalReference = 100 // characters
	maxIdempotencyKey    = 255 // printable ASCII characters
	// maxSendAhead keeps a scheduled notification's workflow within what a region plans for.
	maxSendAhead = 366 * 24 * time.Hour
	// lastYear is the last one that RFC 3339 can write. A date near its end may leave it on the way to UTC.
	lastYear = 9999
)

const (
	// codeUnknown is the code of a field that names something that there is not, codeLength of a text too short or too long.
	codeUnknown = "unknown"
	codeLength  = "length"
	// codePersonalData is the code of a field that is kept in clear and holds something of a citizen's.
	codePersonalData = "personal_data"
)

// validate checks everything that can be known before the notification is stored, and names every invalid
// field at once. It gives the content that the citizen will read.
func (g *Gateway) validate(
	ctx context.Context, actor Actor, submission Submission,
) (notification.Service, notification.Content, error) {
	var fields notification.FieldErrors

	service, err := g.sendingService(ctx, actor, submission.ServiceID)
	ceiling := service.MaxPaymentCents

	if err != nil {
		invalidService, ok := errors.AsType[notification.FieldErrors](err)
		if !ok {
			return service, notification.Content{}, err
		}

		fields = append(fields, invalidService...)
		// Without a service there is no ceiling to hold the payment against.
		ceiling = notification.MaxPaymentCents
	}

	filling, err := g.wantedFilling(ctx, service.EnteID, submission)
	if err != nil {
		invalidTemplate, ok := errors.AsType[notification.FieldErrors](err)
		if !ok {
			return service, notification.Content{}, err
		}

		fields = append(fields, invalidTemplate...)
	}

	content, faults := g.checkItem(submission, filling, ceiling)
	fields = append(fields, faults...)

	return service, content, fields.OrNil()
}

// checkItem checks everything of a submission but its service and its template, which a bulk looks up once for all
// its items.
func (g *Gateway) checkItem(
	submission Submission, filling *notification.Filling, ceilingCents int64,
) (notification.Content, notification.FieldErrors) {
	content, faults := contentOf(submission, filling, ceilingCents)

	return content, slices.Concat(
		g.checkFiscalCode("recipient.fiscal_code", submission.FiscalCode),
		g.checkPhone(submission),
		faults,
		checkEnvelope(submission, time.Now()),
		g.checkReference(submission.ExternalReference, submission),
	)
}

// wantedFilling is nil for a submission without a template, and where nobody knows whose template it would have to be.
func (g *Gateway) wantedFilling(
	ctx context.Context, enteID string, submission Submission,
) (*notification.Filling, error) {
	if submission.Template == nil || enteID == "" {
		return nil, nil //nolint:nilnil // none is an answer.
	}

	return g.filling(ctx, enteID, *submission.Template)
}

// sendingService is the service that sends, if the actor may send with it. An inactive one is given with the
// error; one that the actor does not see is not.
func (g *Gateway) sendingService(ctx context.Context, actor Actor, id string) (notification.Service, error) {
	service, err := g.knownService(ctx, id)
	if err = storeError("reading the service", err); err != nil && !errors.Is(err, ErrNotFound) {
		return service, err
	}

	if err != nil || !actor.SeesService(service.EnteID, service.ID) {
		return notification.Service{}, invalid("service_id", codeUnknown, "no such service", "il servizio non esiste")
	}

	ente, err := g.knownEnte(ctx, service.EnteID)
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

// checkPhone allows no number at all: the citizen may be on IO.
func (g *Gateway) checkPhone(submission Submission) notification.FieldErrors {
	if submission.Phone == "" || submission.phoneIsRead {
		return nil
	}

	_, err := g.Phones.Normalise(submission.Phone)
	if err == nil {
		return nil
	}

	code := sms.PhoneInvalid
	if known, ok := errors.AsType[*sms.PhoneError](err); ok {
		code = known.Code
	}

	message, messaggio := phoneRule(code)

	return notification.FieldErrors{{
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

	if !oneLine(submission.ExternalReference) {
		add("external_reference", "characters",
			"valid UTF-8 without control characters", "UTF-8 valido, senza caratteri di controllo")
	}

	if !submission.Priority.Valid() {
		add("priority", codeUnknown, "one of urgent, normal, bulk", "uno tra urgent, normal, bulk")
	}

	fields = append(fields, checkKey(submission.IdempotencyKey)...)

	if submission.SendAt.After(now.Add(maxSendAhead)) {
		add("send_at", "too_late", "at most one year ahead", "al massimo un anno in avanti")
	}

	if !submission.ExpiresAt.IsZero() && !submission.ExpiresAt.After(latest(now, submission.SendAt)) {
		add("expires_at", "too_early", "after now and after send_at", "successivo ad adesso e a send_at")
	}

	if submission.ExpiresAt.Year() > lastYear {
		add("expires_at", "too_late", "before the year 10000", "prima dell'anno 10000")
	}

	return fields
}

// checkReference keeps people out of a text that is shown in clear in lists and stands in addresses: any citizen's
// codice fiscale, also as a part of it, and what names the recipient otherwise. Eleven digits alone may be any
// number of the Ente's, and so may those of a phone.
func (g *Gateway) checkReference(reference string, submission Submission) notification.FieldErrors {
	personal := g.namesCitizen(reference, submission.FiscalCode)

	// Without a phone there is none to be named, and reading a number takes as long as all other checks.
	if submission.Phone != "" {
		phone, err := g.Phones.Normalise(reference)
		personal = personal || err == nil && phone == submission.Phone
	}

	if !personal {
		return nil
	}

	return notification.FieldErrors{{
		Field: "external_reference", Code: codePersonalData,
		Message:   "no codice fiscale and no phone number: use the document's own number",
		Messaggio: "niente codice fiscale né numero di telefono: usare il numero della pratica",
	}}
}

// namesCitizen tells whether a text holds a citizen's codice fiscale, or the one that is given in any case.
func (g *Gateway) namesCitizen(text, fiscalCode string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })

	return slices.ContainsFunc(append(words, text), func(word string) bool {
		code := fiscalcode.Normalise(word)
		kind, err := g.FiscalCodes.Validate(code)

		return err == nil && kind == fiscalcode.Personal || code != "" && code == fiscalCode
	})
}

// oneLine tells whether a database and a table's cell can hold the text: PostgreSQL refuses a NUL.
func oneLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

func checkKey(key string) notification.FieldErrors {
	if printable(key) {
		return nil
	}

	return notification.FieldErrors{{
		Field: "Idempotency-Key", Code: "characters",
		Message:   fmt.Sprintf("1 to %d printable ASCII characters", maxIdempotencyKey),
		Messaggio: fmt.Sprintf("da 1 a %d caratteri ASCII stampabili", maxIdempotencyKey),
	}}
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
