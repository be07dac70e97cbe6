package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

const (
	manageKey  = "manage-key"
	foreignKey = "manage-key-of-another-ente"
)

// managed is a simulator with three services of one Ente, over HTTP.
func managed(t *testing.T, config simulator.Config) string {
	t.Helper()

	config.ManageKeys = map[string]string{manageKey: "ente-1", foreignKey: "ente-2"}

	for i := range 3 {
		config.Services = append(config.Services, simulator.ManagedService{
			ID: fmt.Sprintf("S%d", i), EnteID: "ente-1", Name: fmt.Sprintf("Servizio %d", i), Published: i == 0, MaxPaymentCents: 5000,
			OrganizationName: "Comune", OrganizationFiscalCode: "80000000002",
			PrimaryKey: fmt.Sprintf("primary-%d", i), SecondaryKey: fmt.Sprintf("secondary-%d", i),
		})
	}

	plays := simulator.New(config)
	t.Cleanup(plays.Close)

	server := httptest.NewServer(plays.Handler())
	t.Cleanup(server.Close)

	return server.URL + "/io/api/v1"
}

func asked(t *testing.T, address, key string) (int, map[string]any) {
	t.Helper()

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Ocp-Apim-Subscription-Key", key)

	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)

	defer func() { require.NoError(t, response.Body.Close()) }()

	var answer map[string]any

	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))

	return response.StatusCode, answer
}

func TestTheManageAPIListsTheEntesServices(t *testing.T) {
	t.Parallel()

	address := managed(t, simulator.Config{})

	for query, want := range map[string][]string{
		"": {"S0", "S1", "S2"}, "?limit=2": {"S0", "S1"}, "?limit=2&offset=2": {"S2"}, "?offset=3": {}, "?limit=100&offset=99": {},
	} {
		status, answer := asked(t, address+"/manage/services"+query, manageKey)
		require.Equal(t, http.StatusOK, status)

		ids := []string{}

		listed, _ := answer["value"].([]any)
		for _, item := range listed {
			service, _ := item.(map[string]any)
			id, _ := service["id"].(string)
			ids = append(ids, id)

			require.Equal(t, map[string]any{"value": "approved"}, service["status"])
			require.InDelta(t, 5000, service["max_allowed_payment_amount"], 0)
			require.NotContains(t, service, "primary_key")
		}

		require.Equal(t, want, ids, query)

		pagination, _ := answer["pagination"].(map[string]any)
		require.InDelta(t, len(want), pagination["count"], 0, "IO counts what the answer holds")
	}

	for _, query := range []string{"?limit=0", "?limit=101", "?limit=x", "?offset=-1"} {
		status, _ := asked(t, address+"/manage/services"+query, manageKey)
		require.Equal(t, http.StatusBadRequest, status, query)
	}

	status, answer := asked(t, address+"/manage/services", foreignKey)
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, answer["value"])
}

func TestTheManageAPIGivesKeysThatSend(t *testing.T) {
	t.Parallel()

	address := managed(t, simulator.Config{})

	status, keys := asked(t, address+"/manage/services/S1/keys", manageKey)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{"primary_key": "primary-1", "secondary_key": "secondary-1"}, keys)

	for _, key := range []string{"primary-1", "secondary-1"} {
		status, _ := asked(t, address+"/profiles/"+simulator.FiscalCode(simulator.CitizenDelivered, 1), key)
		require.Equal(t, http.StatusOK, status)
	}

	status, release := asked(t, address+"/manage/services/S0/release", manageKey)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "published", release["status"])

	for _, path := range []string{"/manage/services/S1/release", "/manage/services/S9/keys", "/manage/services/S9/release"} {
		status, _ := asked(t, address+path, manageKey)
		require.Equal(t, http.StatusNotFound, status, path)
	}

	status, _ = asked(t, address+"/manage/services/S1/keys", foreignKey)
	require.Equal(t, http.StatusNotFound, status, "another Ente's service")
}

func TestWhomTheManageAPIRefuses(t *testing.T) {
	t.Parallel()

	address := managed(t, simulator.Config{AcceptAnyKey: true})

	for key, want := range map[string]int{
		"": http.StatusUnauthorized, "unknown": http.StatusUnauthorized, "primary-1": http.StatusForbidden, manageKey: http.StatusOK,
	} {
		status, _ := asked(t, address+"/manage/services", key)
		require.Equal(t, want, status, key)
	}

	status, answer := asked(t, address+"/profiles/"+simulator.FiscalCode(simulator.CitizenDelivered, 1), manageKey)
	require.Equal(t, http.StatusForbidden, status, "a manage key is no service's")
	require.Equal(t, "You are not allowed here", answer["title"])
}

func TestTheManageAPISharesTheEntesQuota(t *testing.T) {
	t.Parallel()

	address := managed(t, simulator.Config{IOQuota: simulator.Quota{Calls: 2, Window: time.Hour}})

	status, _ := asked(t, address+"/profiles/"+simulator.FiscalCode(simulator.CitizenDelivered, 1), "primary-1")
	require.Equal(t, http.StatusOK, status)
	status, _ = asked(t, address+"/manage/services", manageKey)
	require.Equal(t, http.StatusOK, status)
	status, _ = asked(t, address+"/manage/services", manageKey)
	require.Equal(t, http.StatusTooManyRequests, status)
}
