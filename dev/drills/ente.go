package drills

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/dev/prodlocal"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// ente is an invented public body with one service, as its application sees GeNIO.
type ente struct {
	id, service, apiKey, url string
	client                   *http.Client
}

const (
	callPatience = 20 * time.Second
	// connectionsEach are as many as a lively application keeps open.
	connectionsEach = 16
)

// found takes so many Enti on. Their services ask a person where an outcome is uncertain: policy "hold".
func found(ctx context.Context, stack *prodlocal.Stack, count int) ([]*ente, error) {
	store, err := stack.Store(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what was being done.
	}
	defer func() { _ = store.Close() }()

	enti := make([]*ente, count)
	for number := range enti {
		if enti[number], err = foundOne(ctx, store, stack.URL(), number); err != nil {
			return nil, fmt.Errorf("founding an Ente: %w", err)
		}
	}

	return enti, nil
}

func foundOne(ctx context.Context, store *db.Store, url string, number int) (*ente, error) {
	does := gateway.New(gateway.Config{Store: store, Log: zap.NewNop()})
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "drill", Name: "drill"}

	made, err := does.CreateEnte(ctx, system, fmt.Sprintf("Comune di Prova %d", number+1), enteCode(number))
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller does.
	}

	policy := notification.DefaultPolicy()
	policy.OnUncertain = notification.UncertainHold

	service, err := does.CreateService(ctx, system, notification.Service{
		EnteID: made.ID, Name: "Avvisi", Policy: policy, SMSSender: "Prova",
	}, notification.ServiceKeys{Primary: rand.Text()})
	if err != nil {
		return nil, err //nolint:wrapcheck // as above.
	}

	_, key, err := does.CreateAPIKey(ctx, system, made.ID, "drill", nil, time.Time{})
	if err != nil {
		return nil, err //nolint:wrapcheck // as above.
	}

	transport := &http.Transport{MaxIdleConnsPerHost: connectionsEach}

	return &ente{
		id: made.ID, service: service.ID, apiKey: key, url: url,
		client: &http.Client{Transport: transport, Timeout: callPatience},
	}, nil
}

// enteCode makes an 11-digit code with a right check digit that belongs to nobody.
func enteCode(number int) string {
	for digit := range 10 {
		if code := fmt.Sprintf("9%09d%d", number, digit); fiscalcode.ValidateNumeric(code) == nil {
			return code
		}
	}

	return "" // one of ten digits is always right
}

// refusedError is an answer that repeating the call does not change.
type refusedError struct {
	status  int
	problem string
}

// Error has the problem, which never holds personal data.
func (e refusedError) Error() string {
	return fmt.Sprintf("GeNIO answered %d: %s", e.status, e.problem)
}

// passingError is an answer, or none, after which a call is to be repeated.
type passingError struct{ what string }

// Error names what passed.
func (e passingError) Error() string { return e.what }

// submit hands a letter in once. The call has its own key, so that it may be repeated.
func (e *ente) submit(ctx context.Context, written *letter) (id string, err error) {
	recipient := map[string]any{"fiscal_code": written.fiscalCode}
	if written.phone != "" {
		recipient["phone"] = written.phone
	}

	body := map[string]any{
		"service_id": e.service, "recipient": recipient,
		"content": map[string]any{
			"subject": fmt.Sprintf("Avviso di prova n. %d del Comune", written.number),
			"markdown": fmt.Sprintf("Questo è l'avviso di **prova** numero %d del Comune, con dati inventati. Non occorre fare nulla, e "+
				"nessuno lo riceverà davvero.", written.number),
			"sms_text": fmt.Sprintf("Comune di Prova: avviso di prova n. %d, con dati inventati.", written.number),
		},
	}

	var receipt struct {
		ID string `json:"id"`
	}

	err = e.post(ctx, "/notifications", fmt.Sprintf("drill-%d", written.number), body, &receipt)

	return receipt.ID, err
}

// decide closes a notification of which nobody can know whether the provider has it.
func (e *ente) decide(ctx context.Context, id string) error {
	return e.post(ctx, "/notifications/"+id+"/decide", "", map[string]any{"decision": "close"}, nil)
}

// post fails with a [passingError] where the call is to be repeated, and with a [refusedError] where that is of no use.
func (e *ente) post(ctx context.Context, path, key string, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding a request: %w", err)
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url+"/api/v1"+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}

	// Go's client would repeat calls with an Idempotency-Key by itself, and nobody would count them.
	request.GetBody = nil

	request.Header.Set("Authorization", "Bearer "+e.apiKey)
	request.Header.Set("Content-Type", "application/json")

	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}

	response, err := e.client.Do(request)
	if err != nil {
		return passingError{whyNoAnswer(err)}
	}
	defer func() { _ = response.Body.Close() }()

	return read(response, answer)
}

func whyNoAnswer(err error) string {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer in time"
	}

	return "no connection, or cut"
}

// read takes everything from 500 up, and 429, for passing.
func read(response *http.Response, answer any) error {
	switch {
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode >= http.StatusInternalServerError:
		return passingError{fmt.Sprintf("answer %d", response.StatusCode)}
	case response.StatusCode != http.StatusAccepted:
		problem, _ := io.ReadAll(response.Body) // what there is of it

		return refusedError{response.StatusCode, string(problem)}
	case answer == nil:
		return nil
	}

	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return passingError{"answer cut"}
	}

	return nil
}
