package sms

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go/client"
)

const (
	// longestErrorBody and longestBody bound what is read of an answer. A page of messages holds at most
	// twilioPageSize texts of 1,600 characters.
	longestErrorBody = 64 << 10
	longestBody      = 16 << 20
	// longestRetryAfter keeps a senseless header from parking a message for good.
	longestRetryAfter = 24 * time.Hour
)

// twilioCall is one call to Twilio: the client that twilio-go sends it through, and what was seen of it. The
// library's own client knows no context, drops the Retry-After header and leaves the bodies of errors open.
type twilioCall struct {
	ctx        context.Context //nolint:containedctx // twilio-go's BaseClient takes none, and this lives for one call
	http       *http.Client
	baseURL    *url.URL
	accountSID string
	authToken  string

	// leftUs is set as soon as any of the request may have been written to a connection.
	leftUs atomic.Bool
	// status, code and retryAfter are of the answer; status is 0 where none arrived.
	status     int
	code       int
	retryAfter time.Duration
}

var (
	_ client.BaseClient = (*twilioCall)(nil)

	errRefused = errors.New("the answer is not a success")
)

// AccountSid gives the account that twilio-go puts into paths.
func (c *twilioCall) AccountSid() string { return c.accountSID }

// SetTimeout does nothing: the context bounds the call.
func (*twilioCall) SetTimeout(time.Duration) {}

// SetOauth does nothing: calls authenticate with the account's token.
func (*twilioCall) SetOauth(client.OAuth) {}

// OAuth is nil, which tells twilio-go to use basic authentication.
func (*twilioCall) OAuth() client.OAuth { return nil } //nolint:ireturn // twilio-go's interface

// SendRequest makes the call that twilio-go has prepared. An answer other than 2xx is an error.
func (c *twilioCall) SendRequest(
	method, rawURL string, data url.Values, headers map[string]any, _ ...byte,
) (*http.Response, error) {
	request, err := c.request(method, rawURL, data, headers)
	if err != nil {
		return nil, err
	}

	response, err := c.http.Do(request)
	if err != nil {
		return nil, withoutURL(err)
	}

	c.status = response.StatusCode
	c.retryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())

	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusMultipleChoices {
		return nil, c.readRefusal(response)
	}

	response.Body = answerBody{Reader: io.LimitReader(response.Body, longestBody), body: response.Body}

	return response, nil
}

func (c *twilioCall) request(method, rawURL string, data url.Values, headers map[string]any) (*http.Request, error) {
	target, err := c.target(rawURL)
	if err != nil {
		return nil, err
	}

	var body io.Reader

	if method == http.MethodPost {
		body = strings.NewReader(data.Encode())
	} else {
		target.RawQuery = data.Encode()
	}

	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(c.ctx, c.trace()), method, target.String(), body)
	if err != nil {
		return nil, withoutURL(err)
	}

	for name, value := range headers {
		request.Header.Set(name, fmt.Sprint(value))
	}

	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "genio twilio-go/"+client.LibraryVersion)
	request.SetBasicAuth(c.accountSID, c.authToken)

	return request, nil
}

// target moves an address of twilio-go's, whose host is fixed, to the configured one.
func (c *twilioCall) target(rawURL string) (*url.URL, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return nil, withoutURL(err)
	}

	target := *c.baseURL
	target.Path = strings.TrimSuffix(c.baseURL.Path, "/") + parsed.Path
	target.RawPath = ""

	return &target, nil
}

// trace learns whether the request left. Go fetches a second connection for the same request only if it is
// certain that nothing of it was processed on the first, hence the reset.
func (c *twilioCall) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { c.leftUs.Store(false) },
		WroteHeaderField: func(string, []string) { c.leftUs.Store(true) },
		WroteRequest:     func(httptrace.WroteRequestInfo) { c.leftUs.Store(true) },
	}
}

// readRefusal keeps the code of an error answer and drops its text, which may repeat the recipient.
func (c *twilioCall) readRefusal(response *http.Response) error {
	defer func() { _ = response.Body.Close() }()

	var refused struct {
		Code int `json:"code"`
	}

	// An intermediary's page has no code; the HTTP status then says all there is.
	if err := json.NewDecoder(io.LimitReader(response.Body, longestErrorBody)).Decode(&refused); err == nil {
		c.code = refused.Code
	}

	return errRefused
}

// retryAfter reads the header in both of its forms (RFC 9110, 10.2.3); 0 where it says nothing usable.
func retryAfter(header string, now time.Time) time.Duration {
	wished := time.Duration(0)

	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		wished = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wished = at.Sub(now)
	}

	return min(max(wished, 0), longestRetryAfter)
}

// withoutURL drops the address that net/http and net/url put into their errors: searches name the recipient there.
func withoutURL(err error) error {
	var named *url.Error
	for errors.As(err, &named) {
		err = named.Err
	}

	return err
}

// answerBody bounds what is read of an answer, and reads what the decoder left so that the connection can serve
// the next call.
type answerBody struct {
	io.Reader

	body io.ReadCloser
}

// Close drains a little and closes.
func (b answerBody) Close() error {
	_, _ = io.CopyN(io.Discard, b.body, longestErrorBody)

	if err := b.body.Close(); err != nil {
		return fmt.Errorf("closing the answer: %w", err)
	}

	return nil
}
