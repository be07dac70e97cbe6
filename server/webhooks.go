package server

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/gateway"
)

const (
	// twilioSignatureHeader is where Twilio signs a request (Twilio, "Webhooks security").
	twilioSignatureHeader = "X-Twilio-Signature"
	// maxCallbackBytes: a status callback is a form of some twenty short fields.
	maxCallbackBytes = 64 << 10
)

// webhooks takes in the news of providers. They are outside the contract: their shape is the provider's.
type webhooks struct {
	gateway Gateway
	log     *zap.Logger
}

// twilioStatus takes in the news of one SMS. News of an attempt that nobody knows is no reason for Twilio to report a
// fault to the account's owner: it is logged and acknowledged.
func (w webhooks) twilioStatus(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}

	err = w.gateway.RecordTwilioStatus(
		c.Request().Context(), c.Request().URL.RequestURI(), form, c.Request().Header.Get(twilioSignatureHeader),
	)

	switch {
	case errors.Is(err, gateway.ErrUnauthenticated):
		return fail(ProblemSignatureInvalid)
	case errors.Is(err, gateway.ErrNotFound):
		w.log.Warn("an SMS status callback names no attempt of ours", zap.String("request_id", requestID(c)))
	case err != nil:
		return fmt.Errorf("recording an SMS status callback: %w", err)
	}

	return c.NoContent(http.StatusNoContent)
}

// readForm reads a form from the body alone: fields in the address are not part of it.
func readForm(c echo.Context) (url.Values, error) {
	mediaType, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || mediaType != echo.MIMEApplicationForm {
		return nil, fail(ProblemUnsupportedMediaType)
	}

	body, err := readBody(c, maxCallbackBytes)
	if err != nil {
		return nil, err
	}

	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fail(ProblemBadRequest)
	}

	return form, nil
}
