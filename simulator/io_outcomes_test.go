package simulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func citizen(outcome simulator.CitizenOutcome) string { return simulator.FiscalCode(outcome, 7) }

func TestProfileByOutcome(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	allowed := sim.profile(person)
	require.Equal(t, http.StatusOK, allowed.status)
	require.JSONEq(t, `{"sender_allowed":true,"preferred_languages":["it_IT"]}`, allowed.body)

	byPath := sim.io(http.MethodGet, "/profiles/"+citizen(simulator.CitizenSenderNotAllowed), keyOfRome, nil)
	require.Equal(t, http.StatusOK, byPath.status)
	require.JSONEq(t, `{"sender_allowed":false,"preferred_languages":["it_IT"]}`, byPath.body)

	requireProblem(t, sim.profile(citizen(simulator.CitizenNotOnIO)), http.StatusNotFound, "Profile not found", "")
	requireProblem(t, sim.profile(citizen(simulator.CitizenForbidden)), http.StatusForbidden, "Recipient forbidden", "")
	require.Equal(t, http.StatusUnauthorized, sim.profile(citizen(simulator.CitizenKeyRevoked)).status)
	require.Equal(t, 5, sim.Counters().ProfileCalls[serviceOfRome])
}

func TestProfileOutcomesAtFirst(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	limited, erring := citizen(simulator.CitizenRateLimitedFirst), citizen(simulator.CitizenProfileErrorFirst)

	for range 2 {
		requireRateLimited(t, sim.profile(limited), "1")
		requireProblem(t, sim.profile(erring), http.StatusInternalServerError, "Internal server error", "")
	}

	require.Equal(t, http.StatusOK, sim.profile(limited).status)
	require.Equal(t, http.StatusOK, sim.profile(erring).status)
	require.Equal(t, http.StatusInternalServerError, sim.profile(simulator.FiscalCode(simulator.CitizenProfileErrorFirst, 8)).status)

	require.NoError(t, sim.Reset())
	require.Equal(t, http.StatusTooManyRequests, sim.profile(limited).status)
}

func TestFinalStatusByOutcome(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	for outcome, want := range map[simulator.CitizenOutcome]string{
		simulator.CitizenDelivered: "PROCESSED", simulator.CitizenNotOnIO: "REJECTED", simulator.CitizenSenderNotAllowed: "REJECTED",
		simulator.CitizenRejected: "REJECTED", simulator.CitizenNeverProcessed: "ACCEPTED", simulator.CitizenSlow: "PROCESSED",
		simulator.CitizenFailed: "FAILED", simulator.CitizenThrottled: "PROCESSED", simulator.CitizenProfileErrorFirst: "PROCESSED",
	} {
		require.Equal(t, want, sim.status(citizen(outcome), sim.submitted(citizen(outcome))), outcome)
	}

	require.Equal(t, "PROCESSED", sim.status(person, sim.submitted(person)))
}

func TestStatusWhileProcessing(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) {
		config.IOProcessing = simulator.Span{Min: time.Hour}
	})

	require.Equal(t, "ACCEPTED", sim.status(person, sim.submitted(person)))
	require.Equal(t, "THROTTLED", sim.status(citizen(simulator.CitizenThrottled), sim.submitted(citizen(simulator.CitizenThrottled))))
	require.Equal(t, "PROCESSED", sim.status(citizen(simulator.CitizenSlow), sim.submitted(citizen(simulator.CitizenSlow))),
		"the slow one has its own delay, zero here")

	slow := newBench(t, func(config *simulator.Config) { config.IOSlowProcessing = time.Hour })
	require.Equal(t, "ACCEPTED", slow.status(citizen(simulator.CitizenSlow), slow.submitted(citizen(simulator.CitizenSlow))))
}

func TestStatusChangesWithTime(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) {
		config.IOProcessing = simulator.Span{Min: 50 * time.Millisecond, Max: 100 * time.Millisecond}
	})
	id := sim.submitted(person)

	require.Eventually(t, func() bool { return sim.status(person, id) == "PROCESSED" }, patience, glance)
}

func TestStatusBody(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	changes := payment(nil)
	changes["content.due_date"] = "2026-10-31T23:59:59.1239+01:00"
	changes["content.colour"] = "red"
	created := sim.io(http.MethodPost, "/messages", keyOfRome, with(changes))
	read := sim.io(http.MethodGet, strings.TrimPrefix(created.header.Get("Location"), "/api/v1"), keyOfRomeToo, nil)
	require.Equal(t, http.StatusOK, read.status)

	var body struct {
		Message struct {
			ID, FiscalCode   string
			TimeToLive       int    `json:"time_to_live"`
			CreatedAt        string `json:"created_at"`
			Content          object
			SenderServiceID  string `json:"sender_service_id"`
			FeatureLevelType string `json:"feature_level_type"`
		}
		Status string
	}

	read.json(t, &body)
	require.Equal(t, "PROCESSED", body.Status)
	require.Equal(t, 3600, body.Message.TimeToLive)
	require.Equal(t, serviceOfRome, body.Message.SenderServiceID)
	require.Equal(t, "STANDARD", body.Message.FeatureLevelType)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, body.Message.CreatedAt)
	require.Equal(t, object{
		"subject": "Oggetto di prova", "markdown": goodMarkdown, "due_date": "2026-10-31T22:59:59.123Z",
		"payment_data": object{"amount": 1.0, "notice_number": strings.Repeat("0", 18), "invalid_after_due_date": false},
	}, body.Message.Content, "unknown fields are dropped, dates are in UTC, cut to milliseconds")
	require.NotContains(t, read.body, "notification", "no longer returned since July 2026")
}

func TestContentIsMissingUntilProcessed(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	code := citizen(simulator.CitizenNeverProcessed)
	read := sim.io(http.MethodGet, "/messages/"+code+"/"+sim.submitted(code), keyOfRome, nil)
	require.NotContains(t, read.body, "content")
}

func TestOnlyTheSendingServiceReadsAMessage(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	id := sim.submitted(person)
	path := "/messages/" + person + "/" + id

	require.Equal(t, http.StatusOK, sim.io(http.MethodGet, path, keyOfRomeToo, nil).status, "the service's other key")
	requireProblem(t, sim.io(http.MethodGet, path, keyOfMilan, nil), http.StatusForbidden, "You are not allowed here",
		"you can only read messages that you have sent")
	requireProblem(t, sim.io(http.MethodGet, "/messages/"+citizen(simulator.CitizenDelivered)+"/"+id, keyOfRome, nil),
		http.StatusNotFound, "Message not found", "")
	requireProblem(t, sim.io(http.MethodGet, "/messages/"+person+"/01ARZ3NDEKTSV4RRFFQ69G5FAV", keyOfRome, nil),
		http.StatusNotFound, "Message not found", "")
	require.Equal(t, 1, sim.Counters().ForeignReads)
}

func TestSubmitThatStoresNothing(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	requireProblem(t, sim.submit(citizen(simulator.CitizenServerError)), http.StatusInternalServerError, "Internal server error", "")
	requireProblem(t, sim.submit(citizen(simulator.CitizenForbidden)), http.StatusForbidden, "Recipient forbidden", "")
	requireUnauthorized(t, sim.submit(citizen(simulator.CitizenKeyRevoked)))
	require.Zero(t, sim.submit(citizen(simulator.CitizenTimeoutNothingStored)).status)

	refused := sim.submit(citizen(simulator.CitizenMessageRefused))
	requireProblem(t, refused, http.StatusBadRequest, "Invalid message structure", goodMarkdown)
	require.Contains(t, refused.body, citizen(simulator.CitizenMessageRefused), "the recipient is echoed")

	limited := citizen(simulator.CitizenRateLimitedFirst)
	requireRateLimited(t, sim.submit(limited), "1")
	requireRateLimited(t, sim.submit(limited), "1")

	reset := citizen(simulator.CitizenResetFirst)
	require.Zero(t, sim.submit(reset).status)
	require.Zero(t, sim.submit(reset).status)

	require.Empty(t, sim.Ledger())

	sim.submitted(limited)
	sim.submitted(reset)
	require.Len(t, sim.Ledger(), 2)
	require.Equal(t, 3, sim.Counters().Calls["POST /io/api/v1/messages"]["cut"])
}

func TestSubmitThatStoresWithoutSayingSo(t *testing.T) {
	t.Parallel()

	for outcome, want := range map[simulator.CitizenOutcome]struct {
		status int
		answer simulator.Answer
	}{
		simulator.CitizenTimeoutAfterAccepting:    {0, simulator.AnswerNone},
		simulator.CitizenBadGatewayAfterAccepting: {http.StatusBadGateway, simulator.AnswerBadGateway},
	} {
		sim := newBench(t, nil)
		got := sim.submit(citizen(outcome))
		require.Equal(t, want.status, got.status)
		require.NotContains(t, got.header.Get("Content-Type"), "json")

		entries := sim.Ledger()
		require.Len(t, entries, 1)
		require.Equal(t, want.answer, entries[0].Answer)
		require.Equal(t, "PROCESSED", sim.status(citizen(outcome), entries[0].ProviderID), "it reaches the citizen all the same")
	}
}

func TestStatusErrorAtFirst(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)
	code := citizen(simulator.CitizenStatusErrorFirst)
	path := "/messages/" + code + "/" + sim.submitted(code)

	for range 2 {
		requireProblem(t, sim.io(http.MethodGet, path, keyOfRome, nil), http.StatusInternalServerError, "Internal server error", "")
	}

	require.Equal(t, http.StatusOK, sim.io(http.MethodGet, path, keyOfRome, nil).status)
}

func TestHangingCallEndsWithTheSimulator(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) { config.HangTime = time.Hour })
	ended := make(chan answer, 1)

	go func() { ended <- sim.submit(citizen(simulator.CitizenTimeoutAfterAccepting)) }()

	require.Eventually(t, func() bool { return len(sim.Ledger()) == 1 }, patience, glance)
	require.Empty(t, ended)
	sim.Close()
	require.Zero(t, (<-ended).status)
}

func TestKeys(t *testing.T) {
	t.Parallel()

	sim := newBench(t, nil)

	requireUnauthorized(t, sim.io(http.MethodPost, "/messages", "unknown", messageTo(person)))
	missing := sim.io(http.MethodPost, "/messages", "", messageTo(person))
	requireUnauthorized(t, missing)
	require.Contains(t, missing.body, "missing subscription key")

	sim.RegisterKey("unknown", simulator.IOKey{EnteID: "ente-new", ServiceID: "service-new"})
	require.Equal(t, http.StatusCreated, sim.io(http.MethodPost, "/messages", "unknown", messageTo(person)).status)
	sim.RevokeKey("unknown")
	requireUnauthorized(t, sim.io(http.MethodPost, "/messages", "unknown", messageTo(person)))

	open := newBench(t, func(config *simulator.Config) { config.AcceptAnyKey = true })
	for _, key := range []string{"one", "two"} {
		require.Equal(t, http.StatusCreated, open.io(http.MethodPost, "/messages", key, messageTo(person)).status)
	}

	entries := open.Ledger()
	require.NotEqual(t, entries[0].EnteID, entries[1].EnteID)
	require.NotEqual(t, entries[0].ServiceID, entries[1].ServiceID)
	requireUnauthorized(t, open.io(http.MethodPost, "/messages", "", messageTo(person)))
}

func TestPayeeDefaultsToTheOrganization(t *testing.T) {
	t.Parallel()

	sim := newBench(t, func(config *simulator.Config) {
		config.Keys["payee"] = simulator.IOKey{
			EnteID: "ente", ServiceID: "service", MaxPaymentCents: 100, OrganizationFiscalCode: "01199250158",
		}
	})
	created := sim.io(http.MethodPost, "/messages", "payee", with(payment(nil)))
	read := sim.io(http.MethodGet, strings.TrimPrefix(created.header.Get("Location"), "/api/v1"), "payee", nil)
	require.Contains(t, read.body, `"payee":{"fiscal_code":"01199250158"}`)
}

func requireUnauthorized(t *testing.T, got answer) {
	t.Helper()
	require.Equal(t, http.StatusUnauthorized, got.status, got.body)

	var body struct {
		StatusCode int
		Message    string
	}

	got.json(t, &body)
	require.Equal(t, http.StatusUnauthorized, body.StatusCode)
	require.Contains(t, body.Message, "Access denied")
	require.Contains(t, got.header.Get("WWW-Authenticate"), "AzureApiManagementKey")
}

func requireRateLimited(t *testing.T, got answer, seconds string) {
	t.Helper()
	require.Equal(t, http.StatusTooManyRequests, got.status, got.body)
	require.Equal(t, seconds, got.header.Get("X-Rate-Limit-Retry-After"))
	require.Empty(t, got.header.Get("Retry-After"), "IO does not send it")
	require.Equal(t, "application/json", strings.Split(got.header.Get("Content-Type"), ";")[0])
	require.JSONEq(t, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in `+seconds+` seconds."}`, got.body)
}
