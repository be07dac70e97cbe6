package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"
)

// endpoints for [refusals].
const (
	endpointProfile = "profile"
	endpointSubmit  = "submit"
	endpointStatus  = "status"
	endpointSMS     = "sms"
)

// limitedProfile is IO's LimitedProfile.
type limitedProfile struct {
	SenderAllowed      bool     `json:"sender_allowed"`
	PreferredLanguages []string `json:"preferred_languages,omitempty"`
}

// postProfile is getProfileByPOST: the codice fiscale is in the body.
func (s *Simulator) postProfile(c echo.Context) error {
	check := newPayloadCheck(longReport)

	body, isObject := check.object(readBody(c), "root", exactFiscalCodePayload)
	if isObject {
		check.text(body, "root", "fiscal_code", required, fiscalCodeRule())
	}

	if check.failed() {
		return answerProblem(c, http.StatusBadRequest, "Invalid "+exactFiscalCodePayload, check.report())
	}

	return s.answerProfile(c, body.textOf("fiscal_code"))
}

// getProfile is the deprecated form with the codice fiscale in the URL.
func (s *Simulator) getProfile(c echo.Context) error {
	fiscalCode, valid := fiscalCodeInPath(c)
	if !valid {
		return answerBadFiscalCodeInPath(c, fiscalCode)
	}

	return s.answerProfile(c, fiscalCode)
}

func (s *Simulator) answerProfile(c echo.Context, fiscalCode string) error {
	s.count(tally{Kind: tallyProfileCall, Name: callerOf(c).ServiceID})

	outcome := citizenOutcome(fiscalCode)
	if outcome == CitizenForbidden || !mayWriteTo(callerOf(c), fiscalCode) {
		return answerRecipientForbidden(c)
	}

	switch {
	case outcome == CitizenKeyRevoked:
		return answerUnauthorized(c)
	case outcome == CitizenRateLimitedFirst && s.refuse(endpointProfile, fiscalCode):
		return s.answerRateLimited(c, 1)
	case outcome == CitizenProfileErrorFirst && s.refuse(endpointProfile, fiscalCode):
		return answerInternalError(c)
	case outcome == CitizenNotOnIO:
		return answerProblem(c, http.StatusNotFound, "Profile not found", "The profile you requested was not found in the system.")
	default:
		return c.JSON(http.StatusOK, profileOf(outcome))
	}
}

func profileOf(outcome CitizenOutcome) limitedProfile {
	profile := limitedProfile{
		SenderAllowed:      outcome != CitizenSenderNotAllowed && outcome != CitizenPrefersEnglishNotAllowed,
		PreferredLanguages: []string{"it_IT"},
	}
	if outcome == CitizenPrefersEnglish || outcome == CitizenPrefersEnglishNotAllowed {
		profile.PreferredLanguages = []string{"de_DE", "en_GB", "it_IT"}
	}

	return profile
}

// mayWriteTo applies IO's limited mode.
func mayWriteTo(who caller, fiscalCode string) bool {
	return len(who.AuthorizedRecipients) == 0 || slices.Contains(who.AuthorizedRecipients, fiscalCode)
}

func fiscalCodeInPath(c echo.Context) (string, bool) {
	fiscalCode, err := url.PathUnescape(c.Param("fiscal_code"))
	if err != nil {
		return c.Param("fiscal_code"), false
	}

	return fiscalCode, fiscalCodeRule().accepts(fiscalCode)
}

func answerBadFiscalCodeInPath(c echo.Context, fiscalCode string) error {
	check := newPayloadCheck(longReport)
	check.refuse(jsonText(fiscalCode), "root", fiscalCodeRule().name)

	return answerProblem(c, http.StatusBadRequest, "Invalid "+fiscalCodeRule().name, check.report())
}

// readBody is nil, JavaScript's undefined, for a body that is not JSON.
func readBody(c echo.Context) json.RawMessage {
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxBodyBytes))
	if err != nil || !json.Valid(body) {
		return nil
	}

	return body
}
