package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const peoplePath = "/people"

// PeopleGateway is what the pages about people ask of the use cases.
type PeopleGateway interface {
	People(ctx context.Context, actor gateway.Actor, query gateway.PeopleQuery) (gateway.PeoplePage, error)
	Person(ctx context.Context, actor gateway.Actor, id string) (gateway.Person, error)

	Invite(ctx context.Context, actor gateway.Actor, invite gateway.Invite) (gateway.Invited, error)
	RenewInvitation(ctx context.Context, actor gateway.Actor, id string) (gateway.Invited, error)
	WithdrawInvitation(ctx context.Context, actor gateway.Actor, id string) error
	Invitation(ctx context.Context, token string) (gateway.Invitation, error)
	AcceptInvitation(ctx context.Context, token, name, password, address string) (gateway.Account, error)

	AddMembership(ctx context.Context, actor gateway.Actor, id string, role gateway.Role, enteID string) error
	RemoveMembership(ctx context.Context, actor gateway.Actor, id, membershipID string) error
	SetPersonActive(ctx context.Context, actor gateway.Actor, id string, active bool) error
	RemoveSecondFactor(ctx context.Context, actor gateway.Actor, id string) error
	EndSessionsOf(ctx context.Context, actor gateway.Actor, id string) error
}

// paramRole is the field of the forms that give a role.
const paramRole = "role"

func personAddress(id string) string { return peoplePath + "/" + url.PathEscape(id) }

// peoplePage lists people. What somebody looks for stays in the session: a name is not for an address.
type peoplePage struct {
	page
	Text     string
	Enti     []choice // where the reader sees several
	Rows     []personRow
	Filtered bool
	Previous string
	Next     string
}

type personRow struct {
	Address    string
	Name       string
	Email      string
	Roles      []string
	Elsewhere  bool
	State      mark
	LastSignIn moment
}

func (f *Frontend) people(c echo.Context) error {
	ctx, author := c.Request().Context(), actor(c)
	skip, _ := strconv.Atoi(c.QueryParam("from")) // what is no number is the beginning
	text, enteID := f.sessions.GetString(ctx, sessionPeople), c.QueryParam(paramEnte)

	found, err := f.gateway.People(ctx, author, gateway.PeopleQuery{Text: text, EnteID: enteID, Skip: skip})
	if err != nil {
		return fmt.Errorf("listing people: %w", err)
	}

	shown := peoplePage{page: f.page(c, "people.title"), Text: text, Filtered: text != "" || enteID != ""}

	if shown.Enti, err = f.entiChoices(c, enteID); err != nil {
		return err
	}

	for _, person := range found.Items {
		shown.Rows = append(shown.Rows, f.personRow(person, shown.page))
	}

	from := func(skip int) string {
		values := url.Values{}
		if enteID != "" {
			values.Set(paramEnte, enteID)
		}

		if skip > 0 {
			values.Set("from", strconv.Itoa(skip))
		}

		return addressWith(peoplePath, values)
	}

	if skip > 0 {
		shown.Previous = from(max(0, skip-gateway.PeopleShown))
	}

	if found.More {
		shown.Next = from(max(0, skip) + gateway.PeopleShown)
	}

	return f.show(c, http.StatusOK, "people.html", shown)
}

// entiChoices are the Enti that the reader may choose among; none where there is no choice.
func (f *Frontend) entiChoices(c echo.Context, chosen string) ([]choice, error) {
	if actor(c).EnteID != "" {
		return nil, nil
	}

	enti, err := f.gateway.Enti(c.Request().Context(), actor(c))
	if err != nil {
		return nil, fmt.Errorf("reading the Enti: %w", err)
	}

	choices := make([]choice, len(enti))
	for i, ente := range enti {
		choices[i] = choice{Value: ente.ID, Label: ente.Name, Chosen: ente.ID == chosen}
	}

	return choices, nil
}

func (f *Frontend) personRow(person gateway.Person, p page) personRow {
	row := personRow{
		Address: personAddress(person.ID), Name: person.Name, Email: person.Email, Elsewhere: person.Elsewhere,
		State: personMark(person.State, p), LastSignIn: f.moment(person.LastSignInAt, p.Lang),
	}
	for _, membership := range person.Memberships {
		row.Roles = append(row.Roles, p.membershipLabel(membership))
	}

	return row
}

func personMark(state gateway.PersonState, p page) mark {
	shown := mark{Label: p.T("people.state." + string(state)), Icon: iconMinus, Tone: toneNeutral}

	switch state {
	case gateway.PersonActive:
		shown.Icon, shown.Tone = "it-check-circle", toneSuccess
	case gateway.PersonInvited:
		shown.Icon, shown.Tone = "it-mail", toneInfo
	case gateway.PersonExpired:
		shown.Icon, shown.Tone = iconWarning, toneWarning
	case gateway.PersonDeactivated, gateway.PersonWithout:
	}

	return shown
}

func (f *Frontend) searchPeople(c echo.Context) error {
	ctx := c.Request().Context()
	if text := c.FormValue("text"); text != "" {
		f.sessions.Put(ctx, sessionPeople, text)
	} else {
		f.sessions.Remove(ctx, sessionPeople)
	}

	values := url.Values{}
	if ente := c.FormValue(paramEnte); ente != "" {
		values.Set(paramEnte, ente)
	}

	return redirect(c, addressWith(peoplePath, values))
}

// invitePage is the form for somebody new.
type invitePage struct {
	page
	Form     gateway.Invite
	Roles    []choice
	Enti     []choice
	Problems map[string]string
	Once     string
}

// linkPage shows an invitation's link, once.
type linkPage struct {
	page
	Link   string
	Person string // the address of the person's page
}

func (f *Frontend) inviteForm(c echo.Context) error {
	return f.showInvite(c, http.StatusOK, invitePage{Form: gateway.Invite{Role: gateway.RoleOperator}})
}

func (f *Frontend) showInvite(c echo.Context, status int, shown invitePage) error {
	shown.page = f.page(c, "people.invite.title")
	shown.Once = newOnceKey()
	shown.Roles = roleChoices(actor(c), shown.Form.Role, shown.page)

	var err error
	if shown.Enti, err = f.entiChoices(c, shown.Form.EnteID); err != nil {
		return err
	}

	return f.show(c, status, "person_new.html", shown)
}

// roleChoices are the roles that the person may give.
func roleChoices(author gateway.Actor, chosen gateway.Role, p page) []choice {
	roles := []gateway.Role{gateway.RoleOperator, gateway.RoleAdministrator, gateway.RoleAuditor}
	if author.EnteID == "" {
		roles = append(roles, gateway.RoleSupport, gateway.RoleSystem)
	}

	choices := make([]choice, len(roles))
	for i, role := range roles {
		choices[i] = choice{Value: string(role), Label: p.T("role." + string(role)), Chosen: role == chosen}
	}

	return choices
}

// enteOf is the Ente of a form; who works for one has no choice.
func enteOf(c echo.Context) string {
	if own := actor(c).EnteID; own != "" {
		return own
	}

	return c.FormValue(paramEnte)
}

func (f *Frontend) invite(c echo.Context) error {
	author, key := actor(c), c.FormValue("once")
	form := gateway.Invite{
		Email: c.FormValue("email"), Name: c.FormValue(paramName), Role: gateway.Role(c.FormValue(paramRole)), EnteID: enteOf(c),
	}

	if !isOnceKey(key) {
		return echo.NewHTTPError(http.StatusBadRequest)
	}

	if !f.done.use(author.ID, key) {
		return redirect(c, peoplePath)
	}

	invited, err := f.gateway.Invite(c.Request().Context(), author, form)
	if err != nil {
		f.done.release(author.ID, key)
	}

	if invalid, ok := errors.AsType[notification.FieldErrors](err); ok {
		problems, _ := sortProblems(invalid, map[string]string{
			"email": "email", paramName: paramName, paramRole: paramRole, fieldEnteID: paramEnte,
		}, languageOf(c.Request()))

		return f.showInvite(c, http.StatusUnprocessableEntity, invitePage{Form: form, Problems: problems})
	}

	if err != nil {
		return fmt.Errorf("inviting: %w", err)
	}

	return f.answerInvited(c, invited)
}

// answerInvited shows the link, which nobody can read later.
func (f *Frontend) answerInvited(c echo.Context, invited gateway.Invited) error {
	if invited.Token == "" {
		f.leaveNotice(c, toneSuccess, "people.invite.known")

		return redirect(c, personAddress(invited.AccountID))
	}

	return f.show(c, http.StatusOK, "person_link.html", linkPage{
		page: f.page(c, "people.link.title"), Person: personAddress(invited.AccountID),
		Link: f.ownAddress(c) + invitationPath + "/" + invited.Token,
	})
}

// ownAddress is how the browser reaches this host.
func (f *Frontend) ownAddress(c echo.Context) string {
	if f.publicURL != "" {
		return f.publicURL
	}

	return c.Scheme() + "://" + c.Request().Host
}
