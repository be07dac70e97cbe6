package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

const (
	keyOfRome     = "key-of-rome"
	keyOfRomeToo  = "secondary-key-of-rome"
	keyOfMilan    = "key-of-milan"
	enteOfRome    = "ente-rome"
	serviceOfRome = "service-rome"
	account       = "AC00000000000000000000000000000001"
	authToken     = "12345"
	patience      = 10 * time.Second
	glance        = 2 * time.Millisecond
)

var goodMarkdown = strings.Repeat("testo del messaggio ", 5) //nolint:gochecknoglobals // constant

// bench is a simulator on a real port.
type bench struct {
	*simulator.Simulator

	t   *testing.T
	url string
}

func knownKeys() map[string]simulator.IOKey {
	rome := simulator.IOKey{EnteID: enteOfRome, ServiceID: serviceOfRome, MaxPaymentCents: 9_999_999_999}

	return map[string]simulator.IOKey{
		keyOfRome: rome, keyOfRomeToo: rome,
		keyOfMilan: {EnteID: "ente-milan", ServiceID: "service-milan"},
	}
}

func newBench(t *testing.T, change func(*simulator.Config)) bench {
	t.Helper()

	config := benchConfig()
	if change != nil {
		change(&config)
	}

	return serve(t, simulator.New(config))
}

// reopened takes up the state of a journal, as after a kill: a simulator that had it before is not closed.
func reopened(t *testing.T, journal string, changes ...func(*simulator.Config)) bench {
	t.Helper()

	config := benchConfig()
	config.Journal = journal

	for _, change := range changes {
		change(&config)
	}

	sim, err := simulator.Open(config)
	require.NoError(t, err)

	return serve(t, sim)
}

func benchConfig() simulator.Config {
	return simulator.Config{
		Keys: knownKeys(), Refusals: 2, Seed: 1,
		Twilio: simulator.TwilioConfig{AccountSID: account, AuthToken: authToken},
	}
}

func serve(t *testing.T, sim *simulator.Simulator) bench {
	t.Helper()

	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(sim.Close)

	return bench{Simulator: sim, t: t, url: server.URL}
}

// answer is what came back; status 0 means that the connection was cut.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), into), a.body)
}

func (b bench) do(request *http.Request) answer {
	b.t.Helper()

	// A client of its own: no connection is reused, so a cut is never retried by the transport.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

	response, err := client.Do(request)
	if err != nil {
		return answer{}
	}

	defer func() { require.NoError(b.t, response.Body.Close()) }()

	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)

	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

func (b bench) io(method, path, key string, body any) answer {
	b.t.Helper()

	raw, isRaw := body.(string)
	if !isRaw && body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(b.t, err)

		raw = string(encoded)
	}

	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+"/io/api/v1"+path, bytes.NewBufferString(raw))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/json")

	if key != "" {
		request.Header.Set("Ocp-Apim-Subscription-Key", key)
	}

	return b.do(request)
}

func (b bench) profile(fiscalCode string) answer {
	b.t.Helper()

	return b.io(http.MethodPost, "/profiles", keyOfRome, map[string]string{"fiscal_code": fiscalCode})
}

func (b bench) submit(fiscalCode string) answer {
	b.t.Helper()

	return b.io(http.MethodPost, "/messages", keyOfRome, messageTo(fiscalCode))
}

func (b bench) submitted(fiscalCode string) string {
	b.t.Helper()

	created := b.submit(fiscalCode)
	require.Equal(b.t, http.StatusCreated, created.status, created.body)

	var body struct{ ID string }

	created.json(b.t, &body)

	return body.ID
}

func (b bench) status(fiscalCode, id string) string {
	b.t.Helper()

	read := b.io(http.MethodGet, "/messages/"+fiscalCode+"/"+id, keyOfRome, nil)
	require.Equal(b.t, http.StatusOK, read.status, read.body)

	var body struct{ Status string }

	read.json(b.t, &body)

	return body.Status
}

func (b bench) twilio(method, path string, form url.Values) answer {
	b.t.Helper()

	request, err := http.NewRequestWithContext(b.t.Context(), method,
		b.url+"/twilio/2010-04-01/Accounts/"+account+path, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(account, authToken)

	return b.do(request)
}

func (b bench) sms(to string, more ...string) answer {
	b.t.Helper()

	form := url.Values{"To": {to}, "From": {"ComuneProva"}, "Body": {"Testo di prova"}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}

	return b.twilio(http.MethodPost, "/Messages.json", form)
}

func (b bench) control(method, path, body string) answer {
	b.t.Helper()

	request, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	request.Header.Set("Content-Type", "application/json")

	return b.do(request)
}

type object = map[string]any

func messageTo(fiscalCode string) object {
	return object{"fiscal_code": fiscalCode, "content": object{"subject": "Oggetto di prova", "markdown": goodMarkdown}}
}
