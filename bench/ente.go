package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/batch/batchtest"
)

// ente is a public body with one service, as its application sees GeNIO.
type ente struct {
	stack   *stack
	id      string
	service string
	apiKey  string
	ioKey   string // which makes an Ente of its own of it at the simulator
}

// codes of invented public bodies, whose check digits are right.
func enteCodes() []string { return []string{"80000000002", "80000000010"} }

func (s *stack) found(ctx context.Context, number int) (*ente, error) {
	found := &ente{stack: s, ioKey: fmt.Sprintf("bench-key-of-ente-%d", number)}

	var err error

	name := fmt.Sprintf("Comune di Prova %d", number+1)
	if found.id, err = s.admin(ctx, "", "admin", "ente", name, enteCodes()[number]); err != nil {
		return nil, err
	}

	found.service, err = s.admin(ctx, found.ioKey+"\n", "admin", "service", "--max-payment-cents=1000000", "--no-sms", found.id, "Avvisi")
	if err != nil {
		return nil, err
	}

	found.apiKey, err = s.admin(ctx, "", "admin", "api-key", found.id, "bench")

	return found, err
}

// template keeps the template of the payment notices.
func (e *ente) template(ctx context.Context) (string, error) {
	template := paymentTemplate()

	var made struct {
		ID string `json:"id"`
	}

	body := map[string]any{"name": template.Name, "italian": template.Italian}
	err := e.post(ctx, "/templates", body, http.StatusCreated, &made)

	return made.ID, err
}

// sending is a batch of an Ente, as the API shows it.
type sending struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Check    int    `json:"check"`
	Problem  string `json:"problem"`
	Progress struct {
		DeliveredIO  int `json:"delivered_io"`
		NotDelivered int `json:"not_delivered"`
		OnHold       int `json:"on_hold"`
	} `json:"progress"`
	Counts struct {
		Good int `json:"good"`
	} `json:"counts"`
}

// upload hands a file in and waits until it is checked.
func (e *ente) upload(ctx context.Context, notices batchtest.Notices) (sending, error) {
	template, err := e.template(ctx)
	if err != nil {
		return sending{}, err
	}

	var form bytes.Buffer

	parts := multipart.NewWriter(&form)
	_ = parts.WriteField("service_id", e.service) // a buffer takes everything
	_ = parts.WriteField("template_id", template)

	file, err := parts.CreateFormFile("file", "avvisi.csv")
	if err != nil {
		return sending{}, fmt.Errorf("making the form: %w", err)
	}

	_, _ = notices.WriteTo(file)
	_ = parts.Close()

	var made sending
	if err := e.call(ctx, apiCall{http.MethodPost, "/batches", parts.FormDataContentType(), &form}, http.StatusAccepted, &made); err != nil {
		return made, err
	}

	return e.awaitBatch(ctx, made.ID, "draft")
}

func (e *ente) confirm(ctx context.Context, made sending) error {
	return e.post(ctx, "/batches/"+made.ID+"/confirm", map[string]any{"check": made.Check}, http.StatusAccepted, nil)
}

const (
	batchGlance   = 2 * time.Second
	batchPatience = 20 * time.Minute
)

var errBatchEnded = errors.New("the batch came to another end")

// awaitBatch waits until a batch has a status. While the server is away it asks again.
func (e *ente) awaitBatch(ctx context.Context, id, status string) (sending, error) {
	ctx, done := context.WithTimeout(ctx, batchPatience)
	defer done()

	var last error

	for {
		var now sending

		if last = e.call(ctx, apiCall{http.MethodGet, "/batches/" + id, "", http.NoBody}, http.StatusOK, &now); last == nil {
			switch now.Status {
			case status:
				return now, nil
			case "unreadable", "mapping", "completed", "cancelled", "discarded":
				return now, fmt.Errorf("%w: %s %s", errBatchEnded, now.Status, now.Problem)
			}
		}

		select {
		case <-ctx.Done():
			return now, fmt.Errorf("waiting for the batch to be %s: %w", status, errors.Join(ctx.Err(), last))
		case <-time.After(batchGlance):
		}
	}
}

// closeUncertain closes the batch's notifications that wait for a person, as the person would who does not want to risk
// that a citizen gets it twice. It gives how many there were.
func (e *ente) closeUncertain(ctx context.Context, batchID string) (closed int, err error) {
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}

	path := "/notifications?status=on_hold&batch_id=" + batchID
	if err := e.call(ctx, apiCall{http.MethodGet, path, "", http.NoBody}, http.StatusOK, &page); err != nil {
		return 0, err
	}

	for _, item := range page.Items {
		decision := map[string]any{"decision": "close"}
		if err := e.post(ctx, "/notifications/"+item.ID+"/decide", decision, http.StatusAccepted, nil); err != nil {
			return closed, err
		}

		closed++
	}

	return closed, nil
}

func (e *ente) post(ctx context.Context, path string, body any, expected int, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding a request: %w", err)
	}

	return e.call(ctx, apiCall{http.MethodPost, path, "application/json", bytes.NewReader(encoded)}, expected, answer)
}

// apiCall is a call to the API; contentType is empty where there is no body.
type apiCall struct {
	method, path, contentType string
	body                      io.Reader
}

func (e *ente) call(ctx context.Context, wanted apiCall, expected int, answer any) error {
	request, err := http.NewRequestWithContext(ctx, wanted.method, e.stack.url("/api/v1"+wanted.path), wanted.body)
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}

	request.Header.Set("Authorization", "Bearer "+e.apiKey)

	if wanted.contentType != "" {
		request.Header.Set("Content-Type", wanted.contentType)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("calling the API: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != expected {
		problem, _ := io.ReadAll(response.Body) // what there is of it

		return fmt.Errorf("%w: %s %s: %d %s", errStatus, wanted.method, wanted.path, response.StatusCode, problem)
	}

	if answer == nil {
		return nil
	}

	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("decoding the answer: %w", err)
	}

	return nil
}
