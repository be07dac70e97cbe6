package frontend

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"image/png"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/pquerna/otp"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	qrSize = 220 // pixels
	// keyPart is how many characters of a key stand together.
	keyPart = 4
)

// enrolPage shows a new second factor to take over.
type enrolPage struct {
	page
	Action  string
	Back    string // empty: there is no way round it
	QR      template.URL
	Key     string
	Problem string // a message's key
}

// codesPage shows recovery codes, once.
type codesPage struct {
	page
	Codes []string
	Next  string
	Lead  string // a message's key
}

func (f *Frontend) enrolForm(c echo.Context, account gateway.Account) error {
	return f.showEnrolment(c, http.StatusOK, account, enrolPage{Action: enrolPath})
}

// enrol takes the first code of the new second factor, and lets the person in.
func (f *Frontend) enrol(c echo.Context, account gateway.Account) error {
	// Whoever has a second factor shows it: giving oneself another one is no way round.
	has, _, err := f.gateway.SecondFactor(c.Request().Context(), account.Actor())

	switch {
	case err != nil:
		return fmt.Errorf("looking for the second factor: %w", err)
	case has:
		return redirect(c, codePath)
	}

	codes, err := f.confirmEnrolment(c, account)
	if problem := enrolProblem(err); problem != "" {
		return f.showEnrolment(c, http.StatusUnprocessableEntity, account, enrolPage{Action: enrolPath, Problem: problem})
	}

	if err != nil {
		return err
	}

	next, err := f.openSession(c, account, f.sessions.GetString(c.Request().Context(), sessionNext), meansCode)
	if err != nil {
		return err
	}

	c.Set(accountKey, account)

	return f.showCodes(c, codes, next, "second.codes.lead")
}

// errNotEnrolling: the form is of a key that is not wanted any more, as after a double click.
var errNotEnrolling = errors.New("no second factor is being set up")

// confirmEnrolment puts the new second factor into force and gives the recovery codes.
func (f *Frontend) confirmEnrolment(c echo.Context, account gateway.Account) ([]string, error) {
	ctx := c.Request().Context()

	secret := f.sessions.GetString(ctx, sessionEnrolling)
	if secret == "" {
		return nil, errNotEnrolling
	}

	codes, err := f.gateway.SetSecondFactor(ctx, pendingActor(c, account), secret, c.FormValue("code"))
	if err != nil {
		return nil, fmt.Errorf("setting the second factor: %w", err)
	}

	f.sessions.Remove(ctx, sessionEnrolling)
	f.sessions.Remove(ctx, sessionEnrolURL)

	return codes, nil
}

// enrolProblem is the message's key for what the person can mend; empty for all else.
func enrolProblem(err error) string {
	var invalid notification.FieldErrors

	switch {
	case errors.As(err, &invalid):
		return "second.wrong_first"
	case errors.Is(err, errNotEnrolling):
		return "second.again"
	default:
		return ""
	}
}

// showEnrolment shows the same key until a code of it was right.
func (f *Frontend) showEnrolment(c echo.Context, status int, account gateway.Account, shown enrolPage) error {
	ctx := c.Request().Context()

	if f.sessions.GetString(ctx, sessionEnrolling) == "" {
		key, err := f.gateway.NewSecondFactorKey(account.Email)
		if err != nil {
			return fmt.Errorf("making a second factor: %w", err)
		}

		f.sessions.Put(ctx, sessionEnrolling, key.Secret)
		f.sessions.Put(ctx, sessionEnrolURL, key.URL)
	}

	var err error
	if shown.QR, err = qrCode(f.sessions.GetString(ctx, sessionEnrolURL)); err != nil {
		return err
	}

	shown.Key = inParts(f.sessions.GetString(ctx, sessionEnrolling))
	shown.page = f.page(c, "second.enrol.title")
	shown.Section = ""

	return f.show(c, status, "second_factor.html", shown)
}

func (f *Frontend) showCodes(c echo.Context, codes []string, next, lead string) error {
	shown := codesPage{page: f.page(c, "second.codes.title"), Codes: codes, Next: next, Lead: lead}
	shown.Section = ""

	return f.show(c, http.StatusOK, "recovery_codes.html", shown)
}

// qrCode draws the address of a key as an image within the page: no other request ever carries the key.
func qrCode(address string) (template.URL, error) {
	key, err := otp.NewKeyFromURL(address)
	if err != nil {
		return "", errors.New("reading the second factor's address failed")
	}

	drawn, err := key.Image(qrSize, qrSize)
	if err != nil {
		return "", errors.New("drawing the second factor failed")
	}

	var image bytes.Buffer
	if err := png.Encode(&image, drawn); err != nil {
		return "", errors.New("encoding the second factor's image failed")
	}

	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(image.Bytes())), nil //nolint:gosec // made here
}

// inParts makes a key readable.
func inParts(key string) string {
	var parts []string
	for ; len(key) > keyPart; key = key[keyPart:] {
		parts = append(parts, key[:keyPart])
	}

	return strings.Join(append(parts, key), " ")
}
