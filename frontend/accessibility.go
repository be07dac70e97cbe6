package frontend

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// accessibility tells honestly how the pages were built and checked. It is no substitute for the yearly
// declaration, which the body that runs GeNIO has to make itself (law 4 of 2004, article 3-quater).
func (f *Frontend) accessibility(c echo.Context) error {
	signedIn, err := f.signedIn(c)
	if err == nil {
		c.Set(accountKey, signedIn)
	}

	if err := f.show(c, http.StatusOK, "accessibility.html", f.page(c, "accessibility.title")); err != nil {
		return fmt.Errorf("showing the accessibility page: %w", err)
	}

	return nil
}
