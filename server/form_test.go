package server_test

import (
	"bytes"
	"mime/multipart"
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"
)

const fileContent = "codice_fiscale;nome\r\nRSSMRA80A01H501U;Mario\r\n"

// form is a form being written.
type form struct {
	t      *testing.T
	body   bytes.Buffer
	writer *multipart.Writer
}

func newForm(t *testing.T) *form {
	t.Helper()

	written := &form{t: t}
	written.writer = multipart.NewWriter(&written.body)

	return written
}

// validForm is a form up to its file.
func validForm(t *testing.T) *form {
	t.Helper()

	return newForm(t).text("service_id", serviceID).text("template_id", templateID)
}

func (f *form) text(name, value string) *form {
	f.t.Helper()
	require.NoError(f.t, f.writer.WriteField(name, value))

	return f
}

func (f *form) file(name, content string) *form {
	f.t.Helper()

	part, err := f.writer.CreateFormFile("file", name)
	require.NoError(f.t, err)

	_, err = part.Write([]byte(content))
	require.NoError(f.t, err)

	return f
}

// part writes a part with headers of its own.
func (f *form) part(header map[string]string, content string) *form {
	f.t.Helper()

	own := textproto.MIMEHeader{}
	for name, value := range header {
		own.Set(name, value)
	}

	part, err := f.writer.CreatePart(own)
	require.NoError(f.t, err)

	_, err = part.Write([]byte(content))
	require.NoError(f.t, err)

	return f
}

// end gives the form and its media type.
func (f *form) end() (body, mediaType string) {
	f.t.Helper()
	require.NoError(f.t, f.writer.Close())

	return f.body.String(), f.writer.FormDataContentType()
}
