package gateway

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/genio-gateway/genio/db"
)

// The second factor is a time-based one-time password (RFC 6238) with the parameters that every authenticator knows: SHA-1,
// six digits, steps of 30 seconds.
const (
	totpIssuer = "GeNIO"
	totpPeriod = 30 // seconds
	// totpSkew is by how many steps a phone's clock may be wrong, as RFC 6238 recommends.
	totpSkew = 1

	secondFactorTries  = 5
	secondFactorWithin = 15 * time.Minute

	recoveryCodes     = 10
	recoveryCodeBytes = 10 // 80 random bits make 16 characters of base 32
	recoveryCodePart  = 4  // characters between two hyphens
)

// SecondFactorKey is a key that a person takes over into an authenticator app.
type SecondFactorKey struct {
	Secret string // in base 32, as people type it
	URL    string // otpauth://…, as a QR code holds it
}

// NewSecondFactorKey makes a key; it counts once [Gateway.SetSecondFactor] has seen a code of it.
func (g *Gateway) NewSecondFactorKey(email string) (SecondFactorKey, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: totpIssuer, AccountName: email})
	if err != nil {
		return SecondFactorKey{}, fmt.Errorf("making a second factor: %w", err)
	}

	return SecondFactorKey{Secret: key.Secret(), URL: key.URL()}, nil
}

// SetSecondFactor gives the actor a second factor, in the place of an earlier one, whose first code shows that it works. It
// returns the recovery codes, which nobody can read later.
func (g *Gateway) SetSecondFactor(ctx context.Context, actor Actor, secret, code string) ([]string, error) {
	step, found := codeStep(secret, code, time.Now())
	if !found {
		return nil, invalid("code", "wrong", "not the code that the app shows now", "non è il codice che l'app mostra ora")
	}

	codes, err := newRecoveryCodes()
	if err != nil {
		return nil, err
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		return actOn("set_second_factor", actor.ID, actor.EnteID),
			storeError("storing the second factor", store.SetSecondFactor(ctx, actor.ID, secret, step, plainCodes(codes)))
	})
	if err != nil {
		return nil, err
	}

	return codes, nil
}

// CheckSecondFactor takes a code of the authenticator app, each once, or a recovery code. It returns ErrUnauthenticated where
// it is wrong, and ErrTooMany where too many were. That is noted once until the next try is allowed, so that whoever goes on trying
// does not fill the audit log.
func (g *Gateway) CheckSecondFactor(ctx context.Context, actor Actor, input string) error {
	pace := db.SecondFactorPace{Tries: secondFactorTries, Within: secondFactorWithin}
	plain := plainCode(input)

	var (
		right bool
		err   error
	)

	recovery := len(plain) > int(otp.DigitsSix)
	if recovery {
		right, err = g.Store.UseRecoveryCode(ctx, actor.ID, pace, plain)
	} else {
		right, err = g.Store.CheckCode(ctx, actor.ID, pace, func(secret string) (int64, bool) {
			return codeStep(secret, plain, time.Now())
		})
	}

	switch {
	case errors.Is(err, db.ErrStillPaced):
		return ErrTooMany
	case errors.Is(err, db.ErrPaced):
		return errors.Join(ErrTooMany, g.audit(ctx, actor, actOn("second_factor_refused", actor.ID, actor.EnteID, "reason", "too_many")))
	case errors.Is(err, db.ErrNotFound):
		return ErrUnauthenticated
	case err != nil:
		return storeError("checking the second factor", err)
	case !right:
		return errors.Join(ErrUnauthenticated, g.audit(ctx, actor, actOn("second_factor_refused", actor.ID, actor.EnteID, "reason", "wrong")))
	case recovery:
		return g.audit(ctx, actor, actOn("use_recovery_code", actor.ID, actor.EnteID))
	}

	return nil
}

// SecondFactor tells whether the actor has a second factor, and how many recovery codes are left.
func (g *Gateway) SecondFactor(ctx context.Context, actor Actor) (has bool, codesLeft int, err error) {
	has, codesLeft, err = g.Store.HasSecondFactor(ctx, actor.ID)

	return has, codesLeft, storeError("looking for the second factor", err)
}

// RenewRecoveryCodes gives the actor, who has a second factor, new recovery codes; the earlier ones count no more.
func (g *Gateway) RenewRecoveryCodes(ctx context.Context, actor Actor) ([]string, error) {
	codes, err := newRecoveryCodes()
	if err != nil {
		return nil, err
	}

	err = g.audited(ctx, actor, func(store *db.Store) (Act, error) {
		act := actOn("renew_recovery_codes", actor.ID, actor.EnteID)

		has, _, err := store.HasSecondFactor(ctx, actor.ID)

		switch {
		case err != nil:
			return act, storeError("looking for the second factor", err)
		case !has:
			return act, ErrState
		}

		return act, storeError("storing the recovery codes", store.SetRecoveryCodes(ctx, actor.ID, plainCodes(codes)))
	})
	if err != nil {
		return nil, err
	}

	return codes, nil
}

// codeStep is the time step whose code it is.
func codeStep(secret, code string, now time.Time) (step int64, found bool) {
	present := now.Unix() / totpPeriod

	for step := present - totpSkew; step <= present+totpSkew; step++ {
		want, err := totp.GenerateCode(secret, time.Unix(step*totpPeriod, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(plainCode(code))) == 1 {
			return step, true
		}
	}

	return 0, false
}

// plainCode is a code as it is compared: people type spaces and hyphens between its parts.
func plainCode(typed string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "\t", "").Replace(strings.TrimSpace(typed)))
}

func plainCodes(codes []string) []string {
	plain := make([]string, len(codes))
	for i, code := range codes {
		plain[i] = plainCode(code)
	}

	return plain
}

func newRecoveryCodes() ([]string, error) {
	codes := make([]string, recoveryCodes)

	for i := range codes {
		random := make([]byte, recoveryCodeBytes)
		if _, err := rand.Read(random); err != nil {
			return nil, fmt.Errorf("making recovery codes: %w", err)
		}

		text := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random))

		var parts []string
		for ; text != ""; text = text[recoveryCodePart:] {
			parts = append(parts, text[:recoveryCodePart])
		}

		codes[i] = strings.Join(parts, "-")
	}

	return codes, nil
}
