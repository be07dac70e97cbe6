package frontend

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/fiscalcode"
)

// search takes the list's form by POST, because a codice fiscale must not get into an address, and sends the
// browser on to the list with everything else in the address.
func (f *Frontend) search(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	wanted := readFilter(values).firstPage()
	typed := fiscalcode.Normalise(values.Get("fiscal_code"))

	// People paste whatever they have into the first field they see.
	if reference := fiscalcode.Normalise(wanted.Reference); looksLikeFiscalCode(reference) {
		wanted.Reference = ""
		typed = reference
	}

	ctx := c.Request().Context()

	switch {
	case typed != "" && !looksLikeFiscalCode(typed):
		f.forgetPerson(ctx)
		f.leaveNotice(c, toneWarning, "list.filter.bad_fiscal_code")

		wanted.Person = false
	case typed != "":
		if err := f.keepPerson(ctx, typed); err != nil {
			return fmt.Errorf("keeping the search: %w", err)
		}

		wanted.Person = true
	case !wanted.Person:
		f.forgetPerson(ctx)
	}

	return redirect(c, wanted.address())
}

func looksLikeFiscalCode(text string) bool {
	_, err := fiscalcode.Parse(text)

	return err == nil
}
