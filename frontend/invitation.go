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

const invitationPath = "/invitation"

// invitationPage lets an invited person in. The address holds the token; the answer to a wrong one says nothing more.
type invitationPage struct {
	page
	Email       string
	Name        string
	Memberships []string
	Problems    map[string]string
	Gone        bool
	TooMany     bool
}

// invitationLimited refuses whoever looks up one link after the other, before anything is looked up.
func (f *Frontend) invitationLimited(handler echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		wait := f.signInLimits.takeInvitation(c.RealIP())
		if wait == 0 {
			return handler(c)
		}

		c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(wait/time.Second)))
		f.log.Warn("an invitation was not looked up after too many", requestID(c.Response()))

		return f.show(c, http.StatusTooManyRequests, "invitation.html", invitationPage{
			page: f.page(c, "invitation.too_many.title"), TooMany: true,
		})
	}
}

func (f *Frontend) invitation(c echo.Context) error {
	invitation, err := f.gateway.Invitation(c.Request().Context(), c.Param("token"))
	if errors.Is(err, gateway.ErrNotFound) {
		return f.showInvitationGone(c)
	}

	if err != nil {
		return fmt.Errorf("reading an invitation: %w", err)
	}

	return f.showInvitation(c, http.StatusOK, invitation, nil)
}

func (f *Frontend) acceptInvitation(c echo.Context) error {
	ctx, token := c.Request().Context(), c.Param("token")

	invitation, err := f.gateway.Invitation(ctx, token)
	if errors.Is(err, gateway.ErrNotFound) {
		return f.showInvitationGone(c)
	}

	if err != nil {
		return fmt.Errorf("reading an invitation: %w", err)
	}

	invitation.Name = c.FormValue(paramName)
	p := f.basePage(c.Request(), nil)

	if c.FormValue(paramPassword) != c.FormValue("repeated") {
		return f.showInvitation(c, http.StatusUnprocessableEntity, invitation, map[string]string{"repeated": p.T("password.different")})
	}

	account, err := f.gateway.AcceptInvitation(ctx, token, invitation.Name, c.FormValue(paramPassword), c.RealIP())

	var invalid notification.FieldErrors

	switch {
	case errors.As(err, &invalid):
		problems, _ := sortProblems(invalid, map[string]string{paramName: paramName, paramPassword: paramPassword}, p.Lang)

		return f.showInvitation(c, http.StatusUnprocessableEntity, invitation, problems)
	case errors.Is(err, gateway.ErrNotFound):
		return f.showInvitationGone(c)
	case err != nil:
		return fmt.Errorf("accepting an invitation: %w", err)
	}

	return f.afterPassword(c, account, dashboardPath)
}

func (f *Frontend) showInvitation(
	c echo.Context, status int, invitation gateway.Invitation, problems map[string]string,
) error {
	shown := invitationPage{
		page: f.page(c, "invitation.title"), Email: invitation.Email, Name: invitation.Name, Problems: problems,
	}
	for _, membership := range invitation.Memberships {
		shown.Memberships = append(shown.Memberships, shown.membershipLabel(membership))
	}

	return f.show(c, status, "invitation.html", shown)
}

// showInvitationGone is for a link that was used, withdrawn or renewed, that has expired, or that never was.
func (f *Frontend) showInvitationGone(c echo.Context) error {
	return f.show(c, http.StatusNotFound, "invitation.html", invitationPage{page: f.page(c, "invitation.gone.title"), Gone: true})
}
