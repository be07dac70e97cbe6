package frontend

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

// errorPage explains a status in plain words.
type errorPage struct {
	page
	Status int
	// Heading and Advice are messages, not keys.
	Heading string
	Advice  string
}

// renderErrors turns the error of a handler into the backoffice's own page. Faults are logged here, once.
func (f *Frontend) renderErrors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err == nil {
			return nil
		}

		status := statusOf(err)
		if status == http.StatusInternalServerError {
			f.logFault(c.Response(), c.Request(), err)
		}

		if !c.Response().Committed {
			f.writeError(c.Response(), f.basePage(c.Request(), account(c)), status)
		}

		return nil
	}
}

// answerError is for requests that no route of ours took.
func (f *Frontend) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}

	hardenHeader(c.Response().Header())
	f.writeError(c.Response(), f.basePage(c.Request(), nil), statusOf(err))
}

func statusOf(err error) int {
	var ofEcho *echo.HTTPError

	switch {
	case errors.As(err, &ofEcho):
		return ofEcho.Code
	case errors.Is(err, gateway.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, gateway.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, gateway.ErrState):
		return http.StatusConflict
	case errors.Is(err, gateway.ErrUnavailable):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// logFault names the route, never the address itself: whatever somebody types may stand in it.
func (f *Frontend) logFault(w http.ResponseWriter, r *http.Request, err error) {
	f.log.Error(
		"a page could not be answered",
		zap.String("method", r.Method), zap.String("route", r.Pattern), requestID(w), zap.Error(err),
	)
}

// requestID is the request's id as the server gave it; empty where it gives none.
func requestID(w http.ResponseWriter) zap.Field {
	return zap.String("request_id", w.Header().Get(echo.HeaderXRequestID))
}

// writeError needs neither a session nor Echo: it has to work when they do not.
func (f *Frontend) writeError(w http.ResponseWriter, base page, status int) {
	key := "error." + strconv.Itoa(status)
	if base.T(key+".title") == key+".title" {
		key = "error.other"
	}

	base.Title = base.T(key + ".title")

	text, err := f.render("error.html", "layout.html", errorPage{
		page: base, Status: status, Heading: base.Title, Advice: base.T(key + ".advice"),
	})
	if err != nil {
		f.log.Error("the error page could not be rendered", zap.Error(err))
		http.Error(w, http.StatusText(status), status)

		return
	}

	w.Header().Set("Content-Type", echo.MIMETextHTMLCharsetUTF8)
	w.WriteHeader(status)

	if _, err := w.Write(text); err != nil {
		f.log.Debug("the browser went before the error page was sent", zap.Error(err))
	}
}
