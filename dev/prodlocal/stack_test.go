package prodlocal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/dev/prodlocal"
	"github.com/genio-gateway/genio/dev/prodlocal/prodlocaltest"
	"github.com/genio-gateway/genio/simulator"
)

// TestStack: it delivers, it goes on after each of its parts was killed, and after all were stopped.
func TestStack(t *testing.T) {
	t.Parallel()

	settings := prodlocaltest.Settings(t)
	stack, person := startStack(t, settings)

	require.Equal(t, "delivered", person.await(t, person.send(t, "first", simulator.CitizenDelivered)))
	require.Equal(t, "delivered", person.await(t, person.send(t, "first-sms", simulator.CitizenNotOnIO)))

	for _, name := range []string{"server-1", "server-2", "worker-1", "worker-2"} {
		require.Equal(t, http.StatusOK, get(t, stack.AdminURL(name)+"/metrics"), name)
	}

	for _, process := range stack.Processes() {
		before := process.PID()

		process.Kill()

		launched := make(chan error, 1)
		go func() { launched <- process.Start(t.Context()) }()

		// It is accepted as soon as that can be, and delivered once everything is there again.
		require.Equal(t, "delivered", person.await(t, person.send(t, process.Name, simulator.CitizenDelivered)), process.Name)
		require.NoError(t, <-launched)
		require.NotEqual(t, before, process.PID())
	}

	later := person.send(t, "later", simulator.CitizenDelivered)
	require.NoError(t, stack.Stop(t.Context()))

	again, same := startStack(t, settings)
	require.Equal(t, stack.URL(), again.URL())
	require.Equal(t, person.setting.APIKey, same.setting.APIKey)
	require.Equal(t, "delivered", same.await(t, later))
	require.Nil(t, again.Process("nobody"))
	require.Same(t, again.Workers[1], again.Process("worker-2"))
}

// TestBusyPort: a port that somebody else holds is named before anything starts.
func TestBusyPort(t *testing.T) {
	t.Parallel()

	settings := prodlocaltest.Settings(t)

	stack, err := prodlocal.Open(t.Context(), settings)
	require.NoError(t, err)

	held, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", stack.TemporalAddress())
	require.NoError(t, err)

	require.ErrorContains(t, stack.Start(t.Context()), "the port for temporal")
	require.Zero(t, stack.Postgres.PID())
	require.NoError(t, errors.Join(held.Close(), stack.Stop(t.Context())))
}

func startStack(t *testing.T, settings prodlocal.Settings) (*prodlocal.Stack, person) {
	t.Helper()

	stack, err := prodlocal.Open(t.Context(), settings)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stack.Stop(context.WithoutCancel(t.Context()))) })

	require.NoError(t, stack.Start(t.Context()))

	setting, err := stack.Demo(t.Context())
	require.NoError(t, err)

	return stack, person{url: stack.URL(), setting: setting}
}

func get(t *testing.T, url string) int {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	return response.StatusCode
}

// person sends to invented citizens.
type person struct {
	url     string
	setting demo.Setting
}

// send submits until it is accepted, as often as it takes: the key of the call makes that safe.
func (p person) send(t *testing.T, key string, citizen simulator.CitizenOutcome) string {
	t.Helper()

	body, err := json.Marshal(map[string]any{
		"service_id": p.setting.Service.ID,
		"recipient": map[string]any{
			"fiscal_code": simulator.FiscalCode(citizen, 1), "phone": simulator.Phone(simulator.PhoneDelivered, 1),
		},
		"content": map[string]any{
			"subject": "Avviso di prova del Comune",
			"markdown": "Questo è un avviso di **prova** del Comune di Borgo Esempio (" + key + "), con dati inventati. " +
				"Non occorre fare nulla.",
		},
	})
	require.NoError(t, err)

	var receipt struct {
		ID string `json:"id"`
	}

	require.Eventually(t, func() bool {
		return p.call(t, http.MethodPost, "/notifications", body, key, &receipt) == http.StatusAccepted
	}, patience, glance, key)

	return receipt.ID
}

// await gives the status in which a notification comes to its end.
func (p person) await(t *testing.T, id string) string {
	t.Helper()

	var notice struct {
		Status string `json:"status"`
	}

	require.Eventually(t, func() bool {
		status := p.call(t, http.MethodGet, "/notifications/"+id, nil, "", &notice)

		return status == http.StatusOK && notice.Status != "accepted" && notice.Status != "in_progress"
	}, patience, glance)

	return notice.Status
}

// call gives the answer's status; 0: there was none.
func (p person) call(t *testing.T, method, path string, body []byte, key string, answer any) int {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), method, p.url+"/api/v1"+path, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+p.setting.APIKey)
	request.Header.Set("Content-Type", "application/json")

	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()

	if response.StatusCode >= http.StatusBadRequest || json.NewDecoder(response.Body).Decode(answer) == nil {
		return response.StatusCode
	}

	return 0
}
