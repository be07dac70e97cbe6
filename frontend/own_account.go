package frontend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const accountPath = "/account"

// otherSessions stands in an address for every session but the present one.
const otherSessions = "others"

// AccountGateway is what a person's own page asks of the use cases.
type AccountGateway interface {
	OwnAccount(ctx context.Context, actor gateway.Actor, token string) (gateway.OwnAccount, error)
	CheckOwnPassword(ctx context.Context, actor gateway.Actor, password string) error
	ChangePassword(ctx context.Context, actor gateway.Actor, old, password, token string) error
	SecondFactor(ctx context.Context, actor gateway.Actor) (has bool, codesLeft int, err error)
	RenewRecoveryCodes(ctx context.Context, actor gateway.Actor) ([]string, error)
	EndOwnSession(ctx context.Context, actor gateway.Actor, id string) error
	EndOtherSessions(ctx context.Context, actor gateway.Actor, token string) error
}

// ownAccountPage is what everybody may see and change of the own account.
type ownAccountPage struct {
	page
	Own       gateway.OwnAccount
	Facts     []fact
	CodesLeft string
	Sessions  []sessionLine
	Others    bool // there are other sessions
	// Problems are by field; Wrong is the form in which the password was wrong.
	Problems map[string]string
	Wrong    string
	Provider string
}

type sessionLine struct {
	ID        string
	StartedAt moment
	SeenAt    moment
	Address   string
	Browser   string
	Current   bool
}

func (f *Frontend) ownAccount(c echo.Context) error {
	return f.showOwnAccount(c, http.StatusOK, ownAccountPage{})
}

func (f *Frontend) showOwnAccount(c echo.Context, status int, shown ownAccountPage) error {
	ctx := c.Request().Context()

	var err error
	if shown.Own, err = f.gateway.OwnAccount(ctx, actor(c), f.sessions.Token(ctx)); err != nil {
		return fmt.Errorf("reading the own account: %w", err)
	}

	shown.page = f.page(c, "account.title")
	shown.Section = ""
	shown.CodesLeft = shown.N("account.codes_left", shown.Own.RecoveryCodesLeft)

	if f.provider != nil {
		shown.Provider = f.provider.Name()
	}

	signedIn := account(c)
	shown.Facts = named([]fact{
		{Name: "people.name", Value: signedIn.Name},
		{Name: "people.email", Value: signedIn.Email, Code: true},
	}, shown.page)

	for _, membership := range signedIn.Memberships {
		shown.Facts = append(shown.Facts, fact{Name: shown.T("account.role"), Value: shown.membershipLabel(membership)})
	}

	for _, session := range shown.Own.Sessions {
		shown.Others = shown.Others || !session.Current
		shown.Sessions = append(shown.Sessions, sessionLine{
			ID: session.ID, StartedAt: f.moment(session.StartedAt, shown.Lang), SeenAt: f.moment(session.SeenAt, shown.Lang),
			Address: session.Address, Browser: browserOf(session.UserAgent, shown.page), Current: session.Current,
		})
	}

	return f.show(c, status, "account.html", shown)
}

// guarded asks for the password before something that matters, in the form that is named. Guessing is slowed down as at the
// sign-in.
func (f *Frontend) guarded(c echo.Context, form string, act func() error) error {
	signedIn := account(c)

	if wait := f.signInLimits.take(c.RealIP(), signedIn.Email); wait > 0 {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))

		return f.showWrongPassword(c, http.StatusTooManyRequests, form, "signin.too_many")
	}

	err := act()
	if isWrongPassword(err) {
		return f.showWrongPassword(c, http.StatusUnprocessableEntity, form, "account.wrong_password")
	}

	if err == nil {
		f.signInLimits.forgive(c.RealIP(), signedIn.Email)
	}

	return err
}

func (f *Frontend) showWrongPassword(c echo.Context, status int, form, key string) error {
	text := f.basePage(c.Request(), nil).T(key)

	return f.showOwnAccount(c, status, ownAccountPage{Wrong: form, Problems: map[string]string{"old": text}})
}

func (f *Frontend) changePassword(c echo.Context) error {
	if c.FormValue(paramPassword) != c.FormValue("repeated") {
		return f.showOwnAccount(c, http.StatusUnprocessableEntity, ownAccountPage{
			Wrong: paramPassword, Problems: map[string]string{"repeated": f.basePage(c.Request(), nil).T("password.different")},
		})
	}

	return f.guarded(c, paramPassword, func() error { return f.setPassword(c) })
}

func (f *Frontend) setPassword(c echo.Context) error {
	ctx := c.Request().Context()

	err := f.gateway.ChangePassword(ctx, actor(c), c.FormValue("old"), c.FormValue(paramPassword), f.sessions.Token(ctx))
	if invalid, ok := errors.AsType[notification.FieldErrors](err); ok {
		problems, _ := sortProblems(invalid, map[string]string{paramPassword: paramPassword}, languageOf(c.Request()))

		return f.showOwnAccount(c, http.StatusUnprocessableEntity, ownAccountPage{Wrong: paramPassword, Problems: problems})
	}

	if err != nil {
		return fmt.Errorf("changing the password: %w", err)
	}

	f.leaveNotice(c, toneSuccess, "account.password_changed")

	return redirect(c, accountPath)
}

// beginOwnSecondFactor makes a key, once the person has given the password again.
func (f *Frontend) beginOwnSecondFactor(c echo.Context) error {
	ctx := c.Request().Context()

	return f.guarded(c, "second_factor", func() error {
		if err := f.gateway.CheckOwnPassword(ctx, actor(c), c.FormValue("old")); err != nil {
			return fmt.Errorf("checking the password: %w", err)
		}

		key, err := f.gateway.NewSecondFactorKey(account(c).Email)
		if err != nil {
			return fmt.Errorf("making a second factor: %w", err)
		}

		f.sessions.Put(ctx, sessionEnrolling, key.Secret)
		f.sessions.Put(ctx, sessionEnrolURL, key.URL)

		return redirect(c, accountPath+"/second-factor")
	})
}

func ownEnrolPage() enrolPage {
	return enrolPage{Action: accountPath + "/second-factor/code", Back: accountPath}
}

func (f *Frontend) ownSecondFactor(c echo.Context) error {
	if f.sessions.GetString(c.Request().Context(), sessionEnrolling) == "" {
		return redirect(c, accountPath)
	}

	return f.showEnrolment(c, http.StatusOK, *account(c), ownEnrolPage())
}

func (f *Frontend) setOwnSecondFactor(c echo.Context) error {
	codes, err := f.confirmEnrolment(c, *account(c))
	if errors.Is(err, errNotEnrolling) {
		return redirect(c, accountPath)
	}

	if problem := enrolProblem(err); problem != "" {
		shown := ownEnrolPage()
		shown.Problem = problem

		return f.showEnrolment(c, http.StatusUnprocessableEntity, *account(c), shown)
	}

	if err != nil {
		return err
	}

	return f.showCodes(c, codes, accountPath, "second.codes.lead")
}

func (f *Frontend) renewRecoveryCodes(c echo.Context) error {
	return f.guarded(c, "recovery_codes", func() error { return f.showRenewedCodes(c) })
}

// showRenewedCodes makes the codes, once the person has given the password again.
func (f *Frontend) showRenewedCodes(c echo.Context) error {
	ctx := c.Request().Context()

	if err := f.gateway.CheckOwnPassword(ctx, actor(c), c.FormValue("old")); err != nil {
		return fmt.Errorf("checking the password: %w", err)
	}

	codes, err := f.gateway.RenewRecoveryCodes(ctx, actor(c))
	if errors.Is(err, gateway.ErrState) {
		return redirect(c, accountPath)
	}

	if err != nil {
		return fmt.Errorf("renewing the recovery codes: %w", err)
	}

	return f.showCodes(c, codes, accountPath, "second.codes.renewed")
}

func (f *Frontend) confirmEndingSession(c echo.Context) error {
	ctx := c.Request().Context()

	own, err := f.gateway.OwnAccount(ctx, actor(c), f.sessions.Token(ctx))
	if err != nil {
		return fmt.Errorf("reading the own sessions: %w", err)
	}

	prefix := "account.end_one"
	if c.Param("id") == otherSessions {
		prefix = "account.end_others"
	}

	p := f.page(c, prefix+".title")
	p.Section = ""

	shown := confirmPage{
		page: p, Crumbs: []crumb{{Address: accountPath, Label: p.T("account.title")}},
		Address: accountPath, Act: "sessions/" + c.Param("id") + "/end", Tone: toneDanger,
		Heading: p.T(prefix + ".title"), Text: p.T(prefix + ".text"), Submit: p.T(prefix + ".submit"), Back: p.T("account.back"),
		Once: newOnceKey(),
	}

	found := c.Param("id") == otherSessions

	for _, session := range own.Sessions {
		if session.ID == c.Param("id") && !session.Current {
			found = true
			shown.Facts = named([]fact{
				{Name: "session.browser", Value: browserOf(session.UserAgent, p)},
				{Name: "session.address", Value: session.Address},
				{Name: "session.started", Value: f.moment(session.StartedAt, p.Lang).shortly()},
			}, p)
		}
	}

	if !found {
		return echo.ErrNotFound
	}

	return f.show(c, http.StatusOK, "confirm.html", shown)
}

// endSession ends one other session or all others. Ending one twice is no problem, so that a double click is none.
func (f *Frontend) endSession(c echo.Context) error {
	ctx, key := c.Request().Context(), "account.end_one.done"

	var err error
	if c.Param("id") == otherSessions {
		key, err = "account.end_others.done", f.gateway.EndOtherSessions(ctx, actor(c), f.sessions.Token(ctx))
	} else {
		err = f.gateway.EndOwnSession(ctx, actor(c), c.Param("id"))
	}

	if err != nil && !errors.Is(err, gateway.ErrNotFound) {
		return fmt.Errorf("ending a session: %w", err)
	}

	f.leaveNotice(c, toneSuccess, key)

	return redirect(c, accountPath)
}
