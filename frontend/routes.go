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
	public := f.pageMiddleware(harden(formLimit))
	private := append(slices.Clone(public), f.requireAccount)
	// The page asks for news every few seconds by itself: that must not keep an abandoned session alive.
	polled := []echo.MiddlewareFunc{nameRoute, harden(formLimit), f.loadSession, f.renderErrors, f.requireAccount}

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

	f.mountBatches(e, private, polled)
	f.mountTemplates(e, private)

	e.GET("/assets/*", f.asset, nameRoute)
	e.GET("/favicon.svg", f.favicon, nameRoute)
	e.GET("/favicon.ico", f.favicon, nameRoute)
}

// pageMiddleware is what every page needs; bound keeps what the browser sends within limits.
func (f *Frontend) pageMiddleware(bound echo.MiddlewareFunc) []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{nameRoute, bound, echo.WrapMiddleware(f.sessions.LoadAndSave), f.renderErrors, f.refuseForeignForms}
}

func (f *Frontend) mountBatches(e *echo.Echo, private, polled []echo.MiddlewareFunc) {
	upload := append(f.pageMiddleware(hardenUpload), f.requireAccount)

	e.GET(batchesPath, f.batchList, private...)
	e.POST(batchesPath, f.upload, upload...)
	e.GET(batchesPath+"/new", f.uploadForm, private...)
	e.GET(batchesPath+"/sample.csv", f.sampleFile, private...)

	batch := batchesPath + "/:id"
	e.GET(batch, f.batch, private...)
	e.GET(batch+"/live", f.batchNews, polled...)
	e.GET(batch+"/columns", f.columns, private...)
	e.POST(batch+"/columns", f.remap, private...)
	e.GET(batch+"/send", f.confirmSending, private...)
	e.POST(batch+"/send", f.sendBatch, private...)
	e.GET(batch+"/rows", f.findRow, private...)
	e.GET(batch+"/rows/:row/preview", f.previewRow, private...)
	e.GET(batch+"/rejects/:format", f.rejects, private...)
	e.GET(batch+"/results/:format", f.results, private...)
	e.GET(batch+"/:act", f.confirmBatchAct, private...)
	e.POST(batch+"/:act", f.performBatchAct, private...)
	e.RouteNotFound(batchesPath+"/*", echo.NotFoundHandler, private...)
}

func (f *Frontend) mountTemplates(e *echo.Echo, private []echo.MiddlewareFunc) {
	forms := append(f.pageMiddleware(harden(templateFormLimit)), f.requireAccount)

	e.GET(templatesPath, f.templateList, private...)
	e.POST(templatesPath, f.createTemplate, forms...)
	e.GET(templatesPath+"/new", f.newTemplate, private...)
	e.POST(templatesPath+"/preview", f.previewTemplate, forms...)

	template := templatesPath + "/:id"
	e.GET(template, f.template, private...)
	e.POST(template, f.reviseTemplate, forms...)
	e.GET(template+"/archive", f.confirmArchiving, private...)
	e.POST(template+"/archive", f.archiveTemplate, private...)
	e.RouteNotFound(templatesPath+"/*", echo.NotFoundHandler, private...)
}

func (f *Frontend) home(c echo.Context) error {
	return redirect(c, notificationsPath)
}

// redirect sends the browser on with GET, whatever the method was.
func redirect(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}
