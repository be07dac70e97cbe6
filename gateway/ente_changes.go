package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	longestName   = 100
	longestReason = 300
	longestShort  = 40
)

// EnteData is what changes nothing about whether and how fast an Ente sends.
type EnteData struct {
	Name    string
	Contact notification.Contact
}

// EnteView is an Ente with what the reader may do about it.
type EnteView struct {
	notification.Ente

	// Next are the states to which the reader may take it.
	Next []notification.EnteState
	// MayDescribe allows its contact to be changed, MayGovern the rest.
	MayDescribe, MayGovern bool
}

// Ente shows one Ente.
func (g *Gateway) Ente(ctx context.Context, actor Actor, id string) (EnteView, error) {
	ente, err := g.Store.Ente(ctx, id)
	if err != nil {
		return EnteView{}, storeError("reading the Ente", err)
	}

	if !actor.SeesEnte(ente.ID) {
		return EnteView{}, ErrNotFound
	}

	view := EnteView{Ente: ente, MayDescribe: actor.mayConfigure(ente.ID), MayGovern: actor.mayGovern()}
	if view.MayGovern {
		view.Next = ente.State.Next()
	}

	return view, nil
}

// DescribeEnte changes an Ente's name and contact. An administrator of the Ente itself changes the contact only. Seen is the
// version that the author saw: it returns ErrState where somebody else changed the Ente meanwhile.
func (g *Gateway) DescribeEnte(ctx context.Context, actor Actor, id string, seen int, data EnteData) error {
	view, err := g.Ente(ctx, actor, id)
	if err != nil {
		return err
	}

	if !view.MayDescribe || data.Name != view.Name && !view.MayGovern {
		return ErrForbidden
	}

	data.Name, data.Contact.Name = strings.TrimSpace(data.Name), strings.TrimSpace(data.Contact.Name)
	data.Contact.Email = strings.TrimSpace(data.Contact.Email)

	if err := checkEnteData(data).OrNil(); err != nil {
		return err
	}

	changed := changes{}
	changed.note("name", data.Name != view.Name)
	changed.note("contact", data.Contact != view.Contact)

	ente := view.Ente
	ente.Name, ente.Contact, ente.Version = data.Name, data.Contact, seen

	return g.storeEnte(ctx, actor, ente, enteAct("update", ente, "fields", changed.String()))
}

// storeEnte replaces an Ente and notes the act.
func (g *Gateway) storeEnte(ctx context.Context, actor Actor, ente notification.Ente, act Act) error {
	err := g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return act, store.UpdateEnte(ctx, ente)
	})

	return settledError("storing the Ente", err)
}

// settledError is storeError for an error that may be one of the use cases already.
func settledError(doing string, err error) error {
	if errors.Is(err, ErrState) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) {
		return err
	}

	return storeError(doing, err)
}

// EnteMove takes an Ente to another state of its life.
type EnteMove struct {
	To notification.EnteState
	// Reason says why it is suspended or leaves.
	Reason string
	// Agreement is what it signed, on its way to adhesion.
	Agreement notification.Agreement
}

// MoveEnte takes an Ente to another state. Suspending it, or letting it go, pauses its batches, refuses what its
// applications hand in, and lets none of its people in; what is under way ends as it would. It returns ErrState where the
// Ente cannot go there, or was changed by somebody else since the author saw it.
func (g *Gateway) MoveEnte(ctx context.Context, actor Actor, id string, seen int, move EnteMove) error {
	view, err := g.Ente(ctx, actor, id)
	if err != nil {
		return err
	}

	switch {
	case !view.MayGovern:
		return ErrForbidden
	case !view.State.MayBecome(move.To):
		return ErrState
	}

	if err := checkMove(&move, time.Now()).OrNil(); err != nil {
		return err
	}

	ente := view.Ente
	ente.State, ente.Active, ente.Version = move.To, move.To == notification.EnteActive, seen
	ente.StateSince, ente.StateReason = time.Now().UTC(), move.Reason

	detail := []string{"from", string(view.State), "to", string(move.To)}
	if move.Reason != "" {
		detail = append(detail, "reason", move.Reason)
	}

	if move.To == notification.EnteAdhering {
		ente.Agreement = move.Agreement
		detail = append(detail, "agreement", move.Agreement.Version, "signed_on", move.Agreement.SignedOn)
	}

	return g.storeEnte(ctx, actor, ente, enteAct("move", ente, detail...))
}

// checkMove asks for what the way to the state needs, and drops what belongs to another.
func checkMove(move *EnteMove, now time.Time) notification.FieldErrors {
	var fields notification.FieldErrors

	move.Reason = strings.TrimSpace(move.Reason)
	move.Agreement.Version = strings.TrimSpace(move.Agreement.Version)

	switch move.To {
	case notification.EnteSuspended, notification.EnteLeft:
		fields = append(fields, checkText("reason", move.Reason, longestReason, true)...)
	case notification.EnteAdhering:
		move.Reason = ""
		fields = append(fields, checkText("agreement.version", move.Agreement.Version, longestShort, true)...)

		signed, err := time.Parse(time.DateOnly, move.Agreement.SignedOn)

		switch {
		case err != nil:
			fields = append(fields, fault("agreement.signed_on", "invalid",
				"must be a day", "deve essere un giorno"))
		case signed.After(now):
			fields = append(fields, fault("agreement.signed_on", "future",
				"must not be a day to come", "non può essere un giorno futuro"))
		}
	case notification.EnteActive, notification.EnteRequested:
		move.Reason = ""
	}

	return fields
}

func checkEnteData(data EnteData) notification.FieldErrors {
	var fields notification.FieldErrors

	if strings.TrimSpace(data.Name) == "" {
		fields = append(fields, fault("name", "required",
			"an Ente needs a name", "serve il nome dell'Ente"))
	}

	fields = append(fields, checkText("name", data.Name, longestName, false)...)
	fields = append(fields, checkText("contact.name", data.Contact.Name, longestName, false)...)
	fields = append(fields, checkText("contact.email", data.Contact.Email, longestName, false)...)

	if email := data.Contact.Email; email != "" {
		if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
			fields = append(fields, fault("contact.email", "invalid",
				"must be an e-mail address", "deve essere un indirizzo e-mail"))
		}
	}

	return fields
}

func checkText(field, text string, longest int, required bool) notification.FieldErrors {
	switch {
	case required && text == "":
		return notification.FieldErrors{fault(field, "required",
			"is required", "è obbligatorio")}
	case utf8.RuneCountInString(text) > longest:
		return notification.FieldErrors{fault(field, "too_long",
			fmt.Sprintf("must have at most %d characters", longest), fmt.Sprintf("deve avere al massimo %d caratteri", longest))}
	}

	return nil
}

// changes are the names of changed fields, for the audit log.
type changes []string

func (c *changes) note(field string, changed bool) {
	if changed {
		*c = append(*c, field)
	}
}

func (c *changes) String() string { return strings.Join(*c, ", ") }
