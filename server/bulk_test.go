package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/server"
)

const (
	bulkPath   = "/api/v1/notifications/bulk"
	filledItem = `{"service_id":"` + serviceID + `","recipient":{"fiscal_code":"RSSMRA80A01H501U"},` +
		`"template_id":"` + templateID + `","personalisation":{"nome":"Mario"}}`
)

func bulkOf(items ...string) string { return `{"items":[` + strings.Join(items, ",") + `]}` }

// bulkResult is one item's result as it is answered.
type bulkResult struct {
	Index  int    `json:"index"`
	Status string `json:"status"`
	ID     string `json:"id"`
	Errors []struct {
		Field, Code, Message, Messaggio string
	} `json:"errors"`
}

func (r bulkResult) fields(t *testing.T) map[string]string {
	t.Helper()

	found := map[string]string{}

	for _, one := range r.Errors {
		require.NotEmpty(t, one.Message)
		require.NotEmpty(t, one.Messaggio)
		found[one.Field] = one.Code
	}

	return found
}

func bulkResults(t *testing.T, got answer) (results []bulkResult, accepted, rejected int) {
	t.Helper()
	require.Equal(t, http.StatusAccepted, got.status, got.body)

	var read struct {
		Items              []bulkResult
		Accepted, Rejected int
	}

	require.NoError(t, json.Unmarshal([]byte(got.body), &read))

	return read.Items, read.Accepted, read.Rejected
}

func TestABulkReachesTheGatewayWhole(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{
		method: http.MethodPost, path: bulkPath, header: map[string]string{"Idempotency-Key": "anagrafe-1"},
		body: bulkOf(filledItem, `{"idempotency_key":"anagrafe-2",`+strings.TrimPrefix(strings.TrimSpace(validBody), "{")),
	})

	results, accepted, rejected := bulkResults(t, got)
	require.Equal(t, []int{2, 0}, []int{accepted, rejected})
	require.Equal(t, []bulkResult{{0, "accepted", knownID, nil}, {1, "accepted", knownID, nil}}, results)
	require.Equal(t, "false", got.header.Get("Idempotency-Replayed"))

	require.Equal(t, "anagrafe-1", site.gateway.bulk.IdempotencyKey)
	require.Len(t, site.gateway.bulk.Items, 2)
	require.Equal(t, gateway.Submission{
		ServiceID: serviceID, FiscalCode: "RSSMRA80A01H501U",
		Template: &gateway.Personalised{TemplateID: templateID, Values: map[string]string{"nome": "Mario"}},
	}, site.gateway.bulk.Items[0])

	second := site.gateway.bulk.Items[1]
	require.Equal(t, "anagrafe-2", second.IdempotencyKey)
	require.Equal(t, "Avviso di pagamento TARI 2026", second.Content.Subject)
	require.Equal(t, notification.PriorityUrgent, second.Priority)
	require.Equal(t, "301000000000012345", second.Content.Payment.NoticeNumber)
	require.False(t, second.SendAt.IsZero())
	require.Equal(t, enteID, site.gateway.actor.EnteID)
}

// Whatever is wrong with an item is told at its place, and hinders no other.
func TestAnInvalidItemHindersNoOther(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		item   string
		fields map[string]string
	}{
		"null":          {"null", map[string]string{"item": "null"}},
		"a number":      {"5", map[string]string{"item": "type"}},
		"empty":         {"{}", map[string]string{"service_id": "required", "recipient": "required"}},
		"wrong types":   {strings.Replace(filledItem, `"Mario"`, "5", 1), map[string]string{"personalisation.nome": "type"}},
		"unknown field": {strings.Replace(filledItem, "{", `{"prioritaa":1,`, 1), map[string]string{"prioritaa": "unknown_field"}},
		"bad key":       {strings.Replace(filledItem, "{", `{"idempotency_key":"",`, 1), map[string]string{"idempotency_key": "too_short"}},
		"both texts": {
			strings.Replace(filledItem, "{", `{"content":{"subject":"x","markdown":"x"},`, 1), map[string]string{"template_id": "not_together"},
		},
		"no text": {
			`{"service_id":"` + serviceID + `","recipient":{"fiscal_code":"RSSMRA80A01H501U"}}`, map[string]string{"content": "required"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: bulkPath, body: bulkOf(filledItem, test.item, filledItem)})

			results, accepted, rejected := bulkResults(t, got)
			require.Equal(t, []int{2, 1}, []int{accepted, rejected})
			require.Equal(t, "accepted", results[0].Status)
			require.Equal(t, "rejected", results[1].Status)
			require.Equal(t, "accepted", results[2].Status)
			require.Equal(t, []int{0, 1, 2}, []int{results[0].Index, results[1].Index, results[2].Index})
			require.Equal(t, test.fields, results[1].fields(t))
			require.Empty(t, results[1].ID)
			require.Len(t, site.gateway.bulk.Items, 2)
		})
	}
}

func TestResultsOfTheGatewayComeBackToTheirPlaces(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.results = func() []gateway.BulkResult {
		return []gateway.BulkResult{
			{Receipt: gateway.Receipt{ID: knownID, Replayed: true}},
			{Conflict: true},
			{Errors: notification.FieldErrors{{Field: "recipient.fiscal_code", Code: "check_character", Message: "wrong", Messaggio: "errato"}}},
			{Receipt: gateway.Receipt{ID: serviceID}},
		}
	}

	got := site.send(call{method: http.MethodPost, path: bulkPath, body: bulkOf("{}", filledItem, filledItem, "[]", filledItem, filledItem)})
	results, accepted, rejected := bulkResults(t, got)
	require.Equal(t, []int{2, 4}, []int{accepted, rejected})

	statuses := make([]string, len(results))
	for i, result := range results {
		require.Equal(t, i, result.Index)
		statuses[i] = result.Status
	}

	require.Equal(t, []string{"rejected", "replayed", "conflict", "rejected", "rejected", "accepted"}, statuses)
	require.Equal(t, map[string]string{"recipient.fiscal_code": "check_character"}, results[4].fields(t))
	require.Equal(t, serviceID, results[5].ID)
}

func TestABulkOfInvalidItemsAsksNobody(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.failure = errors.New("the gateway was asked")

	_, accepted, rejected := bulkResults(t, site.send(call{method: http.MethodPost, path: bulkPath, body: bulkOf("{}", "1")}))
	require.Equal(t, []int{0, 2}, []int{accepted, rejected})
}

func TestARepeatedBulkSaysSo(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{
		method: http.MethodPost, path: bulkPath, body: bulkOf(filledItem), header: map[string]string{"Idempotency-Key": "used-before"},
	})
	require.Equal(t, "true", got.header.Get("Idempotency-Replayed"))
}

func TestAResultForEachItemOrNone(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	site.gateway.results = func() []gateway.BulkResult { return nil }
	require.Equal(t, http.StatusInternalServerError, site.send(call{method: http.MethodPost, path: bulkPath, body: bulkOf(filledItem)}).status)
}

func TestManyErrorsOfAnItemAreCutShort(t *testing.T) {
	t.Parallel()

	got := newSite(t).send(call{method: http.MethodPost, path: bulkPath, body: bulkOf("{" + names(100) + `"x":1}`)})
	results, _, _ := bulkResults(t, got)
	require.Len(t, results[0].Errors, 20)
}

// What concerns the bulk as a whole is refused as a whole.
func TestBadBulks(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		body   string
		status int
		fields map[string]string
	}{
		"no items":       {`{}`, 422, map[string]string{"items": "required"}},
		"items no list":  {`{"items":{}}`, 422, map[string]string{"items": "type"}},
		"none":           {bulkOf(), 422, map[string]string{"items": "too_few"}},
		"one too many":   {bulkOf(strings.Repeat("{},", 1000) + "{}"), 422, map[string]string{"items": "too_many"}},
		"far too many":   {bulkOf(strings.Repeat("{},", 2000) + "{}"), 400, map[string]string{"body": "too_many"}},
		"a field beside": {`{"items":[{}],"item":[]}`, 422, map[string]string{"item": "unknown_field"}},
		"a list":         {`[]`, 422, map[string]string{"body": "type"}},
		"no JSON":        {`{"items":[`, 400, map[string]string{"body": "json_syntax"}},
		"a name twice":   {bulkOf(`{"service_id":"x","service_id":"x"}`), 400, map[string]string{"body": "duplicate_field"}},
		"too many names": {bulkOf("{" + names(201) + `"x":1}`), 400, map[string]string{"body": "too_many"}},
		"too large":      {strings.Repeat(" ", server.MaxBulkBytes) + bulkOf("{}"), 413, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: bulkPath, body: test.body})
			require.Equal(t, test.status, got.status, got.body)
			require.Equal(t, test.fields, got.fieldErrors(t))
			require.Empty(t, site.gateway.bulk.Items)
		})
	}
}

func TestABulkMayBeLargerThanOtherBodies(t *testing.T) {
	t.Parallel()

	long := strings.Replace(filledItem, "Mario", strings.Repeat("à", 4000), 1)
	items := make([]string, 1000)

	for i := range items {
		items[i] = long
	}

	body := bulkOf(items...)
	require.Greater(t, len(body), server.MaxBodyBytes)

	_, accepted, rejected := bulkResults(t, newSite(t).send(call{method: http.MethodPost, path: bulkPath, body: body}))
	require.Equal(t, []int{1000, 0}, []int{accepted, rejected})
}

// A value of an item comes back in no answer and in no line of the log.
func TestNoValueOfAnItemComesBack(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	full := strings.Replace(filledItem, "{", `{"idempotency_key":"k","priority":"bulk","send_at":"x",`, 1)

	for place, item := range sentinelBodies(t, full) {
		got := site.send(call{method: http.MethodPost, path: bulkPath, body: bulkOf(item)})
		require.Equal(t, http.StatusAccepted, got.status, place)
		require.NotContains(t, got.body, sentinel, place)
		require.NotContains(t, fmt.Sprint(site.logs.TakeAll()), sentinel, place)
	}

	for _, name := range []string{sentinel, "3331234567", "+393331234567"} {
		got := site.send(call{
			method: http.MethodPost, path: bulkPath, body: bulkOf(strings.Replace(filledItem, `"nome":"Mario"`, `"`+name+`":5`, 1)),
		})
		results, _, _ := bulkResults(t, got)
		require.Equal(t, map[string]string{"personalisation.*": "type"}, results[0].fields(t))
	}
}

// BenchmarkBulk takes in bulks of 1,000 notifications.
func BenchmarkBulk(b *testing.B) {
	content := strings.Repeat("Un testo per il cittadino. ", 40)

	for name, item := range map[string]string{
		"valid":   strings.Replace(validBody, "È disponibile", content, 1),
		"invalid": strings.Replace(validBody, `"priority"`, names(20)+`"priority"`, 1),
	} {
		b.Run(name, func(b *testing.B) {
			items := make([]string, 1000)
			for i := range items {
				items[i] = item
			}

			body, site := []byte(bulkOf(items...)), newTarget(b)

			b.SetBytes(int64(len(body)))
			b.ReportAllocs()

			for b.Loop() {
				require.Equal(b, http.StatusAccepted, site.postTo(b, bulkPath, "application/json", body).Code)
			}
		})
	}
}

// Bulks take up no more than their Ente's share, and another Ente is not hindered.
func TestBulksAtTheSameTimeAreBounded(t *testing.T) {
	t.Parallel()

	const most = 8

	site := newSite(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	site.gateway.results = func() []gateway.BulkResult {
		begun <- struct{}{}

		<-goOn

		return []gateway.BulkResult{{Receipt: gateway.Receipt{ID: knownID}}}
	}

	bulk := call{method: http.MethodPost, path: bulkPath, body: bulkOf(filledItem)}
	foreign := bulk
	foreign.header = map[string]string{"Authorization": "Bearer " + foreignKey}

	var (
		sending sync.WaitGroup
		granted atomic.Int32
	)

	send := func(c call) {
		sending.Go(func() {
			if site.send(c).status == http.StatusAccepted {
				granted.Add(1)
			}
		})
		<-begun
	}

	for range most {
		send(bulk)
	}

	refused := site.send(bulk)
	require.Equal(t, http.StatusTooManyRequests, refused.status)
	require.Equal(t, "too_many_requests", refused.json(t)["code"])
	require.Equal(t, "1", refused.header.Get("Retry-After"))

	send(foreign)
	close(goOn)
	sending.Wait()
	require.EqualValues(t, most+1, granted.Load())

	send(bulk)
	sending.Wait()
	require.EqualValues(t, most+2, granted.Load())
}
