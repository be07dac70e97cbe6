package sms

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twilio/twilio-go/client"
	twilioapi "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/genio-gateway/genio/notification"
)

// Defaults of the Twilio adapter.
const (
	DefaultTwilioURL = "https://api.twilio.com"
	// DefaultTwilioTimeout bounds one call. An answer that is later than this costs a reconciliation, so it is
	// longer than the ten seconds of Twilio's own library.
	DefaultTwilioTimeout = 20 * time.Second
)

// Twilio's limits. Source: Twilio, "Message resource".
const (
	longestTwilioText     = 1600 // characters
	longestTwilioValidity = 36000 * time.Second
	messagingServiceID    = "MG"
	twilioIDLength        = 34
	idleConnections       = 32
)

var (
	errUndecodable     = errors.New("the answer cannot be understood")
	errTwilioURL       = errors.New("the base URL of Twilio must be absolute, with http or https, and without a query")
	errTwilioAccount   = errors.New("the account SID of Twilio is missing")
	errTwilioAuthToken = errors.New("the auth token of Twilio is missing")
)

// TwilioConfig says which Twilio account to send through.
type TwilioConfig struct {
	// BaseURL is where Twilio, or a simulator of it, listens; empty for DefaultTwilioURL.
	BaseURL    string
	AccountSID string
	AuthToken  string
	// Timeout bounds each call beside the caller's context; 0 for DefaultTwilioTimeout.
	Timeout time.Duration
	// Transport makes the HTTP calls; nil for one of its own with Go's default limits.
	Transport http.RoundTripper
	// Watch is told of each call as it begins, by its operation and never by its address, gives the context to make it in,
	// and hears the answer's HTTP status at the end; 0: no answer came. Nil: nobody watches.
	Watch func(ctx context.Context, operation string) (calling context.Context, ended func(status int))
}

// Twilio sends through Twilio's REST API of 2010-04-01. Twilio has no idempotency for messages, so after an
// uncertain Send only Reconcile or a status callback tells what happened.
type Twilio struct {
	http       *http.Client
	baseURL    *url.URL
	accountSID string
	authToken  string
	timeout    time.Duration
	watch      func(ctx context.Context, operation string) (context.Context, func(int))
}

var _ Provider = (*Twilio)(nil)

// NewTwilio checks the configuration and makes the adapter. It calls nobody.
func NewTwilio(config TwilioConfig) (*Twilio, error) {
	if config.BaseURL == "" {
		config.BaseURL = DefaultTwilioURL
	}

	base, err := url.Parse(config.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || base.RawQuery != "" {
		return nil, errTwilioURL
	}

	if config.AccountSID == "" {
		return nil, errTwilioAccount
	}

	if config.AuthToken == "" {
		return nil, errTwilioAuthToken
	}

	if config.Timeout <= 0 {
		config.Timeout = DefaultTwilioTimeout
	}

	if config.Transport == nil {
		config.Transport = twilioTransport()
	}

	if config.Watch == nil {
		config.Watch = func(ctx context.Context, _ string) (context.Context, func(int)) { return ctx, func(int) {} }
	}

	return &Twilio{
		http: &http.Client{
			Transport: config.Transport,
			// A redirect followed would post the message twice.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		baseURL:    base,
		accountSID: config.AccountSID,
		authToken:  config.AuthToken,
		timeout:    config.Timeout,
		watch:      config.Watch,
	}, nil
}

// twilioTransport keeps enough connections for the calls that run at once; Go keeps two for a host.
func twilioTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}

	own := standard.Clone()
	own.MaxIdleConnsPerHost = idleConnections

	return own
}

// Name is "twilio".
func (*Twilio) Name() string { return "twilio" }

// Send creates a message. A Sender that is the SID of a Messaging Service picks that service, any other is the
// From. A Validity beyond Twilio's longest, ten hours, is cut to it.
func (t *Twilio) Send(ctx context.Context, message Message) (Receipt, error) {
	parameters, err := creation(message)
	if err != nil {
		return Receipt{}, err
	}

	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()

	call, ended := t.call(ctx, "create_message")
	defer ended()

	created, err := call.api().CreateMessage(parameters)
	if err != nil {
		return Receipt{}, call.handOverError(err)
	}

	receipt, ok := receiptOf(created)
	if !ok {
		return Receipt{}, call.handOverError(errUndecodable)
	}

	return receipt, nil
}

// Status fetches a message.
func (t *Twilio) Status(ctx context.Context, providerID string) (Delivery, error) {
	if !plainID(providerID) {
		return Delivery{}, notSent(notification.ReasonSMSRequestRefused)
	}

	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()

	call, ended := t.call(ctx, "fetch_message")
	defer ended()

	message, err := call.api().FetchMessage(providerID, &twilioapi.FetchMessageParams{})
	if err != nil {
		return Delivery{}, call.readError(err)
	}

	receipt, ok := receiptOf(message)
	if !ok {
		return Delivery{}, call.readError(errUndecodable)
	}

	return twilioDelivery(receipt.ProviderStatus, codeOf(message), receipt.Segments), nil
}

// call is one that is watched until ended is called.
func (t *Twilio) call(ctx context.Context, operation string) (call *twilioCall, ended func()) {
	ctx, end := t.watch(ctx, operation)
	call = &twilioCall{ctx: ctx, http: t.http, baseURL: t.baseURL, accountSID: t.accountSID, authToken: t.authToken}

	return call, func() { end(call.status) }
}

// api is twilio-go's service over this call. Its own constructor would let environment variables move the host.
func (c *twilioCall) api() *twilioapi.ApiService {
	return twilioapi.NewApiService(&client.RequestHandler{Client: c})
}

// creation checks what can be known to fail, and names the parameters.
func creation(message Message) (*twilioapi.CreateMessageParams, error) {
	switch {
	case message.To == "":
		return nil, notSent(notification.ReasonSMSNoPhone)
	case message.Sender == "":
		return nil, notSent(notification.ReasonSMSSenderInvalid)
	case message.Text == "":
		return nil, notSent(notification.ReasonSMSRequestRefused)
	case utf8.RuneCountInString(message.Text) > longestTwilioText:
		return nil, notSent(notification.ReasonSMSTextTooLong)
	case message.Validity != 0 && message.Validity < time.Second:
		return nil, notSent(notification.ReasonSMSValidityExpired)
	}

	parameters := (&twilioapi.CreateMessageParams{}).SetTo(message.To).SetBody(message.Text)

	if isMessagingService(message.Sender) {
		parameters.SetMessagingServiceSid(message.Sender)
	} else {
		parameters.SetFrom(message.Sender)
	}

	if message.StatusCallback != "" {
		parameters.SetStatusCallback(message.StatusCallback)
	}

	if message.Validity != 0 {
		parameters.SetValidityPeriod(int(min(message.Validity, longestTwilioValidity) / time.Second))
	}

	return parameters, nil
}

// isMessagingService tells the SID of a Messaging Service from an alias, which has 11 characters at most.
func isMessagingService(sender string) bool {
	return len(sender) == twilioIDLength && strings.HasPrefix(sender, messagingServiceID)
}

// plainID guards the path of a request.
func plainID(id string) bool {
	return id != "" && strings.IndexFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

func receiptOf(message *twilioapi.ApiV2010Message) (Receipt, bool) {
	if message.Sid == nil || *message.Sid == "" || message.Status == nil {
		return Receipt{}, false
	}

	receipt := Receipt{ProviderID: *message.Sid, ProviderStatus: *message.Status}

	if message.NumSegments != nil {
		if segments, err := strconv.Atoi(*message.NumSegments); err == nil {
			receipt.Segments = segments
		}
	}

	return receipt, true
}
