package frontend

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

const (
	signInPath        = "/signin"
	notificationsPath = "/notifications"
)

// Handler serves the backoffice alone, its own error pages for unknown addresses included. It takes the
// client's address from the connection (RemoteAddr).
func (f *Frontend) Handler() http.Handler {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	e.HTTPErrorHandler = f.answerError
	f.Mount(e)

	return e
}

// Mount adds the backoffice's routes to an Echo that serves other things too. Each route brings its own
// middleware along, so that the others are left alone. Who tries to sign in too often is known by the address
// that Echo's IPExtractor finds.
func (f *Frontend) Mount(e *echo.Echo) {
	public := []echo.MiddlewareFunc{nameRoute, f.harden, echo.WrapMiddleware(f.sessions.LoadAndSave), f.renderErrors, f.refuseForeignForms}
	private := slices.Concat(public, []echo.MiddlewareFunc{f.requireAccount})
	// The page asks for news every few seconds by itself: that must not keep an abandoned session alive.
	polled := []echo.MiddlewareFunc{nameRoute, f.harden, f.loadSession, f.renderErrors, f.requireAccount}

	e.GET("/", f.home, public...)
	e.GET(signInPath, f.signInForm, public...)
	e.POST(signInPath, f.signIn, public...)
	e.POST("/signout", f.signOut, public...)
	e.POST("/language", f.chooseLanguage, public...)
	e.GET("/accessibilita", f.accessibility, public...)

	e.GET(notificationsPath, f.list, private...)
	e.POST(notificationsPath+"/search", f.search, private...)
	e.GET(notificationsPath+"/:id", f.detail, private...)
	e.GET(notificationsPath+"/:id/live", f.live, polled...)
	e.GET(notificationsPath+"/:id/:act", f.confirm, private...)
	e.POST(notificationsPath+"/:id/:act", f.perform, private...)
	e.RouteNotFound(notificationsPath+"/*", echo.NotFoundHandler, private...)

	e.GET("/assets/*", f.asset, nameRoute)
	e.GET("/favicon.svg", f.favicon, nameRoute)
	e.GET("/favicon.ico", f.favicon, nameRoute)
}

func (f *Frontend) home(c echo.Context) error {
	return redirect(c, notificationsPath)
}

// redirect sends the browser on with GET, whatever the method was.
func redirect(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}
