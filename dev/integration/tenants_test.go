package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

const (
	manyEnti = 20
	// singles, bulked and rowed are how many notifications each Ente sends, by which way.
	singles = 8
	bulked  = 4
	rowed   = 3

	serialOfTenants = 640_000
	keyOfAll        = "the-same-key-for-all"
)

// sender is one Ente of many, with a service on IO. Its mark stands in all of its texts.
type sender struct {
	tenant

	service service
	mark    string
}

// TestNoEnteUsesAnothersKey lets many Enti write to the same citizens at the same time, by each way that there is, and then
// has the ledger say with whose key each message came.
func TestNoEnteUsesAnothersKey(t *testing.T) {
	t.Parallel()

	p := layOut(t)
	secrets := newSecrets()
	senders := make([]sender, manyEnti)

	for i := range senders {
		founded := foundTenant(t, p.tenant.does, p.plays, secrets, i+2)
		// Ends with a letter, so that none is the beginning of another.
		senders[i] = sender{tenant: founded, mark: fmt.Sprintf("Ente%dx", i)}
		senders[i].service = founded.service(t, senders[i].mark, notification.DefaultPolicy())
	}

	// Refusals make calls wait and come again, mixed with those of the others.
	require.NoError(t, p.plays.SetFaults(simulator.Faults{IO429: 0.1}))
	p.startWorker(t)

	var sending sync.WaitGroup

	for _, one := range senders {
		sending.Go(func() { one.sendAll(t) })
	}

	sending.Wait()

	var faults []string

	require.Eventually(t, func() bool {
		var done int

		done, faults = judge(p.plays.Ledger(), senders)

		return done == manyEnti*(singles+bulked+rowed) || len(faults) > 0
	}, 2*patience, glance, "not every message came")
	require.Empty(t, faults)

	counters := p.plays.Counters()
	require.Zero(t, counters.ForeignReads)

	for _, one := range senders {
		// A question that broke off is asked again.
		require.GreaterOrEqual(t, counters.ProfileCalls[one.service.id], singles+bulked+rowed, "citizens were looked for with the own key")
		require.Len(t, one.list(t.Context()), singles+bulked+rowed)
	}
}

// judge counts the messages, and names those that came with another key than that of the Ente whose words they hold.
func judge(ledger []simulator.Entry, senders []sender) (done int, faults []string) {
	for _, entry := range ledger {
		for _, one := range senders {
			if !strings.Contains(entry.Text, one.mark) {
				continue
			}

			done++

			if entry.Channel == simulator.ChannelIO &&
				(entry.Key != one.service.ioKey || entry.EnteID != one.id || entry.ServiceID != one.service.id) {
				faults = append(faults, one.mark+" came with the key of "+entry.ServiceID)
			}
		}
	}

	return done, faults
}

// sendAll sends by each way. Every second citizen is not on IO and gets an SMS.
func (s sender) sendAll(t *testing.T) {
	t.Helper()

	for i := range singles {
		order := s.order(i)
		if i == 0 {
			order.idempotencyKey = keyOfAll
		}

		if !s.accepted(t, "/notifications", order, order.idempotencyKey) {
			return
		}
	}

	items := make([]order, bulked)
	for i := range items {
		items[i] = s.order(singles + i)
	}

	if s.accepted(t, "/notifications/bulk", map[string]any{"items": items}, keyOfAll+"-bulk") {
		s.sendFile(t)
	}
}

func (s sender) order(serial int) order {
	citizen := simulator.CitizenDelivered
	if serial%2 == 1 {
		citizen = simulator.CitizenNotOnIO
	}

	wanted := orderFor(s.service, simulator.FiscalCode(citizen, serialOfTenants+serial), invented(serialOfTenants+serial))
	wanted.Content.Subject = s.mark + ": avviso di prova"

	return wanted
}

// accepted is for several goroutines: it breaks none off, and the count of the messages tells.
func (s sender) accepted(t *testing.T, path string, body any, key string) bool {
	t.Helper()

	var header []string
	if key != "" {
		header = []string{"Idempotency-Key", key}
	}

	status, err := s.call(context.WithoutCancel(t.Context()), http.MethodPost, path, body, nil, header...)
	if err != nil || status != http.StatusAccepted {
		t.Errorf("%s: %s: %d, %v", s.mark, path, status, err)

		return false
	}

	return true
}

// sendFile sends a batch, made of a template of the same name as everybody's.
func (s sender) sendFile(t *testing.T) {
	t.Helper()

	var file strings.Builder

	file.WriteString("Codice Fiscale;Nome\n")

	for i := range rowed {
		fmt.Fprintf(&file, "%s;%s\n", simulator.FiscalCode(simulator.CitizenDelivered, serialOfTenants+100+i), s.mark)
	}

	draft := s.upload(t, s.service, file.String())
	if !draft.has("draft") {
		t.Errorf("%s: the file is %s, %s", s.mark, draft.Status, draft.Problem)

		return
	}

	s.accepted(t, "/batches/"+draft.ID+"/confirm", map[string]any{"check": draft.Check}, "")
}
