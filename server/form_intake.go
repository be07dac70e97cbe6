package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/batch"
)

const (
	formMediaType = echo.MIMEMultipartForm
	// MaxUploadBytes bounds a form with a file: the file, and a MiB for what goes before it.
	MaxUploadBytes = batch.MaxBytes + 1<<20
)

// formIntake lets forms with a file in: bounded, and only as slow as a slow line is. Their parts are checked while they
// are read, since the file is never held whole.
func formIntake(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()

		mediaType, parameters, err := mime.ParseMediaType(request.Header.Get(echo.HeaderContentType))
		if err != nil || mediaType != formMediaType || parameters["boundary"] == "" || isCompressed(request.Header) {
			return fail(ProblemUnsupportedMediaType)
		}

		if request.ContentLength > MaxUploadBytes {
			// The client may go on sending what nobody reads.
			c.Response().Header().Set(echo.HeaderConnection, "close")

			return fail(ProblemBodyTooLarge)
		}

		paced := newPacedBody(request.Body, c.Response())
		request.Body = formBody(http.MaxBytesReader(c.Response(), paced, MaxUploadBytes))

		return next(c)
	}
}

// formFailure is the problem of a form that cannot be read on.
func formFailure(err error) error {
	var tooLarge *http.MaxBytesError

	switch {
	case errors.As(err, &tooLarge):
		return fail(ProblemBodyTooLarge)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("reading a form: %w", context.Canceled)
	default:
		return malformedForm()
	}
}

// formBody is a body whose end is an error: a form ends with its last boundary, and mime/multipart takes some bodies that
// end before it for whole ones. The last boundary may lack its new line.
func formBody(body io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(body, strings.NewReader("\r\n"), endless{}), body}
}

type endless struct{}

func (endless) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func malformedForm() error {
	return fail(ProblemMalformedBody, *flaw(
		"form_syntax", "is not a well-formed form, or ends before the form does",
		"non è un modulo corretto, o finisce prima del modulo",
	))
}
