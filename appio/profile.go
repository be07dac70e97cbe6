package appio

import (
	"context"
	"net/http"
	"regexp"
)

// Profile is what IO lets a service know of a citizen (LimitedProfile in IO's specification).
type Profile struct {
	// Found is false for citizens who are not on IO. Those who have not finished the app's onboarding look the
	// same.
	Found bool
	// SenderAllowed is false where the citizen wants no messages of this service. It is the service's own
	// answer: another service's key may get another.
	SenderAllowed bool
	// PreferredLanguages are locales such as it_IT, the most wanted first; empty where IO gives none.
	PreferredLanguages []string
}

type fiscalCodePayload struct {
	FiscalCode string `json:"fiscal_code"`
}

type limitedProfile struct {
	SenderAllowed      *bool    `json:"sender_allowed"` // required, so its absence must show
	PreferredLanguages []string `json:"preferred_languages"`
}

// Profile asks whether the service that owns the key may write to the citizen (POST /profiles, which unlike
// the GET keeps the codice fiscale out of the URL). Not being on IO is an answer and no error, but only where
// IO itself says so: a 404 of anything on the way is an error. Errors are *notification.DeliveryError, always
// with HandOverNotSent, for a question hands nothing over.
func (c *Client) Profile(ctx context.Context, key, fiscalCode string) (Profile, error) {
	body, err := encode(fiscalCodePayload{FiscalCode: fiscalCode})
	if err != nil {
		return Profile{}, err
	}

	reply, err := c.exchange(ctx, call{
		operation: getProfileByPOST, method: http.MethodPost, path: "/profiles", key: key, body: body,
	})
	if err != nil {
		return Profile{}, err
	}

	switch reply.status {
	case http.StatusOK:
		return reply.profile()
	case http.StatusNotFound:
		_, ok := reply.problem()
		if ok {
			return Profile{}, nil
		}
	}

	return Profile{}, reply.refusal()
}

func (a answer) profile() (Profile, error) {
	var limited limitedProfile

	err := a.decode(&limited)
	if err == nil && limited.SenderAllowed == nil {
		err = ErrAnswerMalformed
	}

	if err != nil {
		return Profile{}, a.unusable(err)
	}

	return Profile{
		Found:              true,
		SenderAllowed:      *limited.SenderAllowed,
		PreferredLanguages: locales(limited.PreferredLanguages),
	}, nil
}

var locale = regexp.MustCompile(`^[a-z]{2}_[A-Z]{2}$`)

// locales keeps what has the form of a locale. IO's list is open, so the values themselves are not checked.
func locales(values []string) []string {
	var kept []string

	for _, value := range values {
		if locale.MatchString(value) {
			kept = append(kept, value)
		}
	}

	return kept
}
