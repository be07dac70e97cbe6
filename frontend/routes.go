package frontend

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
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
	r := f.newRoutes(e)

	r.open(http.MethodGet, signInPath, f.signInForm)
	r.open(http.MethodPost, signInPath, f.signIn)
	r.open(http.MethodPost, "/signout", f.signOut)
	r.open(http.MethodPost, "/language", f.chooseLanguage)
	r.open(http.MethodGet, "/accessibilita", f.accessibility)
	r.open(http.MethodGet, "/", f.home)

	f.mountDashboard(r)
	f.mountNotifications(r)
	f.mountSearch(r)
	f.mountBatches(r)
	f.mountTemplates(r)
	f.mountRegistry(r)
	f.mountKeys(r)
	f.mountWebhooks(r)
	f.mountInterventions(r)
	f.mountPauses(r)
	f.mountReconciliation(r)
	f.mountCorrections(r)
	f.mountCompose(r)
	f.mountAudit(r)
	f.mountAccess(r)
	f.mountPrivacy(r)

	e.GET("/assets/*", f.asset, nameRoute)
	e.GET("/favicon.svg", f.favicon, nameRoute)
	e.GET("/favicon.ico", f.favicon, nameRoute)

	f.routes = r.list
}

func (f *Frontend) mountNotifications(r *routes) {
	notification := notificationsPath + "/:id"

	r.get(notificationsPath, gateway.PermissionRead, f.list)
	r.get(notification, gateway.PermissionRead, f.detail)
	r.poll(notification+"/live", gateway.PermissionRead, f.live)
	r.get(notification+"/:act", gateway.PermissionAct, f.confirm)
	r.post(notification+"/:act", gateway.PermissionAct, f.perform)
	r.nothingElse(notificationsPath)
}

func (f *Frontend) mountBatches(r *routes) {
	batch := batchesPath + "/:id"

	r.get(batchesPath, gateway.PermissionRead, f.batchList)
	r.postWith(hardenUpload, batchesPath, gateway.PermissionSend, f.upload)
	r.get(batchesPath+"/new", gateway.PermissionSend, f.uploadForm)
	r.get(batchesPath+"/sample.csv", gateway.PermissionRead, f.sampleFile)
	r.get(batch, gateway.PermissionRead, f.batch)
	r.poll(batch+"/live", gateway.PermissionRead, f.batchNews)
	r.get(batch+"/columns", gateway.PermissionSend, f.columns)
	r.post(batch+"/columns", gateway.PermissionSend, f.remap)
	r.get(batch+"/send", gateway.PermissionSend, f.confirmSending)
	r.post(batch+"/send", gateway.PermissionSend, f.sendBatch)
	r.get(batch+"/rows", gateway.PermissionRead, f.findRow)
	r.get(batch+"/rows/:row/preview", gateway.PermissionRead, f.previewRow)
	r.get(batch+"/rejects/:format", gateway.PermissionSend, f.rejects)
	r.get(batch+"/results/:format", gateway.PermissionRead, f.results)
	r.get(batch+"/:act", gateway.PermissionSend, f.confirmBatchAct)
	r.post(batch+"/:act", gateway.PermissionSend, f.performBatchAct)
	r.nothingElse(batchesPath)
}

func (f *Frontend) mountTemplates(r *routes) {
	template := templatesPath + "/:id"

	r.get(templatesPath, gateway.PermissionRead, f.templateList)
	r.postWith(harden(templateFormLimit), templatesPath, gateway.PermissionCompose, f.createTemplate)
	r.get(templatesPath+"/new", gateway.PermissionCompose, f.newTemplate)
	r.postWith(harden(templateFormLimit), templatesPath+"/preview", gateway.PermissionCompose, f.previewTemplate)
	r.get(template, gateway.PermissionRead, f.template)
	r.postWith(harden(templateFormLimit), template, gateway.PermissionCompose, f.reviseTemplate)
	r.get(template+"/archive", gateway.PermissionCompose, f.confirmArchiving)
	r.post(template+"/archive", gateway.PermissionCompose, f.archiveTemplate)
	r.nothingElse(templatesPath)
}

func (f *Frontend) home(c echo.Context) error {
	return redirect(c, dashboardPath)
}

// redirect sends the browser on with GET, whatever the method was.
func redirect(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}
