package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// failure is an error of this package that already knows which problem it is.
type failure struct {
	code   ProblemCode
	fields notification.FieldErrors
}

func (f *failure) Error() string {
	if len(f.fields) == 0 {
		return string(f.code)
	}

	return string(f.code) + ": " + f.fields.Error()
}

func fail(code ProblemCode, fields ...notification.FieldError) error {
	return &failure{code: code, fields: fields}
}

// failureOf tells which problem any error is. What it does not know is an internal error.
func failureOf(err error) failure {
	var (
		known    *failure
		fields   notification.FieldErrors
		wrong    *json.UnmarshalTypeError
		httpFail *echo.HTTPError
	)

	switch {
	case errors.As(err, &known):
		return *known
	case errors.As(err, &fields):
		return failure{code: ProblemInvalidRequest, fields: fields}
	case errors.As(err, &wrong):
		return failure{code: ProblemInvalidRequest, fields: notification.FieldErrors{wrongType(wrong.Field)}}
	case errors.As(err, &httpFail):
		return failure{code: problemOfStatus(httpFail.Code)}
	default:
		return failure{code: problemOfSentinel(err)}
	}
}

func problemOfSentinel(err error) ProblemCode {
	switch {
	case errors.Is(err, gateway.ErrNotFound):
		return ProblemNotFound
	case errors.Is(err, gateway.ErrForbidden):
		return ProblemForbidden
	case errors.Is(err, gateway.ErrUnauthenticated):
		return ProblemUnauthenticated
	case errors.Is(err, gateway.ErrAddressRefused):
		return ProblemAddressNotAllowed
	case errors.Is(err, gateway.ErrIdempotencyConflict):
		return ProblemIdempotencyConflict
	case errors.Is(err, gateway.ErrState):
		return ProblemStateConflict
	case errors.Is(err, gateway.ErrTooMany):
		return ProblemTooManyRequests
	case errors.Is(err, gateway.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return ProblemUnavailable
	default:
		return ProblemInternal
	}
}

// problemOfStatus is the problem of an error that Echo or the generated code made: their texts may repeat what was sent.
func problemOfStatus(status int) ProblemCode {
	switch {
	case status == http.StatusNotFound:
		return ProblemNotFound
	case status == http.StatusMethodNotAllowed:
		return ProblemMethodNotAllowed
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError:
		return ProblemBadRequest
	default:
		return ProblemInternal
	}
}
