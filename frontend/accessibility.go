package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"

	"github.com/labstack/echo/v4"
)

// Accessibility is what the body that runs GeNIO says in its declaration of accessibility (law 4 of 2004, article
// 3-quater). Everything may be empty: the page then says what is missing.
type Accessibility struct {
	// Body is the name of the body, as in AgID's list, such as "Regione Esempio".
	Body string
	// Feedback is the address of e-mail for problems with accessibility.
	Feedback string
	// Statement is the address of the declaration that was filled in on form.agid.gov.it; it is renewed each year by
	// 23 September.
	Statement string
}

// check refuses what the page could not link to.
func (a Accessibility) check() error {
	if a.Feedback != "" {
		if address, err := mail.ParseAddress(a.Feedback); err != nil || address.Address != a.Feedback {
			return errors.New("the feedback address for accessibility is no address of e-mail")
		}
	}

	if a.Statement != "" {
		if address, err := url.Parse(a.Statement); err != nil || address.Scheme != "https" || address.Host == "" {
			return errors.New("the declaration of accessibility must have an https address")
		}
	}

	return nil
}

// accessibilityPage follows AgID's model of the declaration.
type accessibilityPage struct {
	page
	Accessibility

	Mail string // the link to write to
}

// accessibility tells honestly how the pages were built and checked, in the order of AgID's model. The declaration itself
// is what the body that runs GeNIO fills in on AgID's site.
func (f *Frontend) accessibility(c echo.Context) error {
	signedIn, err := f.signedIn(c)
	if err == nil {
		c.Set(accountKey, signedIn)
	}

	shown := accessibilityPage{page: f.page(c, "accessibility.title"), Accessibility: f.statement}
	if shown.Body == "" {
		shown.Body = shown.T("accessibility.body")
	}

	if shown.Feedback != "" {
		shown.Mail = "mailto:" + shown.Feedback
	}

	if err := f.show(c, http.StatusOK, "accessibility.html", shown); err != nil {
		return fmt.Errorf("showing the accessibility page: %w", err)
	}

	return nil
}
