package simulator

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// createSMS is Twilio's POST Messages.json.
func (s *Simulator) createSMS(c echo.Context) error {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxBodyBytes)
	if err := c.Request().ParseForm(); err != nil {
		return answerTwilioError(c, http.StatusBadRequest, codeToMissing, "The form cannot be read.")
	}

	form, refusal := s.checkSMSForm(c.Request().PostForm)
	if refusal.Status != 0 {
		return answerTwilioError(c, refusal.Status, refusal.Code, refusal.Message)
	}

	outcome := phoneOutcome(form.to)

	switch outcome {
	case PhoneServerError:
		return answerTwilioInternal(c)
	case PhoneTimeoutNothingStored:
		return s.hang(c)
	case PhoneRateLimitedFirst:
		if s.refuse(endpointSMS, form.to) {
			return answerTwilioTooMany(c)
		}
	default:
	}

	return s.acceptSMS(c, form, outcome)
}

func (s *Simulator) acceptSMS(c echo.Context, form smsForm, outcome PhoneOutcome) error {
	now := time.Now()
	authToken, _ := c.Get(authTokenInContext).(string)
	message := sms{
		sid: newSID("SM"), account: c.Param("account"), form: form, outcome: outcome, createdAt: now,
		steps: stepsOf(outcome, form.messagingService != "", now, s.config.Twilio), answer: s.answerToSMS(outcome),
	}
	toCallBack := s.callbacksOf(message, authToken)

	if err := s.journal.commit(recordOfSMS(message, toCallBack), func() { s.keepSMS(message) }); err != nil {
		return answerTwilioInternal(c) // nothing is stored
	}

	s.callbacks.play(toCallBack)

	switch message.answer {
	case AnswerNone:
		return s.hang(c)
	case AnswerInternalError:
		return answerTwilioInternal(c)
	case AnswerCreated, AnswerBadGateway:
	}

	return c.JSON(http.StatusCreated, message.resource(now))
}

// answerToSMS says how much the sender hears of a message that is stored.
func (s *Simulator) answerToSMS(outcome PhoneOutcome) Answer {
	switch {
	case outcome == PhoneTimeoutAfterAccepting, s.strikes(faultTwilioTimeout):
		return AnswerNone
	case outcome == PhoneServerErrorAfterAccepting:
		return AnswerInternalError
	default:
		return AnswerCreated
	}
}

// newSID makes an identifier like Twilio's: two letters and 32 hexadecimal digits.
func newSID(prefix string) string {
	var random [16]byte

	_, _ = rand.Read(random[:]) // never fails: the runtime ends the process instead

	return prefix + hex.EncodeToString(random[:])
}
