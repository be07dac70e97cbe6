package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
	"github.com/genio-gateway/genio/telemetry"
)

const (
	problemMediaType = "application/problem+json"
	// retryAfterSeconds is long enough for a database to fail over, short enough for a sender to wait.
	retryAfterSeconds = 10
)

// problemWriter is the only place that writes errors. It is Echo's HTTPErrorHandler.
type problemWriter struct {
	publicURL string
	log       *zap.Logger
}

func (w problemWriter) write(err error, c echo.Context) {
	found := failureOf(err)
	w.report(found.code, err, c)

	// Part of an answer has gone out already; nothing can be said any more. logAccess drops the connection.
	if c.Response().Committed {
		return
	}

	problem := found.code.Describe()
	lang := preferredLanguage(c.Request().Header.Get("Accept-Language"))
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, problemMediaType)
	header.Set("Content-Language", string(lang))
	header.Add(echo.HeaderVary, "Accept-Language")
	header.Set(echo.HeaderCacheControl, "no-store")

	switch found.code {
	case ProblemUnauthenticated:
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="GeNIO"`)
	case ProblemUnavailable, ProblemTooManyRequests:
		if header.Get(echo.HeaderRetryAfter) == "" {
			header.Set(echo.HeaderRetryAfter, strconv.Itoa(retryAfterSeconds))
		}
	default:
	}

	c.Response().WriteHeader(problem.Status)

	if c.Request().Method == http.MethodHead {
		return
	}

	body := w.body(problem, found.fields, lang, requestID(c))
	if err := json.NewEncoder(c.Response()).Encode(body); err != nil {
		w.log.Debug("the client left before its error was written", zap.String("request_id", requestID(c)))
	}
}

func (w problemWriter) body(problem Problem, fields notification.FieldErrors, lang notification.Lang, id string) api.Problem {
	body := api.Problem{
		Type:      w.publicURL + errorsPath + "#" + string(problem.Code),
		Title:     problem.Title.In(lang),
		Status:    int32(problem.Status), //nolint:gosec // an HTTP status
		Detail:    problem.Detail.In(lang),
		Code:      string(problem.Code),
		RequestID: id,
	}

	body.Errors = fieldErrorsOf(fields)

	return body
}

// report logs what somebody has to look at: faults, and parts that cannot be reached. Everything else is the
// caller's own and stands in the access log.
func (w problemWriter) report(code ProblemCode, err error, c echo.Context) {
	fields := []zap.Field{
		zap.String("request_id", requestID(c)),
		zap.String("route", routeOf(c)),
		zap.String("error", telemetry.Redacted(err.Error())),
	}

	switch {
	case errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil:
		w.log.Debug("the client left before its answer", fields...)
	case code == ProblemInternal:
		w.log.Error("a request failed", fields...)
	case code == ProblemUnavailable:
		w.log.Warn("a request could not be served now", fields...)
	}
}
