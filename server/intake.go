package server

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/notification"
)

// Bounds of the body of a request to the API.
const (
	// MaxBodyBytes is many times what the longest notification takes.
	MaxBodyBytes = 1 << 20
	// MaxBulkBytes leaves a long text to each of as many items as a bulk may have.
	MaxBulkBytes = 16 << 20
)

// bodyBounds are what a body may have at most.
type bodyBounds struct {
	jsonBounds

	bytes int64
}

func plainBounds() bodyBounds {
	return bodyBounds{bytes: MaxBodyBytes, jsonBounds: jsonBounds{names: maxJSONMembers, elements: maxJSONMembers}}
}

// bulkBounds let a list be somewhat longer than the contract does, which then says so by the field's name.
func bulkBounds() bodyBounds {
	return bodyBounds{bytes: MaxBulkBytes, jsonBounds: jsonBounds{names: maxJSONMembers, elements: maxBulkElements}}
}

// intake reads the body of a request once: bounded, JSON by its header, and JSON that every reader understands alike.
func intake(bounds bodyBounds) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			request := c.Request()

			body, err := readBody(c, bounds.bytes)
			if err != nil {
				return err
			}

			if !isPlainJSON(request.Header) {
				return fail(ProblemUnsupportedMediaType)
			}

			if flaw := checkJSON(body, bounds.jsonBounds); flaw != nil {
				return fail(ProblemMalformedBody, *flaw)
			}

			request.Body = io.NopCloser(bytes.NewReader(body))
			request.ContentLength = int64(len(body))
			request.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)

			return next(c)
		}
	}
}

// readBody reads at most limit bytes. A body that announces more is refused before any of it is read.
func readBody(c echo.Context, limit int64) ([]byte, error) {
	request := c.Request()
	if request.ContentLength > limit {
		// The client may go on sending what nobody reads.
		c.Response().Header().Set(echo.HeaderConnection, "close")

		return nil, fail(ProblemBodyTooLarge)
	}

	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), request.Body, limit))

	var tooLarge *http.MaxBytesError

	switch {
	case errors.As(err, &tooLarge):
		return nil, fail(ProblemBodyTooLarge)
	case err != nil:
		return nil, fail(ProblemBadRequest)
	default:
		return body, nil
	}
}

// isPlainJSON tells whether the headers announce JSON in UTF-8, not compressed.
func isPlainJSON(header http.Header) bool {
	mediaType, parameters, err := mime.ParseMediaType(header.Get(echo.HeaderContentType))
	if err != nil || mediaType != echo.MIMEApplicationJSON {
		return false
	}

	charset := parameters["charset"]

	return (charset == "" || strings.EqualFold(charset, "utf-8")) && !isCompressed(header)
}

func isCompressed(header http.Header) bool {
	encoding := header.Get(echo.HeaderContentEncoding)

	return encoding != "" && !strings.EqualFold(encoding, "identity")
}

// flaw is what makes a body no JSON that every reader understands alike.
func flaw(code, message, messaggio string) *notification.FieldError {
	found := rule(wholeBody, code, message, messaggio)

	return &found
}
