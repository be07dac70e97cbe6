package appio

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/notification"
)

const subscriptionKeyHeader = "Ocp-Apim-Subscription-Key"

// operation is one of the API's operations.
type operation int

const (
	getProfileByPOST operation = iota
	submitMessage
	getMessage
	listServices
	getServiceKeys
	getServicePublication
)

// String is the operation's name in IO's specification.
func (o operation) String() string {
	switch o {
	case getProfileByPOST:
		return "getProfileByPOST"
	case submitMessage:
		return "submitMessage"
	case getMessage:
		return "getMessage"
	case listServices:
		return "listServices"
	case getServiceKeys:
		return "getServiceKeys"
	case getServicePublication:
		return "getServicePublication"
	}

	return "unknown"
}

// call is one call to be made.
type call struct {
	operation operation
	method    string
	path      string
	key       string
	body      []byte // nil: none
}

// exchange makes the one HTTP exchange of a call. Its error says that no answer arrived, and whether the
// request can have been processed all the same.
func (c *Client) exchange(ctx context.Context, call call) (answer, error) {
	if !keyWellFormed(call.key) {
		return answer{}, refusedBeforeCall(notification.ReasonIOKeyRejected, ErrKeyMalformed)
	}

	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	ctx, ended := c.watch(ctx, call.operation.String())

	request, body, err := c.newRequest(ctx, call)
	if err != nil {
		ended(0)

		return answer{}, refusedBeforeCall(notification.ReasonInternalError, err)
	}

	response, err := c.httpClient.Do(request) //nolint:bodyclose // readAnswer closes it
	if err != nil {
		ended(0)

		handOver := notification.HandOverNotSent
		if call.operation == submitMessage && !body.withdraw() {
			handOver = notification.HandOverUncertain
		}

		return answer{}, noAnswer(handOver, networkFault(ctx, err))
	}

	c.told(call.key, limitsOf(response.StatusCode, response.Header, time.Now()))

	content, fault := readAnswer(ctx, response, mostBytesOf(call.operation))

	ended(response.StatusCode)

	return answer{
		operation: call.operation,
		status:    response.StatusCode,
		header:    response.Header,
		body:      content,
		fault:     fault,
	}, nil
}

// keyWellFormed tells whether the key can stand in a header.
func keyWellFormed(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}

	return key != ""
}

// newRequest builds the one request of a call. A body is handed out once and cannot be rewound, see onceBody.
func (c *Client) newRequest(ctx context.Context, call call) (*http.Request, *onceBody, error) {
	request, err := http.NewRequestWithContext(ctx, call.method, c.baseURL+call.path, http.NoBody)
	if err != nil {
		// The error's text holds the URL, and the URL may hold a codice fiscale.
		return nil, nil, fmt.Errorf("building the request to IO: %w", ErrExchangeBroken)
	}

	request.Header.Set(subscriptionKeyHeader, call.key)
	request.Header.Set("Accept", "application/json, application/problem+json")
	request.Header.Set("User-Agent", "GeNIO")

	if call.body == nil {
		return request, nil, nil
	}

	body := newOnceBody(call.body)
	request.Body = body
	request.ContentLength = int64(len(call.body))
	request.Header.Set("Content-Type", "application/json")

	return request, body, nil
}

// encode gives the JSON of a request. It cannot fail for the types of this package; a failure is reported
// without its text, which could quote a value.
func encode(payload any) ([]byte, error) {
	content, err := json.Marshal(payload)
	if err != nil {
		return nil, refusedBeforeCall(notification.ReasonInternalError, fmt.Errorf("encoding the request to IO: %w", ErrRequestNotEncoded))
	}

	return content, nil
}
