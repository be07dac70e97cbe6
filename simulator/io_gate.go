package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
)

// Headers of PagoPA's API Management.
const (
	headerSubscriptionKey = "Ocp-Apim-Subscription-Key"
	headerRemaining       = "X-Rate-Limit-Remaining"
	headerRetryAfter      = "X-Rate-Limit-Retry-After"
)

// caller is who a subscription key stands for, as one call has it.
type caller struct {
	IOKey

	key string
	// manages tells a manage key from a service's, and registered a service's key from one that stands for anything.
	manages, registered bool
}

const callerInContext = "simulator.caller"

func callerOf(c echo.Context) caller {
	who, _ := c.Get(callerInContext).(caller)

	return who
}

// apimError is the body that API Management itself answers with, unlike the functions' problem+json.
type apimError struct {
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
}

// asAPIM does what stands before PagoPA's functions: subscription key, quota of the Ente, and the faults that strike
// before a call is processed.
func (s *Simulator) asAPIM(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who, known := s.whoCalls(c.Request().Header.Get(headerSubscriptionKey))
		if !known {
			return answerUnauthorized(c)
		}

		c.Set(callerInContext, who)

		if s.quota.enabled() {
			remaining, retryAfter := s.quota.admit(who.EnteID)
			c.Response().Header().Set(headerRemaining, strconv.Itoa(remaining))

			if retryAfter > 0 {
				return s.answerRateLimited(c, retryAfter)
			}
		}

		s.pause(c, s.chance.within(s.config.IOLatency))

		switch {
		case s.strikes(faultIO429):
			return s.answerRateLimited(c, 1)
		case s.strikes(faultIO500):
			return answerInternalError(c)
		case s.strikes(faultIOReset):
			return errCut
		default:
			return next(c)
		}
	}
}

func (s *Simulator) whoCalls(key string) (who caller, known bool) {
	s.keysMu.RLock()
	defer s.keysMu.RUnlock()

	if service, registered := s.keys[key]; registered {
		return caller{IOKey: service, key: key, registered: true}, true
	}

	if enteID, manages := s.manageKeys[key]; manages {
		return caller{IOKey: IOKey{EnteID: enteID}, key: key, manages: true}, true
	}

	if key == "" || !s.config.AcceptAnyKey {
		return caller{}, false
	}

	return caller{IOKey: unregisteredService(key), key: key}, true
}

// unregisteredService makes an unknown key an Ente and a service of its own, approved for payments up to IO's usual
// ceiling of 10,000 €.
func unregisteredService(key string) IOKey {
	const (
		usualCeilingCents = 1_000_000
		idBytes           = 6
	)

	hash := sha256.Sum256([]byte(key))
	id := hex.EncodeToString(hash[:idBytes])

	return IOKey{EnteID: "ente-" + id, ServiceID: "service-" + id, MaxPaymentCents: usualCeilingCents, MayNamePayee: true}
}

func answerUnauthorized(c echo.Context) error {
	message := "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
	if c.Request().Header.Get(headerSubscriptionKey) == "" {
		message = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."
	}

	c.Response().Header().Set(echo.HeaderWWWAuthenticate, fmt.Sprintf("AzureApiManagementKey realm=%q,name=%q,type=%q",
		"https://api.io.pagopa.it/api/v1", headerSubscriptionKey, "header"))

	return c.JSON(http.StatusUnauthorized, apimError{StatusCode: http.StatusUnauthorized, Message: message})
}

func (s *Simulator) answerRateLimited(c echo.Context, retryAfterSeconds int) error {
	s.count(tally{Kind: tallyRateLimited, Name: callerOf(c).EnteID})
	c.Response().Header().Set(headerRetryAfter, strconv.Itoa(retryAfterSeconds))

	return c.JSON(http.StatusTooManyRequests, apimError{
		StatusCode: http.StatusTooManyRequests,
		Message:    fmt.Sprintf("Rate limit is exceeded. Try again in %d seconds.", retryAfterSeconds),
	})
}
