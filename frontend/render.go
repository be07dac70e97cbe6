package frontend

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	layoutName = "layout.html"
	// partsOnly are the parts without a page around them, for answers to htmx.
	partsOnly = "parts"
)

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
	Pauses  []pauseBanner

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

// parsePages reads a page's own file together with what all share.
func parsePages(built assets) (pages, error) {
	functions := template.FuncMap{
		"icon": func(name, class string) icon {
			return icon{Address: built.Icons + "#" + name, Class: class, Shown: built.Icons != ""}
		},
	}

	shared, err := template.New(layoutName).Funcs(functions).ParseFS(templateFiles, "templates/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the parts of pages: %w", err)
	}

	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("listing the pages: %w", err)
	}

	parsed := pages{partsOnly: shared}

	for _, name := range names {
		tree, err := template.Must(shared.Clone()).ParseFS(templateFiles, name)
		if err != nil {
			return nil, fmt.Errorf("parsing %s: %w", name, err)
		}

		parsed[path.Base(name)] = tree
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

// page begins a page with the title under the key; it takes the session's notice along.
func (f *Frontend) page(c echo.Context, titleKey string, args ...any) page {
	begun := f.basePage(c.Request(), account(c))
	begun.Title = begun.T(titleKey, args...)
	begun.Notice = f.takeNotice(c, begun)
	begun.Pauses = f.banners(c, begun)

	return begun
}

// show renders the page whole before it sends anything, so that a fault becomes an error page, not half a one.
func (f *Frontend) show(c echo.Context, status int, name string, data any) error {
	text, err := f.render(name, layoutName, data)
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
