package frontend

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

// mountAccess adds the routes about who comes in, and what they may do.
func (f *Frontend) mountAccess(r *routes) {
	r.open(http.MethodGet, codePath, f.withPending(f.codeForm))
	r.open(http.MethodPost, codePath, f.withPending(f.checkCode))
	r.open(http.MethodGet, enrolPath, f.withPending(f.enrolForm))
	r.open(http.MethodPost, enrolPath, f.withPending(f.enrol))
	r.open(http.MethodGet, providerPath, f.askProvider)
	r.open(http.MethodGet, providerPath+"/callback", f.backFromProvider)
	r.open(http.MethodGet, invitationPath+"/:token", f.invitationLimited(f.invitation))
	r.open(http.MethodPost, invitationPath+"/:token", f.invitationLimited(f.acceptInvitation))

	r.ownPost("/membership", f.chooseMembership)
	r.ownGet(keptPath, f.resume)
	r.ownPost(keptPath+"/discard", f.discard)

	r.ownGet(accountPath, f.ownAccount)
	r.ownPost(accountPath+"/password", f.changePassword)
	r.ownGet(accountPath+"/second-factor", f.ownSecondFactor)
	r.ownPost(accountPath+"/second-factor", f.beginOwnSecondFactor)
	r.ownPost(accountPath+"/second-factor/code", f.setOwnSecondFactor)
	r.ownPost(accountPath+"/recovery-codes", f.renewRecoveryCodes)
	r.ownGet(accountPath+"/sessions/:id/end", f.confirmEndingSession)
	r.ownPost(accountPath+"/sessions/:id/end", f.endSession)

	person := peoplePath + "/:id"

	r.get(peoplePath, gateway.PermissionAppoint, f.people)
	r.post(peoplePath, gateway.PermissionAppoint, f.invite)
	r.get(peoplePath+"/new", gateway.PermissionAppoint, f.inviteForm)
	r.post(peoplePath+"/search", gateway.PermissionAppoint, f.searchPeople)
	r.get(person, gateway.PermissionAppoint, f.person)
	r.post(person+"/memberships", gateway.PermissionAppoint, f.addMembership)
	r.get(person+"/memberships/:membership/remove", gateway.PermissionAppoint, f.confirmTaking)
	r.post(person+"/memberships/:membership/remove", gateway.PermissionAppoint, f.takeMembership)
	r.get(person+"/:act", gateway.PermissionAppoint, f.confirmPersonAct)
	r.post(person+"/:act", gateway.PermissionAppoint, f.performPersonAct)
	r.nothingElse(peoplePath)
}

// membershipChoice is one of the memberships that a person may work in.
type membershipChoice struct {
	ID     string
	Label  string
	Chosen bool
}

// MembershipChoices are what the person may choose among; none where there is nothing to choose.
func (p page) MembershipChoices() []membershipChoice {
	if p.Account == nil || len(p.Account.Memberships) < 2 { // one is no choice
		return nil
	}

	choices := make([]membershipChoice, len(p.Account.Memberships))
	for i, membership := range p.Account.Memberships {
		choices[i] = membershipChoice{
			ID: membership.ID, Label: p.membershipLabel(membership), Chosen: membership.ID == p.Account.MembershipID,
		}
	}

	return choices
}

// membershipLabel says the role and for whom.
func (p page) membershipLabel(membership gateway.Membership) string {
	return p.T("membership.label", p.T("role."+string(membership.Role)), p.enteLabel(membership))
}

func (p page) enteLabel(membership gateway.Membership) string {
	if membership.EnteID == "" {
		return p.T("membership.every_ente")
	}

	return membership.EnteName
}

// chooseMembership goes on in another membership, from the beginning: what is on the screen may belong to another Ente.
func (f *Frontend) chooseMembership(c echo.Context) error {
	wanted := c.FormValue("membership")

	chosen, has := account(c).In(wanted)
	if !has || wanted == "" {
		return echo.NewHTTPError(http.StatusUnprocessableEntity)
	}

	ctx := c.Request().Context()

	f.forgetPerson(ctx)
	f.sessions.Remove(ctx, sessionPeople)

	if err := f.sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("renewing the session's token: %w", err)
	}

	if err := f.gateway.ContinueSession(ctx, chosen, f.sessionStart(c, "")); err != nil {
		return fmt.Errorf("going on in another membership: %w", err)
	}

	f.sessions.Put(ctx, sessionMembership, chosen.MembershipID)

	if err := f.markBrowser(c, chosen); err != nil {
		return err
	}

	f.leaveNotice(c, toneSuccess, "membership.chosen")

	return redirect(c, dashboardPath)
}

// isWrongPassword tells a password that the person may correct.
func isWrongPassword(err error) bool { return errors.Is(err, gateway.ErrUnauthenticated) }
