package simulator

import (
	"crypto/subtle"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// Twilio's error codes that the simulator answers with.
const (
	codeAuthenticate       = 20003
	codeNotFound           = 20404
	codeTooManyRequests    = 20429
	codeInternal           = 20500
	codeToInvalid          = 21211
	codeFromInvalid        = 21212
	codeRegionNotEnabled   = 21408
	codeBodyMissing        = 21602
	codeFromMissing        = 21603
	codeToMissing          = 21604
	codeFromNotOurs        = 21606
	codeCallbackInvalid    = 21609
	codeOptedOut           = 21610
	codeQueueFull          = 21611
	codeUnroutable         = 21612
	codeNotMobile          = 21614
	codeBodyTooLong        = 21617
	codeValidityOutOfRange = 21624
)

// twilioError is the body of every error of Twilio's API.
type twilioError struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

func answerTwilioError(c echo.Context, status, code int, message string) error {
	return c.JSON(status, twilioError{
		Code: code, Message: message, MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), Status: status,
	})
}

func answerTwilioNotFound(c echo.Context) error {
	return answerTwilioError(c, http.StatusNotFound, codeNotFound, "The requested resource "+c.Request().URL.Path+" was not found")
}

func answerTwilioTooMany(c echo.Context) error {
	return answerTwilioError(c, http.StatusTooManyRequests, codeTooManyRequests, "Too Many Requests")
}

func answerTwilioInternal(c echo.Context) error {
	return answerTwilioError(c, http.StatusInternalServerError, codeInternal, "An internal server error has occurred")
}

const authTokenInContext = "simulator.authToken"

// asTwilio does what stands before Twilio's resources: Basic authentication, and the faults that strike before a call
// is processed.
func (s *Simulator) asTwilio(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		account, token, given := c.Request().BasicAuth()
		if !given || !s.isAccount(account, token) {
			c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Basic realm="Twilio API"`)

			return answerTwilioError(c, http.StatusUnauthorized, codeAuthenticate, "Authenticate")
		}

		if account != c.Param("account") {
			return answerTwilioNotFound(c)
		}

		c.Set(authTokenInContext, token)
		s.pause(c, s.chance.within(s.config.Twilio.Latency))

		switch {
		case s.strikes(faultTwilio429):
			return answerTwilioTooMany(c)
		case s.strikes(faultTwilio500):
			return answerTwilioInternal(c)
		default:
			return next(c)
		}
	}
}

func (s *Simulator) isAccount(account, token string) bool {
	configured := s.config.Twilio
	if configured.AccountSID == "" {
		return account != "" && token != ""
	}

	sameAccount := subtle.ConstantTimeCompare([]byte(account), []byte(configured.AccountSID))
	sameToken := subtle.ConstantTimeCompare([]byte(token), []byte(configured.AuthToken))

	return sameAccount&sameToken == 1
}
