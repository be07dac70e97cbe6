package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The tones of buttons beside toneDanger.
const (
	tonePrimary   = "primary"
	toneSecondary = "secondary"
)

// ActGateway is what the pages ask of the use cases that act on one notification.
type ActGateway interface {
	Cancel(ctx context.Context, actor gateway.Actor, id string, reason notification.Reason) error
	Hold(ctx context.Context, actor gateway.Actor, id string) error
	Resume(ctx context.Context, actor gateway.Actor, id string) error
	Decide(ctx context.Context, actor gateway.Actor, id string, decision gateway.Decision) error
	Retry(ctx context.Context, actor gateway.Actor, id string) error
}

// act is something that a person may do to a notification. Its name is the last part of its address and the
// beginning of its messages' keys: act.NAME.button, .title, .text, .submit and .done.
type act struct {
	name     string
	tone     string // of the button: "primary", "danger" or "secondary"
	possible func(gateway.Possible) bool
	// about names what the act is about where that may change while the person makes up their mind; nil where it is
	// the notification itself.
	about func(view *gateway.View) string
	// choices are the answers among which the person has to choose one; nil where there is nothing to choose.
	choices func(view *gateway.View, author gateway.Actor) []string
	perform func(ctx context.Context, g Gateway, author gateway.Actor, id, choice string) error
}

// actLink leads to an act's confirmation.
type actLink struct {
	Address string
	Label   string
	Tone    string
}

// acts are in the order in which the page offers them.
func acts() []act {
	return []act{
		{
			name: "retry", tone: tonePrimary,
			possible: func(p gateway.Possible) bool { return p.Retry },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id, _ string) error {
				return g.Retry(ctx, author, id)
			},
		},
		{
			name: "decide", tone: tonePrimary,
			possible: func(p gateway.Possible) bool { return p.Decide },
			about:    uncertainAttempt,
			choices:  decisions,
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id, choice string) error {
				return g.Decide(ctx, author, id, gateway.Decision(choice))
			},
		},
		{
			name: "resume", tone: tonePrimary,
			possible: func(p gateway.Possible) bool { return p.Resume },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id, _ string) error {
				return g.Resume(ctx, author, id)
			},
		},
		{
			name: "hold", tone: toneSecondary,
			possible: func(p gateway.Possible) bool { return p.Hold },
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id, _ string) error {
				return g.Hold(ctx, author, id)
			},
		},
		{
			name: "cancel", tone: toneDanger,
			possible: func(p gateway.Possible) bool { return p.Cancel },
			choices:  cancellations,
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id, choice string) error {
				return g.Cancel(ctx, author, id, notification.Reason(choice))
			},
		},
	}
}

// uncertainAttempt is the latest attempt whose outcome is unknown: the one that a decision is about.
func uncertainAttempt(view *gateway.View) string {
	for _, attempt := range slices.Backward(view.Attempts) {
		if attempt.Status == notification.AttemptUncertain {
			return attempt.ID
		}
	}

	return ""
}

func decisions(view *gateway.View, _ gateway.Actor) []string {
	if view.MaskedPhone == "" {
		return []string{string(gateway.DecisionResend), string(gateway.DecisionClose)}
	}

	return []string{string(gateway.DecisionResend), string(gateway.DecisionSMS), string(gateway.DecisionClose)}
}

// cancellations: people of an Ente speak for it, support staff for themselves.
func cancellations(view *gateway.View, author gateway.Actor) []string {
	reason := notification.ReasonCancelledByEnte
	if author.EnteID == "" {
		reason = notification.ReasonCancelledByOperator
	}

	if view.Content.Payment == nil {
		return []string{string(reason)}
	}

	return []string{string(reason), string(notification.ReasonPaid)}
}

func possibleActs(view *gateway.View, p page) []actLink {
	var links []actLink

	for _, act := range acts() {
		if act.possible(view.Possible) {
			links = append(links, actLink{
				Address: notificationAddress(view.ID) + "/" + act.name, Label: p.T("act." + act.name + ".button"), Tone: act.tone,
			})
		}
	}

	return links
}

func actNamed(name string) (act, error) {
	for _, act := range acts() {
		if act.name == name {
			return act, nil
		}
	}

	return act{}, echo.ErrNotFound
}

// perform does what the person confirmed, once for each confirmation.
func (f *Frontend) perform(c echo.Context) error {
	wanted, err := actNamed(c.Param("act"))
	if err != nil {
		return err
	}

	key := c.FormValue("once")
	if !isOnceKey(key) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	ctx, author, id := c.Request().Context(), actor(c), c.Param("id")

	view, err := f.gateway.Notification(ctx, author, id)
	if err != nil {
		return fmt.Errorf("reading a notification: %w", err)
	}

	if !author.MayChange() {
		return gateway.ErrForbidden
	}

	if !wanted.possible(view.Possible) || c.FormValue("about") != wanted.aboutOf(&view) {
		return f.answerTooLate(c, id, f.done.wasUsed(author.ID, key))
	}

	choice, chosen := wanted.choiceOf(c.FormValue("choice"), &view, author)
	if !chosen {
		return f.showConfirmation(c, http.StatusUnprocessableEntity, wanted, &view, "act.choose")
	}

	if !f.done.use(author.ID, key) {
		return redirect(c, notificationAddress(id))
	}

	return f.answer(c, wanted, id, wanted.perform(ctx, f.gateway, author, id, choice))
}

// answerTooLate tells that the state has changed, unless the form itself has changed it: a second click says nothing.
func (f *Frontend) answerTooLate(c echo.Context, id string, acted bool) error {
	if !acted {
		f.leaveNotice(c, toneWarning, "act.too_late")
	}

	return redirect(c, notificationAddress(id))
}

// aboutOf is what the act is about, as the form carries it.
func (a act) aboutOf(view *gateway.View) string {
	if a.about == nil {
		return ""
	}

	return a.about(view)
}

// choiceOf checks the chosen answer. Where there is only one, it need not be chosen.
func (a act) choiceOf(submitted string, view *gateway.View, author gateway.Actor) (string, bool) {
	if a.choices == nil {
		return "", true
	}

	offered := a.choices(view, author)
	if len(offered) == 1 {
		return offered[0], true
	}

	for _, choice := range offered {
		if choice == submitted {
			return choice, true
		}
	}

	return "", false
}

// answer sends the person back to the notification, with a word on what came of the act.
func (f *Frontend) answer(c echo.Context, done act, id string, err error) error {
	var invalid notification.FieldErrors

	switch {
	case err == nil:
		f.leaveNotice(c, toneSuccess, "act."+done.name+".done")
	case errors.Is(err, gateway.ErrState), errors.As(err, &invalid):
		f.leaveNotice(c, toneWarning, "act.too_late")
	case errors.Is(err, gateway.ErrUnavailable):
		f.leaveNotice(c, toneDanger, "act.unavailable")
	default:
		return fmt.Errorf("doing %s: %w", done.name, err)
	}

	return redirect(c, notificationAddress(id))
}
