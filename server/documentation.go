package server

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/notification"
)

// Where the documentation is.
const (
	documentationPath = "/docs"
	errorsPath        = documentationPath + "/errors"
	reasonsPath       = documentationPath + "/reasons"
	stylePath         = documentationPath + "/style.css"
	contractYAMLPath  = "/openapi.yaml"
	contractJSONPath  = "/openapi.json"
	// documentationPolicy: the pages have a style sheet of their own and nothing else.
	documentationPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

//go:embed documentation/*.html documentation/style.css
var documentationFiles embed.FS

// documentation is the API's documentation, rendered once from the contract and the catalogues. It needs no script and
// no other server.
type documentation struct {
	files map[string]document
}

type document struct {
	mediaType string
	content   []byte
}

func newDocumentation(contract *openapi3.T, publicURL string) (documentation, error) {
	style, err := documentationFiles.ReadFile("documentation/style.css")
	if err != nil {
		return documentation{}, fmt.Errorf("reading the style sheet: %w", err)
	}

	contractJSON, err := json.MarshalIndent(contract, "", "  ")
	if err != nil {
		return documentation{}, fmt.Errorf("writing the OpenAPI document as JSON: %w", err)
	}

	files := map[string]document{
		stylePath:        {"text/css; charset=utf-8", style},
		contractYAMLPath: {"application/yaml; charset=utf-8", []byte(contractFor(publicURL))},
		contractJSONPath: {"application/json; charset=utf-8", contractJSON},
	}

	webhooks, err := WebhookContract(contract)
	if err != nil {
		return documentation{}, err
	}

	for path, page := range pages(contract, webhooks) {
		content, err := render(page)
		if err != nil {
			return documentation{}, err
		}

		files[path] = document{"text/html; charset=utf-8", content}
	}

	return documentation{files: files}, nil
}

// page is what a template shows.
type page struct {
	template string
	Title    string
	Paths    map[string]string
	Body     any
}

func pages(contract, webhooks *openapi3.T) map[string]page {
	paths := map[string]string{
		"reference": documentationPath, "errors": errorsPath, "reasons": reasonsPath, "style": stylePath,
		"yaml": contractYAMLPath, "json": contractJSONPath,
	}

	return map[string]page{
		documentationPath: {"reference.html", contract.Info.Title, paths, referenceOf(contract, webhooks)},
		errorsPath:        {"errors.html", "Errori dell'API", paths, Problems()},
		reasonsPath:       {"reasons.html", "Motivi di esito", paths, notification.Catalogue()},
	}
}

func render(shown page) ([]byte, error) {
	parsed, err := template.New("layout.html").Funcs(template.FuncMap{"prose": prose}).
		ParseFS(documentationFiles, "documentation/layout.html", "documentation/"+shown.template)
	if err != nil {
		return nil, fmt.Errorf("reading the template of %s: %w", shown.template, err)
	}

	var content bytes.Buffer
	if err := parsed.Execute(&content, shown); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", shown.template, err)
	}

	return content.Bytes(), nil
}

func (d documentation) register(e *echo.Echo) {
	for path, file := range d.files {
		e.Match(readMethods(), path, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderContentSecurityPolicy, documentationPolicy)
			c.Response().Header().Set(echo.HeaderCacheControl, "no-cache")

			return c.Blob(http.StatusOK, file.mediaType, file.content)
		})
	}
}
