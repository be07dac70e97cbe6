package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// personPage is somebody with all that may be done about them.
type personPage struct {
	page
	Person      gateway.Person
	State       mark
	Facts       []fact
	Memberships []membershipLine
	Acts        []actLink
	// Form adds a membership.
	Action   string
	Form     gateway.Invite
	Roles    []choice
	Enti     []choice
	Problems map[string]string
	Once     string
}

type membershipLine struct {
	Role string
	Ente string
	Take string // leads to the confirmation; empty: it may not be taken away
}

func (f *Frontend) person(c echo.Context) error {
	return f.showPerson(c, http.StatusOK, personPage{Form: gateway.Invite{Role: gateway.RoleOperator}})
}

func (f *Frontend) showPerson(c echo.Context, status int, shown personPage) error {
	person, err := f.gateway.Person(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return fmt.Errorf("reading a person: %w", err)
	}

	shown.page = f.page(c, "people.person", person.Name)
	shown.Person, shown.State = person, personMark(person.State, shown.page)
	shown.Action, shown.Once = personAddress(person.ID)+"/memberships", newOnceKey()
	shown.Roles = roleChoices(actor(c), shown.Form.Role, shown.page)

	if shown.Enti, err = f.entiChoices(c, shown.Form.EnteID); err != nil {
		return err
	}

	shown.Facts = f.personFacts(person, shown.page)

	for _, membership := range person.Memberships {
		shown.Memberships = append(shown.Memberships, membershipLine{
			Role: shown.T("role." + string(membership.Role)), Ente: shown.enteLabel(membership),
			Take: personAddress(person.ID) + "/memberships/" + url.PathEscape(membership.ID) + "/remove",
		})
	}

	for _, act := range personActs() {
		if person.Manageable && act.possible(person, actor(c)) {
			shown.Acts = append(shown.Acts, actLink{
				Address: personAddress(person.ID) + "/" + act.name, Label: shown.T("people.act." + act.name + ".button"), Tone: act.tone,
			})
		}
	}

	return f.show(c, status, "person.html", shown)
}

func (f *Frontend) personFacts(person gateway.Person, p page) []fact {
	facts := []fact{{Name: "people.email", Value: person.Email, Code: true}}

	if person.LastSignInAt.IsZero() {
		facts = append(facts, fact{Name: "people.last_sign_in", Value: p.T("people.never")})
	} else {
		facts = append(facts, fact{Name: "people.last_sign_in", Value: f.moment(person.LastSignInAt, p.Lang).shortly()})
	}

	if !person.InvitationEnds.IsZero() {
		facts = append(facts, fact{Name: "people.invitation_ends", Value: f.moment(person.InvitationEnds, p.Lang).shortly()})
	}

	factor := "people.second_factor.no"
	if person.SecondFactor {
		factor = "people.second_factor.yes"
	}

	return named(append(facts,
		fact{Name: "people.second_factor", Value: p.T(factor)},
		fact{Name: "people.sessions", Value: count(person.Sessions, p.Lang)},
	), p)
}

func (f *Frontend) addMembership(c echo.Context) error {
	author, id := actor(c), c.Param("id")
	form := gateway.Invite{Role: gateway.Role(c.FormValue(paramRole)), EnteID: enteOf(c)}

	err := f.gateway.AddMembership(c.Request().Context(), author, id, form.Role, form.EnteID)

	if invalid, ok := errors.AsType[notification.FieldErrors](err); ok {
		problems, _ := sortProblems(invalid, map[string]string{paramRole: paramRole, fieldEnteID: paramEnte}, languageOf(c.Request()))

		return f.showPerson(c, http.StatusUnprocessableEntity, personPage{Form: form, Problems: problems})
	}

	if err != nil {
		return fmt.Errorf("adding a membership: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "people.membership_added")

	return redirect(c, personAddress(id))
}

// personAct is something that may be done about a person. Its messages' keys are people.act.NAME.button, .title, .text, .submit
// and .done.
type personAct struct {
	name     string
	tone     string
	possible func(person gateway.Person, author gateway.Actor) bool
	// perform may answer by itself, when it returns an invitation.
	perform func(ctx context.Context, g Gateway, author gateway.Actor, id string) (gateway.Invited, error)
}

func personActs() []personAct {
	simply := func(
		act func(g Gateway, ctx context.Context, author gateway.Actor, id string) error,
	) func(ctx context.Context, g Gateway, author gateway.Actor, id string) (gateway.Invited, error) {
		return func(ctx context.Context, g Gateway, author gateway.Actor, id string) (gateway.Invited, error) {
			return gateway.Invited{}, act(g, ctx, author, id)
		}
	}
	pending := func(person gateway.Person, _ gateway.Actor) bool {
		return person.Pending() && person.Active && len(person.Memberships) > 0
	}

	return []personAct{
		{
			name: "renew", tone: tonePrimary, possible: pending,
			perform: func(ctx context.Context, g Gateway, author gateway.Actor, id string) (gateway.Invited, error) {
				return g.RenewInvitation(ctx, author, id)
			},
		},
		{name: "withdraw", tone: toneDanger, possible: pending, perform: simply(Gateway.WithdrawInvitation)},
		{
			name: "second-factor", tone: toneSecondary,
			possible: func(person gateway.Person, _ gateway.Actor) bool { return person.SecondFactor },
			perform:  simply(Gateway.RemoveSecondFactor),
		},
		{
			name: "sessions", tone: toneSecondary,
			possible: func(person gateway.Person, author gateway.Actor) bool {
				return person.Sessions > 0 && person.ID != author.ID
			},
			perform: simply(Gateway.EndSessionsOf),
		},
		{
			name: "reactivate", tone: tonePrimary,
			possible: func(person gateway.Person, _ gateway.Actor) bool { return !person.Active },
			perform: simply(func(g Gateway, ctx context.Context, author gateway.Actor, id string) error {
				return g.SetPersonActive(ctx, author, id, true)
			}),
		},
		{
			name: "deactivate", tone: toneDanger,
			possible: func(person gateway.Person, author gateway.Actor) bool { return person.Active && person.ID != author.ID },
			perform: simply(func(g Gateway, ctx context.Context, author gateway.Actor, id string) error {
				return g.SetPersonActive(ctx, author, id, false)
			}),
		},
	}
}

func personActNamed(name string) (personAct, error) {
	for _, act := range personActs() {
		if act.name == name {
			return act, nil
		}
	}

	return personAct{}, echo.ErrNotFound
}

// actOn reads what an act is about, and whether it is possible now.
func (f *Frontend) personAct(c echo.Context) (personAct, gateway.Person, error) {
	wanted, err := personActNamed(c.Param("act"))
	if err != nil {
		return wanted, gateway.Person{}, err
	}

	person, err := f.gateway.Person(c.Request().Context(), actor(c), c.Param("id"))

	switch {
	case err != nil:
		return wanted, person, fmt.Errorf("reading a person: %w", err)
	case !person.Manageable:
		return wanted, person, gateway.ErrForbidden
	}

	return wanted, person, nil
}

func (f *Frontend) confirmPersonAct(c echo.Context) error {
	wanted, person, err := f.personAct(c)
	if err != nil {
		return err
	}

	if !wanted.possible(person, actor(c)) {
		return f.personTooLate(c, person.ID)
	}

	return f.confirmAboutPerson(c, person, wanted.name, wanted.tone, "people.act."+wanted.name, nil)
}

func (f *Frontend) confirmAboutPerson(
	c echo.Context, person gateway.Person, act, tone, prefix string, facts []fact,
) error {
	p := f.page(c, prefix+".title")

	return f.show(c, http.StatusOK, "confirm.html", confirmPage{
		page: p, Crumbs: settingsCrumbs(p,
			crumb{Address: peoplePath, Label: p.T("people.title")}, crumb{Address: personAddress(person.ID), Label: person.Name},
		),
		Address: personAddress(person.ID), Act: act, Tone: tone,
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("people.act.back"),
		Facts: append(named([]fact{
			{Name: "people.name", Value: person.Name}, {Name: "people.email", Value: person.Email, Code: true},
		}, p), named(facts, p)...),
		Once: newOnceKey(),
	})
}

func (f *Frontend) personTooLate(c echo.Context, id string) error {
	f.leaveNotice(c, toneWarning, "people.too_late")

	return redirect(c, personAddress(id))
}

// performPersonAct does what was confirmed, once for each confirmation.
func (f *Frontend) performPersonAct(c echo.Context) error {
	wanted, person, err := f.personAct(c)
	if err != nil {
		return err
	}

	author, key := actor(c), c.FormValue("once")

	switch {
	case !isOnceKey(key):
		return echo.NewHTTPError(http.StatusBadRequest)
	case !f.done.use(author.ID, key):
		return redirect(c, personAddress(person.ID))
	case !wanted.possible(person, author):
		return f.personTooLate(c, person.ID)
	}

	invited, err := wanted.perform(c.Request().Context(), f.gateway, author, person.ID)

	switch {
	case errors.Is(err, gateway.ErrState):
		return f.personTooLate(c, person.ID)
	case err != nil:
		f.done.release(author.ID, key)

		return fmt.Errorf("doing %s about a person: %w", wanted.name, err)
	case invited.Token != "":
		return f.answerInvited(c, invited)
	}

	f.leaveNotice(c, toneSuccess, "people.act."+wanted.name+".done")

	return f.backToPerson(c, person.ID)
}

// backToPerson goes to the list where the person is not the reader's to see any more.
func (f *Frontend) backToPerson(c echo.Context, id string) error {
	if _, err := f.gateway.Person(c.Request().Context(), actor(c), id); err != nil {
		return redirect(c, peoplePath)
	}

	return redirect(c, personAddress(id))
}

// membershipOf is the membership that the address names.
func (f *Frontend) membershipOf(c echo.Context) (gateway.Person, gateway.Membership, error) {
	person, err := f.gateway.Person(c.Request().Context(), actor(c), c.Param("id"))
	if err != nil {
		return person, gateway.Membership{}, fmt.Errorf("reading a person: %w", err)
	}

	for _, membership := range person.Memberships {
		if membership.ID == c.Param("membership") {
			return person, membership, nil
		}
	}

	return person, gateway.Membership{}, gateway.ErrNotFound
}

func (f *Frontend) confirmTaking(c echo.Context) error {
	person, membership, err := f.membershipOf(c)
	if err != nil {
		return err
	}

	p := f.basePage(c.Request(), account(c))

	return f.confirmAboutPerson(c, person, "memberships/"+membership.ID+"/remove", toneDanger, "people.take", []fact{
		{Name: "people.role", Value: p.membershipLabel(membership)},
	})
}

func (f *Frontend) takeMembership(c echo.Context) error {
	person, membership, err := f.membershipOf(c)
	if err != nil {
		return err
	}

	err = f.gateway.RemoveMembership(c.Request().Context(), actor(c), person.ID, membership.ID)

	var invalid notification.FieldErrors

	switch {
	case errors.As(err, &invalid):
		f.leaveNotice(c, toneWarning, "people.take.own_last")

		return redirect(c, personAddress(person.ID))
	case err != nil:
		return fmt.Errorf("taking a membership: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "people.take.done")

	return f.backToPerson(c, person.ID)
}
