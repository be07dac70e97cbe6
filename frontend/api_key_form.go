package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	paramServices = "services"
	paramScope    = "scope"
	paramExpires  = "expires"
	paramRanges   = "ip_ranges"
	paramBound    = "requests_per_second"
	// scopeSome binds a key to some services.
	scopeSome = "some"
)

// apiKeyForm is what a person typed about a key.
type apiKeyForm struct {
	EnteID   string
	Name     string
	Scope    string // all or some
	Services []string
	Expires  string
	Ranges   string
	Bound    string // requests per second; empty: the installation's
	Seen     int
	Once     string
}

// apiKeyPage is the form of a key.
type apiKeyPage struct {
	page
	Heading string
	Form    apiKeyForm
	IsNew   bool
	Action  string
	List    string   // the address of the list
	Enti    []choice // only where the author has to say whose the key is to be
	Choices []choice // services
	// Problems are by field; Summary has the others.
	Problems map[string]string
	Summary  []string
	Facts    []fact // of a key that is there
	// Overtaken are what somebody else has made of it meanwhile.
	Overtaken []fact
}

func readAPIKeyForm(c echo.Context) (apiKeyForm, error) {
	values, err := c.FormParams()
	if err != nil || !isOnceKey(values.Get("once")) {
		return apiKeyForm{}, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}

	seen, err := strconv.Atoi(values.Get(paramSeen))
	if err != nil {
		seen = 0
	}

	form := apiKeyForm{
		EnteID: values.Get(paramEnte), Name: strings.TrimSpace(values.Get(paramName)), Scope: values.Get(paramScope),
		Expires: values.Get(paramExpires), Ranges: withoutReturns(values.Get(paramRanges)),
		Bound: strings.TrimSpace(values.Get(paramBound)), Seen: seen, Once: values.Get("once"),
	}
	if form.Scope == scopeSome {
		form.Services = values[paramServices]
	}

	if own := actor(c).EnteID; own != "" {
		form.EnteID = own
	}

	return form, nil
}

func (f *Frontend) newAPIKey(c echo.Context) error {
	ente, _, err := f.chosenEnte(c.Request().Context(), actor(c), c.QueryParam(paramEnte))
	if err != nil {
		return err
	}

	return f.showAPIKeyForm(c, http.StatusOK, apiKeyForm{EnteID: ente}, nil)
}

func (f *Frontend) showAPIKeyForm(c echo.Context, status int, form apiKeyForm, invalid notification.FieldErrors) error {
	ctx, author := c.Request().Context(), actor(c)

	_, enti, err := f.chosenEnte(ctx, author, form.EnteID)
	if err != nil {
		return err
	}

	shown := apiKeyPage{
		page: f.page(c, "api_key.new"), Form: form, IsNew: true, Action: apiKeysPath, Enti: enti,
		List: ofEnte(apiKeysPath, author, form.EnteID),
	}
	shown.Heading = shown.Title
	shown.Form.Once = newOnceKey()
	shown.Problems, shown.Summary = sortProblems(invalid, apiKeyFields(), shown.Lang)

	if shown.Choices, err = f.keyServices(ctx, author, form); err != nil {
		return err
	}

	return f.show(c, status, "api_key.html", shown)
}

// apiKeyFields are the form's names of the use case's fields.
func apiKeyFields() map[string]string {
	return map[string]string{
		paramName: paramName, "service_ids": paramServices, "expires_at": paramExpires, "ip_ranges": paramRanges, paramBound: paramBound,
		fieldEnteID: paramEnte,
	}
}

// keyServices are the services of the form's Ente.
func (f *Frontend) keyServices(ctx context.Context, author gateway.Actor, form apiKeyForm) ([]choice, error) {
	services, err := f.gateway.Services(ctx, author)
	if err != nil {
		return nil, fmt.Errorf("listing the services: %w", err)
	}

	var choices []choice

	for _, service := range services {
		if service.EnteID == form.EnteID {
			choices = append(choices, choice{
				Value: service.ID, Label: service.Name, Chosen: slices.Contains(form.Services, service.ID),
			})
		}
	}

	return choices, nil
}

func (f *Frontend) createAPIKey(c echo.Context) error {
	form, err := readAPIKeyForm(c)
	if err != nil {
		return err
	}

	author := actor(c)
	if !f.done.use(author.ID, form.Once) {
		f.leaveNotice(c, toneWarning, "api_key.made_already")

		return redirect(c, ofEnte(apiKeysPath, author, form.EnteID))
	}

	key, secret, err := f.issueAPIKey(c.Request().Context(), author, form)
	if invalid, refused := errors.AsType[notification.FieldErrors](err); refused {
		return f.showAPIKeyForm(c, http.StatusUnprocessableEntity, form, invalid)
	}

	if err != nil {
		f.done.release(author.ID, form.Once)

		return fmt.Errorf("creating an API key: %w", err)
	}

	return f.showSecret(c, key, secret, "api_key.created")
}

func (f *Frontend) issueAPIKey(ctx context.Context, author gateway.Actor, form apiKeyForm) (gateway.APIKey, string, error) {
	if form.Scope == scopeSome && len(form.Services) == 0 {
		return gateway.APIKey{}, "", notification.FieldErrors{{
			Field: "service_ids", Code: "required", Message: "choose at least one service", Messaggio: "scegliere almeno un servizio",
		}}
	}

	expires, err := parseLastDay(form.Expires)
	if err != nil {
		return gateway.APIKey{}, "", err
	}

	return f.gateway.IssueAPIKey(ctx, author, gateway.KeyWish{ //nolint:wrapcheck // the caller says what was being done.
		EnteID: form.EnteID, Name: form.Name, ServiceIDs: form.Services, IPRanges: form.Ranges, ExpiresAt: expires,
		RequestsPerSecond: parseBound(form.Bound),
	})
}

// parseBound reads how many requests per second a key may make; empty: 0, the installation's bound.
// What is no number is -1, of which the use case says what is expected.
func parseBound(text string) int {
	if text == "" {
		return 0
	}

	bound, err := strconv.Atoi(text)
	if err != nil || bound == 0 {
		return -1
	}

	return bound
}

// apiKeySecretPage shows a secret, this once.
type apiKeySecretPage struct {
	page
	Lead   string
	Name   string
	Secret string
	List   string
	Facts  []fact
}

// showSecret answers the very request that made the key: nothing keeps the secret, so that no address leads to it.
func (f *Frontend) showSecret(c echo.Context, key gateway.APIKey, secret, lead string) error {
	p := f.page(c, "api_key.secret_title")

	return f.show(c, http.StatusOK, "api_key_secret.html", apiKeySecretPage{
		page: p, Lead: p.T(lead), Name: key.Name, Secret: secret, List: ofEnte(apiKeysPath, actor(c), key.EnteID),
		Facts: f.apiKeyFacts(key, p),
	})
}

func (f *Frontend) apiKeyFacts(key gateway.APIKey, p page) []fact {
	ranges, ends, used := p.T("api_keys.anywhere"), p.T("api_keys.never"), p.T("api_keys.unused")
	bound := p.T("api_keys.usual_bound")

	if len(key.IPRanges) > 0 {
		ranges = strings.Join(key.IPRanges, ", ")
	}

	if key.RequestsPerSecond > 0 {
		bound = count(key.RequestsPerSecond, p.Lang)
	}

	if !key.ExpiresAt.IsZero() {
		ends = f.moment(key.ExpiresAt, p.Lang).shortly()
	}

	if !key.LastUsedAt.IsZero() {
		used = f.moment(key.LastUsedAt, p.Lang).shortly()
	}

	return named([]fact{
		{Name: "api_key.name", Value: key.Name},
		{Name: "api_keys.prefix", Value: key.Prefix + "…", Code: true},
		{Name: "api_keys.expires_at", Value: ends},
		{Name: "api_keys.ip_ranges", Value: ranges},
		{Name: "api_keys.requests_per_second", Value: bound},
		{Name: "api_keys.last_used_at", Value: used},
	}, p)
}

func (f *Frontend) readAPIKey(c echo.Context) (gateway.APIKey, error) {
	key, err := f.gateway.APIKey(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return gateway.APIKey{}, fmt.Errorf("reading an API key: %w", err)
	}

	return key, nil
}

// apiKey shows a key to change it.
func (f *Frontend) apiKey(c echo.Context) error {
	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	if !key.Works(f.clock()) {
		return f.keyEnded(c, key)
	}

	return f.showAPIKey(c, http.StatusOK, key, f.formOfKey(key), nil, false)
}

// keyEnded sends the person back from a key of which nothing can be changed any more.
func (f *Frontend) keyEnded(c echo.Context, key gateway.APIKey) error {
	f.leaveNotice(c, toneWarning, "api_key.too_late")

	return redirect(c, ofEnte(apiKeysPath, actor(c), key.EnteID))
}

func (f *Frontend) formOfKey(key gateway.APIKey) apiKeyForm {
	bound := ""
	if key.RequestsPerSecond > 0 {
		bound = strconv.Itoa(key.RequestsPerSecond)
	}

	return apiKeyForm{
		EnteID: key.EnteID, Name: key.Name, Expires: f.lastDay(key.ExpiresAt), Ranges: strings.Join(key.IPRanges, "\n"), Bound: bound,
		Seen: key.Version,
	}
}

func (f *Frontend) showAPIKey(
	c echo.Context, status int, key gateway.APIKey, form apiKeyForm, invalid notification.FieldErrors, overtaken bool,
) error {
	shown := apiKeyPage{
		page: f.page(c, "api_key.change", key.Name), Form: form, Action: apiKeyAddress(key.ID),
		List: ofEnte(apiKeysPath, actor(c), key.EnteID),
	}
	shown.Heading = shown.Title
	shown.Form.Once = newOnceKey()
	shown.Facts = f.apiKeyFacts(key, shown.page)
	shown.Problems, shown.Summary = sortProblems(invalid, apiKeyFields(), shown.Lang)

	if overtaken {
		shown.Overtaken, shown.Form.Seen = shown.Facts, key.Version
	}

	return f.show(c, status, "api_key.html", shown)
}

// changeAPIKey changes name, end, networks and bound. Where somebody else did so meanwhile, nothing that was typed is lost.
func (f *Frontend) changeAPIKey(c echo.Context) error {
	form, err := readAPIKeyForm(c)
	if err != nil {
		return err
	}

	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	author, list := actor(c), ofEnte(apiKeysPath, actor(c), key.EnteID)
	if f.done.wasUsed(author.ID, form.Once) {
		return redirect(c, list)
	}

	_, err = f.change(c.Request().Context(), author, key, form)
	invalid, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		f.done.use(author.ID, form.Once)
		f.leaveNotice(c, toneSuccess, "api_key.changed")

		return redirect(c, list)
	case refused:
		return f.showAPIKey(c, http.StatusUnprocessableEntity, key, form, invalid, false)
	case !errors.Is(err, gateway.ErrState):
		return fmt.Errorf("changing an API key: %w", err)
	}

	if key, err = f.readAPIKey(c); err != nil {
		return err
	}

	if !key.Works(f.clock()) {
		return f.keyEnded(c, key)
	}

	return f.showAPIKey(c, http.StatusConflict, key, form, nil, true)
}

func (f *Frontend) change(ctx context.Context, author gateway.Actor, key gateway.APIKey, form apiKeyForm) (gateway.APIKey, error) {
	expires, err := f.newEnd(key, form)
	if err != nil {
		return gateway.APIKey{}, err
	}

	return f.gateway.ChangeAPIKey(ctx, author, gateway.KeyChange{ //nolint:wrapcheck // the caller says what was being done.
		ID: key.ID, Seen: form.Seen, Name: form.Name, IPRanges: form.Ranges, ExpiresAt: expires,
		RequestsPerSecond: parseBound(form.Bound),
	})
}

// newEnd keeps the minute of an end whose day is left as it is, such as that of an overlap.
func (f *Frontend) newEnd(key gateway.APIKey, form apiKeyForm) (time.Time, error) {
	if form.Expires == f.lastDay(key.ExpiresAt) {
		return key.ExpiresAt, nil
	}

	return parseLastDay(form.Expires)
}
