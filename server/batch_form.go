package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/runtime"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server/api"
)

const (
	filePart = "file"
	// maxFormParts is above what the contract has; each part costs some work before it is refused.
	maxFormParts = 20
	// maxPartBytes is above the longest part, the mapping of 200 columns.
	maxPartBytes = 128 << 10
)

// batchFormOf is the check of the form in which a batch is handed in.
func batchFormOf(contract *openapi3.T) schemaCheck {
	return newSchemaCheck(contract.Components.Schemas["BatchUpload"].Value)
}

// batchForm is a form that is being read: the parts before the file.
type batchForm struct {
	check  schemaCheck
	parts  *multipart.Reader
	values map[string]any
	broken notification.FieldErrors
}

// readBatchForm reads the form up to its file, and leaves that for the gateway to read.
func readBatchForm(parts *multipart.Reader, check schemaCheck) (gateway.BatchUpload, *uploadedFile, error) {
	form := batchForm{check: check, parts: parts, values: map[string]any{}}

	file, err := form.readToFile()
	if err != nil {
		return gateway.BatchUpload{}, nil, err
	}

	if broken := form.errors(); len(broken) > 0 {
		return gateway.BatchUpload{}, nil, fail(ProblemInvalidRequest, broken...)
	}

	delete(form.values, filePart)

	var body api.BatchUpload
	if err := runtime.BindJSONValue(form.values, &body); err != nil {
		// The library's words could repeat a value.
		return gateway.BatchUpload{}, nil, errors.New("a checked form cannot be bound")
	}

	return uploadOf(body, file), file, nil
}

// errors lists the invalid parts: those that could not be read, and what the contract says of the others.
func (f *batchForm) errors() notification.FieldErrors {
	read := slices.DeleteFunc(f.check.errorsOf(f.values, wholeBody), func(found notification.FieldError) bool {
		return slices.ContainsFunc(f.broken, func(known notification.FieldError) bool { return known.Field == found.Field })
	})

	return tidy(append(f.broken, read...))
}

// readToFile reads the parts before the file; nil where there is none.
func (f *batchForm) readToFile() (*uploadedFile, error) {
	for range maxFormParts {
		part, err := f.parts.NextRawPart()

		switch {
		case errors.Is(err, io.EOF):
			return nil, nil //nolint:nilnil // a form without a file, of which the check says that it is required
		case err != nil:
			return nil, formFailure(err)
		case part.FormName() == filePart:
			f.values[filePart] = "" // it is there; the rest is checked while it is read

			return &uploadedFile{part: part, rest: f.parts, left: batch.MaxBytes}, checkEncoding(part)
		}

		if err := f.take(part); err != nil {
			return nil, err
		}
	}

	return nil, fail(ProblemMalformedBody, *flaw(
		ruleTooMany, fmt.Sprintf("has more than %d parts", maxFormParts), fmt.Sprintf("ha più di %d parti", maxFormParts),
	))
}

// take reads a part that is not the file.
func (f *batchForm) take(part *multipart.Part) error {
	name := part.FormName()
	if name == "" {
		return malformedForm()
	}

	schema := f.check.schema.Properties[name]
	_, isRepeated := f.values[name]

	switch {
	case schema == nil:
		f.broken = append(f.broken, unknownField(safeName(name)))

		return nil
	case isRepeated:
		f.broken = append(f.broken, repeated(name))

		return nil
	case part.FileName() != "":
		f.values[name] = nil
		f.broken = append(f.broken, rule(name, ruleType, "must be a text and no file", "deve essere un testo e non un file"))

		return nil
	}

	if err := checkEncoding(part); err != nil {
		return err
	}

	text, err := io.ReadAll(io.LimitReader(part, maxPartBytes+1))
	if err != nil {
		return formFailure(err)
	}

	f.values[name] = f.valueOf(name, text, schema.Value)

	return nil
}

// checkEncoding refuses parts in an encoding of e-mail, which RFC 7578, 4.7, does away with.
func checkEncoding(part *multipart.Part) error {
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "7bit", "8bit", "binary":
		return nil
	default:
		return fail(ProblemUnsupportedMediaType)
	}
}

// valueOf is what a part's text means by its schema. Of a text that means nothing it notes why, and nil stands for it.
func (f *batchForm) valueOf(name string, text []byte, schema *openapi3.Schema) any {
	switch {
	case len(text) > maxPartBytes:
		f.broken = append(f.broken, rule(
			name, ruleTooLong,
			fmt.Sprintf("must have at most %d bytes", maxPartBytes), fmt.Sprintf("deve avere al massimo %d byte", maxPartBytes),
		))

		return nil
	case !utf8.Valid(text):
		f.broken = append(f.broken, rule(name, ruleFormat, "must be UTF-8", "deve essere in UTF-8"))

		return nil
	case schema.Type.Is(openapi3.TypeString):
		return string(text)
	default:
		return f.jsonOf(name, text)
	}
}

// jsonOf reads what is not a text.
func (f *batchForm) jsonOf(name string, text []byte) any {
	if flaw := checkJSON(text, plainBounds().jsonBounds); flaw != nil {
		flaw.Field = name
		f.broken = append(f.broken, *flaw)

		return nil
	}

	reader := json.NewDecoder(strings.NewReader(string(text)))
	reader.UseNumber()

	var value any
	if err := reader.Decode(&value); err != nil { // checkJSON lets no such text pass
		f.broken = append(f.broken, wrongType(name))
	}

	return value
}

func uploadOf(body api.BatchUpload, file *uploadedFile) gateway.BatchUpload {
	upload := gateway.BatchUpload{
		ServiceID:       strings.ToLower(body.ServiceID),
		TemplateID:      strings.ToLower(body.TemplateID),
		TemplateVersion: int(body.TemplateVersion),
		Name:            body.Name,
		FileName:        file.name(),
		Priority:        notification.Priority(body.Priority),
		File:            file,
	}

	if len(body.Columns) > 0 {
		upload.Columns = make(map[string]batch.Field, len(body.Columns))
		for header, field := range body.Columns {
			upload.Columns[header] = batch.Field(field)
		}
	}

	return upload
}
