package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// The numbers of the invented citizens of these tests.
const (
	serialOfBatch  = 600_000
	serialOfSample = 610_000
	serialOfBulk   = 620_000
	serialOfPause  = 630_000
)

// parcel is a batch as an application sees it.
type parcel struct {
	ID       string         `json:"id"`
	Status   string         `json:"status"`
	Problem  string         `json:"problem"`
	Check    int            `json:"check"`
	Actions  []string       `json:"actions"`
	Unmapped []string       `json:"unmapped"`
	Counts   map[string]any `json:"counts"`
	Progress struct {
		ToSend       int `json:"to_send"`
		Queued       int `json:"queued"`
		DeliveredIO  int `json:"delivered_io"`
		DeliveredSMS int `json:"delivered_sms"`
		NotDelivered int `json:"not_delivered"`
		Failed       int `json:"failed"`
		Cancelled    int `json:"cancelled"`
	} `json:"progress"`
	Sample struct {
		State   string `json:"state"`
		Asked   int    `json:"asked"`
		OnIO    int    `json:"on_io"`
		NotOnIO int    `json:"not_on_io"`
	} `json:"sample"`
}

func (p parcel) has(status string) bool { return p.Status == status }

// template keeps a template that needs a name and says it in two languages. It is no secret; what it is filled with is.
func (a application) template(t *testing.T) string {
	t.Helper()

	var made struct {
		ID string `json:"id"`
	}

	body := map[string]any{
		"name": "Rinnovo della tessera",
		"italian": map[string]any{
			"subject": "Tessera di ((nome))",
			"markdown": "Gentile ((nome)), la tessera della biblioteca scade tra un mese. " +
				"La può rinnovare in biblioteca, portando con sé un documento.",
			"sms_text": "La tessera di ((nome)) scade tra un mese.",
		},
		"english": map[string]any{
			"subject": "Library card of ((nome))",
			"markdown": "Dear ((nome)), your library card expires in a month. You can renew it at the library; " +
				"please bring a document along.",
		},
	}
	status, err := a.call(t.Context(), http.MethodPost, "/templates", body, &made)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, status)

	return made.ID
}

// upload hands a file in and waits until it is checked.
func (a application) upload(t *testing.T, service service, file string) parcel {
	t.Helper()

	return a.awaitParcel(t, a.handIn(t, service, file), func(p parcel) bool { return !p.has("checking") })
}

// handIn hands a file in, which is checked some time, and gives the batch's id.
func (a application) handIn(t *testing.T, service service, file string) string {
	t.Helper()

	var form bytes.Buffer

	parts := multipart.NewWriter(&form)
	require.NoError(t, parts.WriteField("service_id", service.id))
	require.NoError(t, parts.WriteField("template_id", a.template(t)))

	content, err := parts.CreateFormFile("file", "tessere.csv")
	require.NoError(t, err)

	_, err = io.WriteString(content, file)
	require.NoError(t, err)
	require.NoError(t, parts.Close())

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.address+"/api/v1/batches", &form)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+a.key)
	request.Header.Set("Content-Type", parts.FormDataContentType())

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusAccepted, response.StatusCode, string(answer))

	var made parcel

	require.NoError(t, json.Unmarshal(answer, &made))

	return made.ID
}

func (a application) awaitParcel(t *testing.T, id string, wanted func(parcel) bool) parcel {
	t.Helper()

	var last parcel

	require.Eventually(t, func() bool {
		var now parcel

		status, err := a.call(t.Context(), http.MethodGet, "/batches/"+id, nil, &now)
		if err != nil || status != http.StatusOK {
			return false
		}

		last = now

		return wanted(now)
	}, patience, glance, "the batch did not come so far")

	return last
}

// actOn asks for an action on a batch, which must be taken.
func (a application) actOn(t *testing.T, id, action string, body any) {
	t.Helper()

	status, err := a.call(t.Context(), http.MethodPost, "/batches/"+id+"/"+action, body, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, status, action)
}

// table reads a report as text.
func (a application) table(t *testing.T, path string) string {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.address+"/api/v1"+path, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+a.key)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	return string(text)
}

// cards is a CSV of citizens, each with an outcome of the simulator.
func (a application) cards(serial int, phone bool, outcomes ...simulator.CitizenOutcome) string {
	var file strings.Builder

	file.WriteString("Codice Fiscale;Cellulare;Nome\n")

	for i, outcome := range outcomes {
		citizen := recipient{FiscalCode: simulator.FiscalCode(outcome, serial+i)}
		if phone {
			citizen.Phone = invented(serial + i)
		}

		a.secrets.addOrder(order{Recipient: citizen})
		fmt.Fprintf(&file, "%s;%s;%s %d\n", citizen.FiscalCode, citizen.Phone, confidential, i)
	}

	return file.String()
}

// invented is a mobile number that nobody has had since the numbering plan is in force.
func invented(number int) string { return fmt.Sprintf("+39333%07d", number) }

func (h *house) testBatch(t *testing.T) {
	t.Parallel()

	good := h.tenant.cards(serialOfBatch, true, simulator.CitizenDelivered, simulator.CitizenNotOnIO, simulator.CitizenDelivered)
	repeated := strings.Split(good, "\n")[1]
	file := good + "XXXXXX00X00X000X;;Nessuno\n" + repeated + "\n"

	draft := h.tenant.upload(t, h.standard, file)
	require.Equal(t, "draft", draft.Status, draft.Problem)
	require.EqualValues(t, 5, draft.Counts["rows"])
	require.EqualValues(t, 3, draft.Counts["good"])
	require.EqualValues(t, 1, draft.Counts["bad"])
	require.EqualValues(t, 1, draft.Counts["duplicates"])
	require.Contains(t, draft.Actions, "confirm")

	h.tenant.actOn(t, draft.ID, "confirm", map[string]any{"check": draft.Check})

	ended := h.tenant.awaitParcel(t, draft.ID, func(p parcel) bool { return p.has("completed") })
	require.Equal(t, 3, ended.Progress.ToSend)
	require.Equal(t, 2, ended.Progress.DeliveredIO)
	require.Equal(t, 1, ended.Progress.DeliveredSMS)

	rejects := h.tenant.table(t, "/batches/"+draft.ID+"/rejects?format=csv")
	require.Contains(t, rejects, "Codice Fiscale;Cellulare;Nome")
	require.Equal(t, 1, strings.Count(rejects, "Nessuno"))

	results := h.tenant.table(t, "/batches/"+draft.ID+"/results?format=csv")
	require.Equal(t, 4, strings.Count(strings.TrimSpace(results), "\n")+1, "a header and one row a citizen")

	// The same file again: everything in it was sent a moment ago.
	again := h.tenant.upload(t, h.standard, file)
	require.EqualValues(t, 0, again.Counts["good"])
	require.EqualValues(t, 4, again.Counts["duplicates"])
}

func (h *house) testBatchOfUnknownColumns(t *testing.T) {
	t.Parallel()

	code := simulator.FiscalCode(simulator.CitizenDelivered, serialOfBatch+100)
	h.secrets.addOrder(order{Recipient: recipient{FiscalCode: code}})

	asked := h.tenant.upload(t, h.standard, "Contribuente;Chi\n"+code+";"+confidential+"\n")
	require.Equal(t, "mapping", asked.Status)
	require.Contains(t, asked.Unmapped, "fiscal_code")

	columns := []map[string]any{{"number": 1, "field": "fiscal_code"}, {"number": 2, "field": "placeholder:nome"}}
	h.tenant.actOn(t, asked.ID, "columns", map[string]any{"check": asked.Check, "columns": columns})

	draft := h.tenant.awaitParcel(t, asked.ID, func(p parcel) bool { return p.has("draft") })
	require.EqualValues(t, 1, draft.Counts["good"])
}

func (h *house) testSample(t *testing.T) {
	t.Parallel()

	outcomes := slices.Repeat([]simulator.CitizenOutcome{simulator.CitizenDelivered, simulator.CitizenNotOnIO}, 5)
	draft := h.tenant.upload(t, h.standard, h.tenant.cards(serialOfSample, true, outcomes...))
	h.tenant.actOn(t, draft.ID, "sample", nil)

	sampled := h.tenant.awaitParcel(t, draft.ID, func(p parcel) bool { return p.Sample.State == "done" })
	require.Equal(t, 10, sampled.Sample.Asked)
	require.Equal(t, 5, sampled.Sample.OnIO)
	require.Equal(t, 5, sampled.Sample.NotOnIO)
	require.Equal(t, "draft", sampled.Status, "nothing was sent")
}

func (h *house) testPausedBatch(t *testing.T) {
	t.Parallel()

	// An Ente of its own, whose quota makes the batch last.
	ente := foundTenant(t, h.Gateway, h.Simulator, h.secrets, 7)
	service := ente.service(t, "slow", notification.DefaultPolicy())
	require.NoError(t, h.Gateway.SetIOQuota(t.Context(), ente.system, ente.id, 10))

	outcomes := slices.Repeat([]simulator.CitizenOutcome{simulator.CitizenDelivered}, 200)
	draft := ente.upload(t, service, ente.cards(serialOfPause, false, outcomes...))
	ente.actOn(t, draft.ID, "confirm", map[string]any{"check": draft.Check})
	ente.awaitParcel(t, draft.ID, func(p parcel) bool { return p.Progress.DeliveredIO > 0 })

	ente.actOn(t, draft.ID, "pause", nil)
	paused := ente.awaitParcel(t, draft.ID, func(p parcel) bool { return p.has("paused") })
	require.Positive(t, paused.Progress.Queued, "only some were under way")

	ente.actOn(t, draft.ID, "resume", nil)
	ente.awaitParcel(t, draft.ID, func(p parcel) bool { return p.has("sending") })
	ente.actOn(t, draft.ID, "cancel", nil)

	ended := ente.awaitParcel(t, draft.ID, func(p parcel) bool {
		return p.has("cancelled") && p.Progress.DeliveredIO+p.Progress.Cancelled+p.Progress.Queued == len(outcomes)
	})
	require.Positive(t, ended.Progress.Cancelled)
	require.Zero(t, h.Simulator.Summary().Usage[ente.id].Refused)
}

func (h *house) testBulk(t *testing.T) {
	t.Parallel()

	type item struct {
		order

		IdempotencyKey string `json:"idempotency_key,omitempty"`
	}

	good := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, serialOfBulk), "")
	other := orderFor(h.standard, simulator.FiscalCode(simulator.CitizenDelivered, serialOfBulk+1), "")
	bad := orderFor(h.standard, "XXXXXX00X00X000X", "")

	for _, o := range []order{good, other} {
		h.secrets.addOrder(o)
	}

	type answer struct {
		Items []struct {
			Index  int    `json:"index"`
			ID     string `json:"id"`
			Status string `json:"status"`
			Errors []struct {
				Field string `json:"field"`
			} `json:"errors"`
		} `json:"items"`
	}

	body := map[string]any{"items": []item{{order: good}, {order: bad}, {order: other, IdempotencyKey: "bulk-item-3"}}}

	submit := func() answer {
		var got answer

		status, err := h.tenant.call(t.Context(), http.MethodPost, "/notifications/bulk", body, &got, "Idempotency-Key", "bulk-1")
		require.NoError(t, err)
		require.Equal(t, http.StatusAccepted, status)

		return got
	}

	first := submit()
	require.Len(t, first.Items, 3)
	require.Equal(t, "accepted", first.Items[0].Status)
	require.Equal(t, "rejected", first.Items[1].Status)
	require.NotEmpty(t, first.Items[1].Errors)
	require.Equal(t, "accepted", first.Items[2].Status)

	for _, index := range []int{0, 2} {
		require.Equal(t, "delivered", h.tenant.await(t, first.Items[index].ID, notice.final).Status)
	}

	again := submit()
	require.Equal(t, first.Items[0].ID, again.Items[0].ID)
	require.Equal(t, first.Items[2].ID, again.Items[2].ID)

	messages, _ := received(h.Simulator, good.Recipient)
	require.Equal(t, 1, messages, "a repeated bulk sends nothing again")
}
