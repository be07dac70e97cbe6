package frontend

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/notification"
)

const (
	languageCookie = "genio_lang"
	languageKept   = 365 * 24 * 60 * 60 // seconds
)

// languageOf is Italian unless the person chose English. The browser's own preference does not count: the
// words of the pages are those of Italian offices and of the documents they work with.
func languageOf(r *http.Request) notification.Lang {
	cookie, err := r.Cookie(languageCookie)
	if err == nil && notification.Lang(cookie.Value).Valid() {
		return notification.Lang(cookie.Value)
	}

	return notification.Italian
}

// chooseLanguage remembers the choice in a cookie of its own, which outlives the session and works before it.
func (f *Frontend) chooseLanguage(c echo.Context) error {
	lang := notification.Lang(c.FormValue("lang"))
	if !lang.Valid() {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	//nolint:gosec // Secure follows the installation, which knows whether it is reached by HTTPS
	c.SetCookie(&http.Cookie{
		Name: languageCookie, Value: string(lang), Path: "/", MaxAge: languageKept,
		HttpOnly: true, Secure: f.secureURL, SameSite: http.SameSiteLaxMode,
	})

	return redirect(c, languageReturn(c.FormValue("back")))
}

// languageReturn keeps the pages of the sign-in where they are; localPath would turn them into the list.
func languageReturn(back string) string {
	if slices.Contains([]string{signInPath, codePath, enrolPath}, back) {
		return back
	}

	return localPath(back)
}
