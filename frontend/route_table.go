package frontend

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// Route is an address of the backoffice, and who may ask for it.
type Route struct {
	Method string
	// Path is Echo's pattern, such as "/notifications/:id".
	Path string
	// Permission is what the route asks of the signed-in person; empty: nothing.
	Permission gateway.Permission
	// SignedIn tells that the route is for signed-in people, whatever they may do. Without it and without a permission the
	// route is open to everybody.
	SignedIn bool
}

// Routes lists every page and act of the backoffice, once it is mounted.
func (f *Frontend) Routes() []Route { return slices.Clone(f.routes) }

// routes adds the backoffice's routes to an Echo. Each brings its own middleware along, so that what else the Echo
// serves is left alone, and each names its permission.
type routes struct {
	echo     *echo.Echo
	frontend *Frontend
	list     []Route
}

func (f *Frontend) newRoutes(e *echo.Echo) *routes { return &routes{echo: e, frontend: f} }

// open is a page that needs no account.
func (r *routes) open(method, path string, handler echo.HandlerFunc) {
	r.add(Route{Method: method, Path: path}, handler, r.frontend.pageMiddleware(harden(formLimit)))
}

// get is a page for those who have the permission.
func (r *routes) get(path string, permission gateway.Permission, handler echo.HandlerFunc) {
	r.private(http.MethodGet, path, permission, handler, harden(formLimit))
}

// post is a form of usual size.
func (r *routes) post(path string, permission gateway.Permission, handler echo.HandlerFunc) {
	r.private(http.MethodPost, path, permission, handler, harden(formLimit))
}

// ownGet is a page of every signed-in person, about nothing but the own account.
func (r *routes) ownGet(path string, handler echo.HandlerFunc) { r.own(http.MethodGet, path, handler) }

// ownPost is such a form.
func (r *routes) ownPost(path string, handler echo.HandlerFunc) {
	r.own(http.MethodPost, path, handler)
}

func (r *routes) own(method, path string, handler echo.HandlerFunc) {
	r.add(Route{Method: method, Path: path, SignedIn: true}, handler,
		append(r.frontend.pageMiddleware(harden(formLimit)), r.frontend.requireAccount))
}

// postWith is a form within other bounds.
func (r *routes) postWith(bound echo.MiddlewareFunc, path string, permission gateway.Permission, handler echo.HandlerFunc) {
	r.private(http.MethodPost, path, permission, handler, bound)
}

// poll is for news that a page asks for every few seconds by itself: that must not keep an abandoned session alive.
func (r *routes) poll(path string, permission gateway.Permission, handler echo.HandlerFunc) {
	f := r.frontend
	r.add(Route{Method: http.MethodGet, Path: path, Permission: permission, SignedIn: true}, handler, []echo.MiddlewareFunc{
		nameRoute, harden(formLimit), f.loadSession, f.renderErrors, f.requireAccount, requirePermission(permission),
	})
}

// nothingElse answers for unknown addresses below a path, to signed-in people only.
func (r *routes) nothingElse(path string) {
	r.echo.RouteNotFound(path+"/*", echo.NotFoundHandler,
		append(r.frontend.pageMiddleware(harden(formLimit)), r.frontend.requireAccount)...)
}

func (r *routes) private(method, path string, permission gateway.Permission, handler echo.HandlerFunc, bound echo.MiddlewareFunc) {
	r.add(Route{Method: method, Path: path, Permission: permission, SignedIn: true}, handler,
		append(r.frontend.pageMiddleware(bound), r.frontend.requireAccount, requirePermission(permission)))
}

func (r *routes) add(route Route, handler echo.HandlerFunc, middleware []echo.MiddlewareFunc) {
	r.echo.Add(route.Method, route.Path, handler, middleware...)
	r.list = append(r.list, route)
}

// pageMiddleware is what every page needs; bound keeps what the browser sends within limits.
func (f *Frontend) pageMiddleware(bound echo.MiddlewareFunc) []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{nameRoute, bound, echo.WrapMiddleware(f.sessions.LoadAndSave), f.renderErrors, f.refuseForeignForms}
}
