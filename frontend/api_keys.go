package frontend

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	apiKeysPath        = "/api-keys"
	serviceImportsPath = "/service-imports"
)

// KeyGateway is what the pages ask of the use cases of keys: GeNIO's own, and those of IO.
type KeyGateway interface {
	APIKeys(ctx context.Context, actor gateway.Actor, enteID string) ([]gateway.APIKey, error)
	APIKey(ctx context.Context, actor gateway.Actor, id string) (gateway.APIKey, error)
	IssueAPIKey(ctx context.Context, actor gateway.Actor, wish gateway.KeyWish) (gateway.APIKey, string, error)
	ChangeAPIKey(ctx context.Context, actor gateway.Actor, change gateway.KeyChange) (gateway.APIKey, error)
	RotateAPIKey(ctx context.Context, actor gateway.Actor, id string, overlap time.Duration) (gateway.APIKey, string, error)
	RevokeAPIKey(ctx context.Context, actor gateway.Actor, enteID, keyID string) error

	ManageKeySaved(ctx context.Context, actor gateway.Actor, enteID string) (time.Time, error)
	RemoveManageKey(ctx context.Context, actor gateway.Actor, enteID string) error
	StartServiceImport(ctx context.Context, actor gateway.Actor, wish gateway.ServiceImportWish) (string, error)
	ServiceImports(ctx context.Context, actor gateway.Actor, enteID string) ([]gateway.ServiceImport, error)
	ServiceImport(ctx context.Context, actor gateway.Actor, id string) (gateway.ServiceImport, error)
	ImportServices(ctx context.Context, actor gateway.Actor, id string, ioServiceIDs []string) (gateway.Imported, error)
}

func (f *Frontend) mountKeys(r *routes) {
	key, reading := apiKeysPath+"/:id", serviceImportsPath+"/:id"

	r.get(apiKeysPath, gateway.PermissionConfigure, f.apiKeyList)
	r.post(apiKeysPath, gateway.PermissionConfigure, f.createAPIKey)
	r.get(apiKeysPath+"/new", gateway.PermissionConfigure, f.newAPIKey)
	r.get(key, gateway.PermissionConfigure, f.apiKey)
	r.post(key, gateway.PermissionConfigure, f.changeAPIKey)
	r.get(key+"/rotate", gateway.PermissionConfigure, f.confirmRotation)
	r.post(key+"/rotate", gateway.PermissionConfigure, f.rotateAPIKey)
	r.get(key+"/revoke", gateway.PermissionConfigure, f.confirmRevocation)
	r.post(key+"/revoke", gateway.PermissionConfigure, f.revokeAPIKey)
	r.nothingElse(apiKeysPath)

	r.get(serviceImportsPath, gateway.PermissionConfigure, f.serviceImports)
	r.post(serviceImportsPath, gateway.PermissionConfigure, f.startServiceImport)
	r.get(serviceImportsPath+"/remove-key", gateway.PermissionConfigure, f.confirmKeyRemoval)
	r.post(serviceImportsPath+"/remove-key", gateway.PermissionConfigure, f.removeManageKey)
	r.get(reading, gateway.PermissionConfigure, f.serviceImport)
	r.post(reading, gateway.PermissionConfigure, f.importServices)
	r.poll(reading+"/live", gateway.PermissionConfigure, f.serviceImportNews)
	r.nothingElse(serviceImportsPath)
}

// apiKeyListPage lists an Ente's keys.
type apiKeyListPage struct {
	page
	Enti []choice // only where the reader sees several
	Ente string   // the chosen one's id
	New  string   // the address; empty where there is no Ente
	Rows []apiKeyLine
}

// apiKeyLine is one key of the list.
type apiKeyLine struct {
	Name     string
	Prefix   string
	State    mark
	Until    string // a sentence about the end or the other key of a pair; may be empty
	Pair     string
	Services []string // none: all
	Ranges   []string // none: from anywhere

	CreatedAt, ExpiresAt, LastUsedAt moment

	// The addresses are empty where there is nothing to do any more.
	Change, Rotate, Revoke string
}

func apiKeyAddress(id string) string { return apiKeysPath + "/" + url.PathEscape(id) }

// ofEnte is an address for one Ente, where the reader has several.
func ofEnte(path string, reader gateway.Actor, enteID string) string {
	if reader.EnteID != "" || enteID == "" {
		return path
	}

	return path + "?" + url.Values{paramEnte: {enteID}}.Encode()
}

// chosenEnte is the Ente that a page is about: the reader's own, or the one that was asked for, or the first.
func (f *Frontend) chosenEnte(ctx context.Context, reader gateway.Actor, wanted string) (string, []choice, error) {
	if reader.EnteID != "" {
		return reader.EnteID, nil, nil
	}

	enti, err := f.enteChoices(ctx, reader, wanted)
	if err != nil {
		return "", nil, err
	}

	for _, ente := range enti {
		if ente.Chosen {
			return ente.Value, enti, nil
		}
	}

	if len(enti) == 0 {
		return "", nil, nil
	}

	enti[0].Chosen = true

	return enti[0].Value, enti, nil
}

func (f *Frontend) apiKeyList(c echo.Context) error {
	ctx, reader := c.Request().Context(), actor(c)

	ente, enti, err := f.chosenEnte(ctx, reader, c.QueryParam(paramEnte))
	if err != nil {
		return err
	}

	shown := apiKeyListPage{page: f.page(c, "api_keys.title"), Enti: enti, Ente: ente}
	if ente == "" {
		return f.show(c, http.StatusOK, "api_keys.html", shown)
	}

	keys, err := f.gateway.APIKeys(ctx, reader, ente)
	if err != nil {
		return fmt.Errorf("listing API keys: %w", err)
	}

	names, err := f.serviceNames(ctx, reader)
	if err != nil {
		return err
	}

	shown.New = ofEnte(apiKeysPath+"/new", reader, ente)

	for _, key := range keys {
		shown.Rows = append(shown.Rows, f.apiKeyLine(key, keys, names, shown.page))
	}

	return f.show(c, http.StatusOK, "api_keys.html", shown)
}

// serviceNames are the names of the services that the reader sees, by their ids.
func (f *Frontend) serviceNames(ctx context.Context, reader gateway.Actor) (map[string]string, error) {
	services, err := f.gateway.Services(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("listing the services: %w", err)
	}

	names := map[string]string{}
	for _, service := range services {
		names[service.ID] = service.Name
	}

	return names, nil
}

func (f *Frontend) apiKeyLine(key gateway.APIKey, all []gateway.APIKey, names map[string]string, p page) apiKeyLine {
	now := f.clock()
	line := apiKeyLine{
		Name: key.Name, Prefix: key.Prefix, State: apiKeyMark(key.State(now), p), Until: f.apiKeyUntil(key, p), Ranges: key.IPRanges,
		CreatedAt: f.moment(key.CreatedAt, p.Lang), ExpiresAt: f.moment(key.ExpiresAt, p.Lang),
		LastUsedAt: f.moment(key.LastUsedAt, p.Lang),
	}

	for _, id := range key.ServiceIDs {
		line.Services = append(line.Services, names[id])
	}

	for _, other := range all {
		switch {
		case other.ID == key.SuccessorID:
			line.Pair = p.T("api_keys.replaced_by", other.Prefix)
		case other.SuccessorID == key.ID:
			line.Pair = p.T("api_keys.replaces", other.Prefix)
		}
	}

	if key.Works(now) {
		line.Change, line.Revoke = apiKeyAddress(key.ID), apiKeyAddress(key.ID)+"/revoke"

		if key.SuccessorID == "" {
			line.Rotate = apiKeyAddress(key.ID) + "/rotate"
		}
	}

	return line
}

func apiKeyMark(state gateway.KeyState, p page) mark {
	shown := mark{Label: p.T("api_keys.state." + string(state)), Icon: iconEnded, Tone: toneNeutral}

	switch state {
	case gateway.KeyInForce:
		shown.Icon, shown.Tone = iconDone, toneSuccess
	case gateway.KeyExpiringSoon:
		shown.Icon, shown.Tone = iconWarning, toneWarning
	case gateway.KeyReplaced:
		shown.Icon, shown.Tone = iconRefresh, toneInfo
	case gateway.KeyExpired, gateway.KeyRevoked:
	}

	return shown
}

// apiKeyUntil says until when, or since when, the state holds.
func (f *Frontend) apiKeyUntil(key gateway.APIKey, p page) string {
	switch key.State(f.clock()) {
	case gateway.KeyRevoked:
		return f.moment(key.RevokedAt, p.Lang).shortly()
	case gateway.KeyReplaced:
		return p.T("api_keys.until", f.moment(key.ExpiresAt, p.Lang).shortly())
	case gateway.KeyInForce, gateway.KeyExpiringSoon, gateway.KeyExpired:
	}

	return ""
}

// lastDay is the day on which a key may be used for the last time, as a form's field of a date has it.
func (f *Frontend) lastDay(ends time.Time) string {
	if ends.IsZero() {
		return ""
	}

	return ends.Add(-time.Nanosecond).In(f.timeZone).Format(time.DateOnly)
}

// parseLastDay reads what such a field holds; empty: never.
func parseLastDay(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}

	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, notification.FieldErrors{{
			Field: "expires_at", Code: "invalid", Message: "a date is expected, such as 2027-12-31",
			Messaggio: "serve una data, per esempio 2027-12-31",
		}}
	}

	return gateway.LastDay(day) //nolint:wrapcheck // it says what was being done.
}
