package frontend

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// overlapName names an overlap in forms and messages by its hours.
func overlapName(overlap time.Duration) string { return strconv.Itoa(int(overlap / time.Hour)) }

func overlapNamed(name string) time.Duration {
	for _, overlap := range gateway.Overlaps() {
		if overlapName(overlap) == name {
			return overlap
		}
	}

	return 0
}

func (f *Frontend) confirmRotation(c echo.Context) error {
	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	if !key.Works(f.clock()) || key.SuccessorID != "" {
		return f.keyEnded(c, key)
	}

	return f.showRotation(c, http.StatusOK, key, "")
}

func (f *Frontend) showRotation(c echo.Context, status int, key gateway.APIKey, problem string) error {
	shown := f.keyConfirmation(c, key, "rotate", tonePrimary)
	shown.Question, shown.Problem = shown.T("api_key.rotate.question"), problem

	for _, overlap := range gateway.Overlaps() {
		name := overlapName(overlap)
		shown.Choices = append(shown.Choices, choice{Value: name, Label: shown.T("api_key.rotate.choice." + name)})
		shown.Hints[name] = shown.T("api_key.rotate.hint", f.moment(f.clock().Add(overlap), shown.Lang).shortly())
	}

	return f.show(c, status, "confirm.html", shown)
}

// keyConfirmation is the question before something is done with a key.
func (f *Frontend) keyConfirmation(c echo.Context, key gateway.APIKey, act, tone string) confirmPage {
	prefix := "api_key." + act
	p := f.page(c, prefix+".title")

	return confirmPage{
		page: p, Address: apiKeyAddress(key.ID), Act: act, Tone: tone,
		Crumbs: settingsCrumbs(p,
			crumb{Address: ofEnte(apiKeysPath, actor(c), key.EnteID), Label: p.T("api_keys.title")},
			crumb{Address: apiKeyAddress(key.ID), Label: key.Name},
		),
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("api_key.back"),
		Facts: f.apiKeyFacts(key, p), Hints: map[string]string{}, Once: newOnceKey(),
	}
}

func (f *Frontend) rotateAPIKey(c echo.Context) error {
	once, author := c.FormValue("once"), actor(c)
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	if !f.done.use(author.ID, once) {
		f.leaveNotice(c, toneWarning, "api_key.made_already")

		return redirect(c, ofEnte(apiKeysPath, author, key.EnteID))
	}

	successor, secret, err := f.gateway.RotateAPIKey(c.Request().Context(), author, key.ID, overlapNamed(c.FormValue("choice")))
	_, refused := errors.AsType[notification.FieldErrors](err)

	switch {
	case err == nil:
		return f.showSecret(c, successor, secret, "api_key.rotated")
	case refused:
		return f.showRotation(c, http.StatusUnprocessableEntity, key, "act.choose")
	case errors.Is(err, gateway.ErrState):
		return f.keyEnded(c, key)
	}

	f.done.release(author.ID, once)

	return fmt.Errorf("rotating an API key: %w", err)
}

func (f *Frontend) confirmRevocation(c echo.Context) error {
	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	if !key.Works(f.clock()) {
		return f.keyEnded(c, key)
	}

	return f.show(c, http.StatusOK, "confirm.html", f.keyConfirmation(c, key, "revoke", toneDanger))
}

func (f *Frontend) revokeAPIKey(c echo.Context) error {
	once, author := c.FormValue("once"), actor(c)
	if !isOnceKey(once) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	key, err := f.readAPIKey(c)
	if err != nil {
		return err
	}

	list := ofEnte(apiKeysPath, author, key.EnteID)
	if !f.done.use(author.ID, once) {
		return redirect(c, list)
	}

	if err := f.gateway.RevokeAPIKey(c.Request().Context(), author, key.EnteID, key.ID); err != nil {
		f.done.release(author.ID, once)

		return fmt.Errorf("revoking an API key: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "api_key.revoked")

	return redirect(c, list)
}
