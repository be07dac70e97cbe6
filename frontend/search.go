package frontend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// sameCitizen is the last part of the address that searches for a notification's citizen.
const sameCitizen = "same-citizen"

// SearchGateway is what the pages ask of the use cases that find notifications and show whom they are for.
type SearchGateway interface {
	Find(ctx context.Context, actor gateway.Actor, identifier string) (string, error)
	ReadPhone(text string) (string, error)
	RecipientOf(ctx context.Context, actor gateway.Actor, id string) (notification.Recipient, error)
	RecentBatches(ctx context.Context, actor gateway.Actor, enteID string) ([]gateway.BatchName, error)
	Reveal(ctx context.Context, actor gateway.Actor, id, reason string) (notification.Recipient, error)

	SavedFilters(ctx context.Context, actor gateway.Actor) ([]gateway.SavedFilter, error)
	SavedFilter(ctx context.Context, actor gateway.Actor, id string) (gateway.SavedFilter, error)
	SaveFilter(ctx context.Context, actor gateway.Actor, name, query string) (gateway.SavedFilter, error)
	ShareFilter(ctx context.Context, actor gateway.Actor, id, enteID string) error
	DeleteFilter(ctx context.Context, actor gateway.Actor, id string) error

	CountForExport(ctx context.Context, actor gateway.Actor, query gateway.Query) (rows int, more bool, err error)
	ExportNotifications(ctx context.Context, actor gateway.Actor, query gateway.Query, w io.Writer, export gateway.Export) error
}

func (f *Frontend) mountSearch(r *routes) {
	one := notificationsPath + "/:id"

	r.post(notificationsPath+"/search", gateway.PermissionRead, f.search)
	r.post(one+"/"+sameCitizen, gateway.PermissionRead, f.searchSameCitizen)
	r.get(one+"/reveal", gateway.PermissionReveal, f.askWhyRevealed)
	r.post(one+"/reveal", gateway.PermissionReveal, f.reveal)

	r.get(exportPath, gateway.PermissionRead, f.confirmExport)
	r.post(exportPath, gateway.PermissionRead, f.export)

	r.get(filtersPath, gateway.PermissionRead, f.savedFilters)
	r.post(filtersPath, gateway.PermissionRead, f.saveFilter)
	r.post(filtersPath+"/:filter/share", gateway.PermissionIntervene, f.shareFilter)
	r.get(filtersPath+"/:filter/delete", gateway.PermissionRead, f.confirmDeletingFilter)
	r.post(filtersPath+"/:filter/delete", gateway.PermissionRead, f.deleteFilter)
}

// search takes the list's forms by POST, because a codice fiscale or a phone number must not get into an address, and
// sends the browser on to the list with everything else in the address.
func (f *Frontend) search(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	if typed := strings.TrimSpace(values.Get("q")); typed != "" {
		return f.quickSearch(c, typed)
	}

	wanted := readFilter(values).firstPage()
	sought := soughtPerson{fiscalCode: fiscalcode.Normalise(values.Get("fiscal_code")), phone: strings.TrimSpace(values.Get("phone"))}

	// People paste whatever they have into the first field they see.
	if reference := fiscalcode.Normalise(wanted.Reference); looksLikeFiscalCode(reference) {
		wanted.Reference = ""
		sought.fiscalCode = reference
	}

	if holdsFiscalCode(wanted.Reference) || holdsFiscalCode(wanted.Why) {
		wanted.Reference, wanted.Why = "", ""

		f.leaveNotice(c, toneWarning, "search.holds_code")
	}

	if wanted.Person, err = f.seek(c, sought, wanted.Person); err != nil {
		return err
	}

	return redirect(c, wanted.address())
}

// soughtPerson is whom somebody looks for, as they typed it.
type soughtPerson struct {
	fiscalCode, phone string
}

// seek keeps whom somebody looks for and tells whether there is anybody. Where nothing was typed, the person before is
// kept as long as the form says so.
func (f *Frontend) seek(c echo.Context, sought soughtPerson, before bool) (bool, error) {
	ctx := c.Request().Context()

	switch {
	case sought == soughtPerson{} && before:
		return true, nil
	case sought == soughtPerson{}:
		f.forgetPerson(ctx)

		return false, nil
	case sought.fiscalCode != "" && !looksLikeFiscalCode(sought.fiscalCode):
		f.forgetPerson(ctx)
		f.leaveNotice(c, toneWarning, "list.filter.bad_fiscal_code")

		return false, nil
	}

	phone := ""

	if sought.phone != "" {
		read, err := f.gateway.ReadPhone(sought.phone)
		if err != nil {
			f.forgetPerson(ctx)
			f.leaveNotice(c, toneWarning, "search.bad_phone")

			return false, nil //nolint:nilerr // the notice tells it
		}

		phone = read
	}

	if err := f.keepPerson(ctx, whoIs(sought.fiscalCode, phone)); err != nil {
		return false, fmt.Errorf("keeping the search: %w", err)
	}

	return true, nil
}

// quickSearch finds out what was typed: an identifier leads straight to its notification; a codice fiscale or a phone
// number is searched without getting into the address; anything else is the Ente's own reference.
func (f *Frontend) quickSearch(c echo.Context, typed string) error {
	ctx := c.Request().Context()

	switch code := fiscalcode.Normalise(typed); {
	case looksLikeFiscalCode(code):
		return f.searchPerson(c, code)
	case isMistypedFiscalCode(code):
		return f.refuseSearch(c, "list.filter.bad_fiscal_code")
	case holdsFiscalCode(typed):
		return f.refuseSearch(c, "search.holds_code")
	}

	id, err := f.gateway.Find(ctx, actor(c), typed)

	switch {
	case err == nil:
		return redirect(c, notificationAddress(id))
	case !errors.Is(err, gateway.ErrNotFound):
		return fmt.Errorf("looking for an identifier: %w", err)
	}

	if phone, err := f.gateway.ReadPhone(typed); err == nil {
		return f.searchPerson(c, phone)
	}

	if strings.HasPrefix(typed, "+") {
		return f.refuseSearch(c, "search.bad_phone")
	}

	return redirect(c, filter{Reference: typed}.address())
}

func (f *Frontend) searchPerson(c echo.Context, whom string) error {
	if err := f.keepPerson(c.Request().Context(), whom); err != nil {
		return fmt.Errorf("keeping the search: %w", err)
	}

	return redirect(c, filter{Person: true}.address())
}

// refuseSearch keeps out of the address what may be somebody's data.
func (f *Frontend) refuseSearch(c echo.Context, key string) error {
	f.leaveNotice(c, toneWarning, key)

	return redirect(c, notificationsPath)
}

// searchSameCitizen lists the other notifications of a notification's citizen, whom nobody needs to see for that.
func (f *Frontend) searchSameCitizen(c echo.Context) error {
	recipient, err := f.gateway.RecipientOf(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a recipient: %w", err)
	}

	return f.searchPerson(c, recipient.FiscalCode)
}

func looksLikeFiscalCode(text string) bool {
	_, err := fiscalcode.Parse(text)

	return err == nil
}

// isMistypedFiscalCode tells whether a text has the form of a person's code, and one character is wrong.
func isMistypedFiscalCode(text string) bool {
	_, err := fiscalcode.Parse(text)

	return errors.Is(err, fiscalcode.ErrCheckCharacter) || errors.Is(err, fiscalcode.ErrDay) || errors.Is(err, fiscalcode.ErrMonth)
}

// holdsFiscalCode tells whether a word of a text is a person's codice fiscale, or was meant to be one. Eleven digits may
// be any number of the Ente's.
func holdsFiscalCode(text string) bool {
	const digitsOnly = "0123456789"

	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		code := fiscalcode.Normalise(word)
		if strings.Trim(code, digitsOnly) != "" && looksLikeFiscalCode(code) || isMistypedFiscalCode(code) {
			return true
		}
	}

	return false
}
