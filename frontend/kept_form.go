package frontend

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

// A form that comes after the session has ended is kept in the browser's next session, which the database encrypts and
// forgets after half an hour unused. It is given back to the person who worked in the browser last, and to nobody else: a
// signed cookie tells who that was.
const (
	keptPath = "/resume"

	ownerCookie = "genio_owner"
	// keptLimit bounds what is kept of a form, in bytes.
	keptLimit = 256 << 10
)

// secretField is the name of a field that is never kept.
var secretField = regexp.MustCompile(`(?i)passw|secret|token|(^|[_.-])keys?($|[_.-])`)

// keptForm is a form that came too late.
type keptForm struct {
	Owner      string     `json:"owner"`
	Membership string     `json:"membership"`
	Path       string     `json:"path"`
	Address    string     `json:"address"` // the path with its query
	Fields     url.Values `json:"fields"`
	Multipart  bool       `json:"multipart"`
}

// markBrowser leaves in the browser who works in it, for [Frontend.keepForm].
func (f *Frontend) markBrowser(c echo.Context, signedIn gateway.Account) error {
	mark, err := f.gateway.FormOwnerMark(signedIn)
	if err != nil {
		return err //nolint:wrapcheck // it says what was being done
	}

	if mark != "" {
		c.SetCookie(f.ownerCookie(mark, 0))
	}

	return nil
}

// unmarkBrowser forgets who worked in the browser: whoever signs out leaves nothing behind.
func (f *Frontend) unmarkBrowser(c echo.Context) {
	if _, err := c.Cookie(f.ownerCookieName()); err == nil {
		c.SetCookie(f.ownerCookie("", -1))
	}
}

func (f *Frontend) ownerCookieName() string {
	if f.secureURL {
		return hostPrefix + ownerCookie
	}

	return ownerCookie
}

func (f *Frontend) ownerCookie(value string, maxAge int) *http.Cookie {
	//nolint:gosec // Secure follows the installation, which knows whether it is reached by HTTPS
	return &http.Cookie{
		Name: f.ownerCookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: f.secureURL, SameSite: http.SameSiteLaxMode,
	}
}

// keepForm keeps what somebody wanted to submit whose session has ended meanwhile. What cannot be kept is lost, as if this did
// not exist.
func (f *Frontend) keepForm(c echo.Context) {
	if c.Request().Method != http.MethodPost || isFragment(c) {
		return
	}

	cookie, err := c.Cookie(f.ownerCookieName())
	if err != nil {
		return
	}

	owner, membership, err := f.gateway.FormOwner(cookie.Value)
	if err != nil {
		return
	}

	fields, inParts, err := submittedFields(c.Request())
	if err != nil || len(fields) == 0 {
		return
	}

	address := c.Request().URL
	f.putKept(c.Request().Context(), keptForm{
		Owner: owner, Membership: membership, Path: address.Path, Address: address.RequestURI(), Fields: fields, Multipart: inParts,
	})
	f.log.Info("a form came after its session had ended and was kept", requestID(c.Response()), zap.String("account_id", owner))
}

func (f *Frontend) putKept(ctx context.Context, kept keptForm) {
	text, err := json.Marshal(kept)
	if err == nil {
		f.sessions.Put(ctx, sessionKept, text)
	}
}

func (f *Frontend) keptForm(ctx context.Context) (keptForm, bool) {
	var kept keptForm

	text := f.sessions.GetBytes(ctx, sessionKept)
	if len(text) == 0 || json.Unmarshal(text, &kept) != nil {
		return keptForm{}, false
	}

	return kept, true
}

// forgetSubmitted forgets the kept form once it is submitted after all.
func (f *Frontend) forgetSubmitted(c echo.Context) {
	ctx := c.Request().Context()
	if c.Request().Method != http.MethodPost || !f.sessions.Exists(ctx, sessionKept) {
		return
	}

	if kept, waits := f.keptForm(ctx); waits && kept.Path == c.Request().URL.Path {
		f.sessions.Remove(ctx, sessionKept)
	}
}

var errTooMuch = errors.New("more than is kept of a form")

// submittedFields reads a form without its files and secrets.
func submittedFields(r *http.Request) (fields url.Values, inParts bool, err error) {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil {
		return nil, false, err //nolint:wrapcheck // the caller only wants to know whether
	}

	switch kind {
	case echo.MIMEApplicationForm:
		body, err := io.ReadAll(io.LimitReader(r.Body, keptLimit+1))
		if err != nil || len(body) > keptLimit {
			return nil, false, errors.Join(err, errTooMuch)
		}

		fields, err = url.ParseQuery(string(body))
		if err != nil {
			return nil, false, err //nolint:wrapcheck // as above
		}
	case echo.MIMEMultipartForm:
		if fields, err = partFields(multipart.NewReader(r.Body, parameters["boundary"])); err != nil {
			return nil, true, err
		}
	}

	for name := range fields {
		if secretField.MatchString(name) {
			fields.Del(name)
		}
	}

	return fields, kind == echo.MIMEMultipartForm, nil
}

// partFields reads up to the first file: what comes behind it may be long.
func partFields(parts *multipart.Reader) (url.Values, error) {
	fields, left := url.Values{}, keptLimit

	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}

		if err != nil {
			return nil, err //nolint:wrapcheck // the caller only wants to know whether
		}

		if part.FileName() != "" {
			return fields, nil
		}

		text, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
		if err != nil || len(text) > left {
			return nil, errors.Join(err, errTooMuch)
		}

		left -= len(text)
		fields.Add(part.FormName(), string(text))
	}
}

// keptPage gives a kept form back.
type keptPage struct {
	page
	Address   string
	Multipart bool
	Inputs    []fact
	Shown     []fact
}

// hiddenFields say nothing to people.
func hiddenFields() []string {
	return []string{"once", "id", paramSeen, "about", "about_version", "back", "next"}
}

func (f *Frontend) resume(c echo.Context) error {
	kept, waits := f.keptForm(c.Request().Context())
	if !waits || kept.Owner != account(c).ID {
		return redirect(c, dashboardPath)
	}

	shown := keptPage{page: f.page(c, "kept.title"), Address: kept.Address, Multipart: kept.Multipart}
	shown.Section = ""

	names := make([]string, 0, len(kept.Fields))
	for name := range kept.Fields {
		names = append(names, name)
	}

	slices.Sort(names)

	for _, name := range names {
		for _, value := range kept.Fields[name] {
			shown.Inputs = append(shown.Inputs, fact{Name: name, Value: value})

			if value != "" && !slices.Contains(hiddenFields(), name) {
				shown.Shown = append(shown.Shown, fact{Name: name, Value: value})
			}
		}
	}

	return f.show(c, http.StatusOK, "kept_form.html", shown)
}

// discard forgets the kept form.
func (f *Frontend) discard(c echo.Context) error {
	f.sessions.Remove(c.Request().Context(), sessionKept)
	f.leaveNotice(c, toneSuccess, "kept.discarded")

	return redirect(c, dashboardPath)
}
