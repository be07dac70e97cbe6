package smstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/sms"
)

var errLookup = errors.New("the database is away")

func search() sms.Search {
	return sms.Search{To: recipient, Text: body, Sender: sender, Since: time.Now()}
}

// settled is a search for an attempt that began long enough ago for its message to be listed.
func settled() sms.Search {
	asked := search()
	asked.Since = asked.Since.Add(-2 * sms.ListingDelay)

	return asked
}

func testFind(t *testing.T, h Harness) {
	t.Helper()

	asked := search()

	found, err := h.Provider().Find(t.Context(), asked)
	require.NoError(t, err)
	require.Empty(t, found)

	first := send(t, h, message())
	second := send(t, h, message())

	for _, other := range []func(*sms.Message){
		func(m *sms.Message) { m.To = stranger },
		func(m *sms.Message) { m.Text += "!" },
		func(m *sms.Message) { m.Sender = "AltroComune" },
	} {
		m := message()
		other(&m)
		send(t, h, m)
	}

	found, err = h.Provider().Find(t.Context(), asked)
	require.NoError(t, err)
	require.Equal(t, []string{first.ProviderID, second.ProviderID}, ids(found))

	asked.Since = time.Now().Add(time.Hour)
	found, err = h.Provider().Find(t.Context(), asked)
	require.NoError(t, err)
	require.Empty(t, found)
}

func testFindFailures(t *testing.T, h Harness) {
	t.Helper()

	for _, c := range readFailures() {
		h.Play(c.scene)

		found, err := h.Provider().Find(t.Context(), search())

		requireFailure(t, err, c.want)
		require.Empty(t, found)
	}
}

func testReconcile(t *testing.T, h Harness) {
	t.Helper()

	mine := func(context.Context, string) (bool, error) { return false, nil }

	requireFinding(t, h, search(), mine, sms.FindingUnknown, "")
	requireFinding(t, h, settled(), mine, sms.FindingNotSent, "")

	justCalled := settled()
	justCalled.CalledAt = time.Now()
	requireFinding(t, h, justCalled, mine, sms.FindingUnknown, "")

	earlier := send(t, h, message())
	othersAreUsed := func(_ context.Context, id string) (bool, error) { return id == earlier.ProviderID, nil }

	requireFinding(t, h, search(), othersAreUsed, sms.FindingUnknown, "")
	requireFinding(t, h, settled(), othersAreUsed, sms.FindingNotSent, "")

	h.Play(AcceptAndDrop)

	_, err := h.Provider().Send(t.Context(), message())
	requireFailure(t, err, uncertain())
	h.Play(Accept)

	lost := h.Taken()[1].ProviderID
	requireFinding(t, h, search(), othersAreUsed, sms.FindingSent, lost)
	requireFinding(t, h, settled(), othersAreUsed, sms.FindingSent, lost)

	broken := func(context.Context, string) (bool, error) { return false, errLookup }
	result, err := sms.Reconcile(t.Context(), h.Provider(), settled(), broken)
	require.ErrorIs(t, err, errLookup)
	require.Equal(t, sms.FindingUnknown, result.Finding)

	h.Play(Offline)

	result, err = sms.Reconcile(t.Context(), h.Provider(), settled(), mine)
	require.Error(t, err)
	require.Equal(t, sms.FindingUnknown, result.Finding)
}

func requireFinding(t *testing.T, h Harness, asked sms.Search, used sms.UsedFunc, finding sms.Finding, id string) {
	t.Helper()

	result, err := sms.Reconcile(t.Context(), h.Provider(), asked, used)

	require.NoError(t, err)
	require.Equal(t, finding, result.Finding)
	require.Equal(t, id, result.Receipt.ProviderID)
}

func ids(receipts []sms.Receipt) []string {
	list := make([]string, 0, len(receipts))
	for _, receipt := range receipts {
		list = append(list, receipt.ProviderID)
	}

	return list
}
