package frontend

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const layoutFile = "templates/layout.html"

// pages are the parsed templates, by the name of the page's file.
type pages map[string]*template.Template

// page is what every page shows.
type page struct {
	Lang    notification.Lang
	Title   string
	Account *gateway.Account
	Assets  assets
	Here    string // the address to come back to after choosing a language
	Section string // the part of the backoffice that the page belongs to, as the main navigation has it
	Notice  *notice

	messages catalogue
}

// notice tells on the next page what an act did.
type notice struct {
	Kind string // "success", "warning" or "danger"
	Text string
}

// T is the message under the key in the page's language.
func (p page) T(key string, args ...any) string { return p.messages.text(p.Lang, key, args...) }

// N is the message for a number of things: the one under key.one for a single thing, else the one under key.many.
func (p page) N(key string, n int) string {
	if n == 1 {
		return p.T(key+".one", count(n, p.Lang))
	}

	return p.T(key+".many", count(n, p.Lang))
}

// Other is the language to change to.
func (p page) Other() notification.Lang {
	if p.Lang == notification.English {
		return notification.Italian
	}

	return notification.English
}

func parsePages(built assets) (pages, error) {
	shared := []string{
		layoutFile, "templates/parts.html", "templates/live.html", "templates/batch_live.html", "templates/batch_columns.html",
		"templates/batch_check.html", "templates/batch_progress.html", "templates/message_view.html", "templates/template_preview.html",
	}
	names := []string{
		"signin.html", "list.html", "detail.html", "live.html", "confirm.html", "accessibility.html", "error.html",
		"batches.html", "batch.html", "batch_upload.html", "batch_columns_page.html", "batch_send.html", "batch_row.html",
		"templates.html", "template.html",
	}
	functions := template.FuncMap{
		"icon": func(name, class string) icon {
			return icon{Address: built.Icons + "#" + name, Class: class, Shown: built.Icons != ""}
		},
	}
	parsed := pages{}

	for _, name := range names {
		files := append(slices.Clone(shared), "templates/"+name)

		tree, err := template.New("layout.html").Funcs(functions).ParseFS(templateFiles, files...)
		if err != nil {
			return nil, fmt.Errorf("parsing page %s: %w", name, err)
		}

		parsed[name] = tree
	}

	return parsed, nil
}

// icon is a drawing of the design system, hidden from screen readers: the words beside it say the same.
type icon struct {
	Address string
	Class   string
	Shown   bool
}

// basePage is a page without a session behind it.
func (f *Frontend) basePage(r *http.Request, signedIn *gateway.Account) page {
	here := r.URL.RequestURI()
	section := sectionOf(r.URL.Path)

	if r.Method != http.MethodGet {
		here = section
	}

	return page{Lang: languageOf(r), Account: signedIn, Assets: f.assets, Here: here, Section: section, messages: f.messages}
}

// sectionOf is the address of the part of the backoffice in which a path lies.
func sectionOf(path string) string {
	for _, section := range []string{batchesPath, templatesPath} {
		if path == section || strings.HasPrefix(path, section+"/") {
			return section
		}
	}

	return notificationsPath
}

// page begins a page with the title under the key; it takes the session's notice along.
func (f *Frontend) page(c echo.Context, titleKey string, args ...any) page {
	begun := f.basePage(c.Request(), account(c))
	begun.Title = begun.T(titleKey, args...)
	begun.Notice = f.takeNotice(c, begun)

	return begun
}

// show renders the page whole before it sends anything, so that a fault becomes an error page, not half a one.
func (f *Frontend) show(c echo.Context, status int, name string, data any) error {
	text, err := f.render(name, "layout.html", data)
	if err != nil {
		return err
	}

	return c.HTMLBlob(status, text)
}

func (f *Frontend) render(name, part string, data any) ([]byte, error) {
	var text bytes.Buffer
	if err := f.pages[name].ExecuteTemplate(&text, part, data); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}

	return text.Bytes(), nil
}
