package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/dev/allinone"
	"github.com/genio-gateway/genio/dev/demo"
	"github.com/genio-gateway/genio/dev/freeport"
	"github.com/genio-gateway/genio/simulator"
)

const (
	travellers = 200

	// The kills come while notifications are still being submitted, and while IO and Twilio are being called.
	acceptedBeforeKill = 120
	takenBeforeKill    = 80

	// recovery is long enough for what a kill between the note of a call to Twilio and the call itself leaves behind.
	recovery = 4 * time.Minute
	submits  = 8 // at once
)

// TestKill kills the process of everything twice while 200 notifications travel, and looks whether any was lost or
// reached its citizen twice on one channel.
//
// All citizens have phones, and half of them are not on IO. A message that was being handed to IO at the kill is
// uncertain, so its citizen gets an SMS as well, by the service's policy: at most one message on each channel.
func TestKill(t *testing.T) {
	t.Parallel()

	settings := allinone.Settings{
		Data: filepath.Join(t.TempDir(), "data"), NoDemo: true,
		Port: freePort(t), TemporalPort: freePort(t), TemporalUIPort: freePort(t), SimulatorPort: freePort(t),
	}
	running := startProcess(t, processAllInOne, settings)
	application, service := settle(t, settings)

	fleet := newFleet(application, service)
	go fleet.submitAll(t.Context())

	fleet.await(t, "accepted", func() bool { return fleet.accepted() >= acceptedBeforeKill })
	require.Less(t, fleet.accepted(), travellers, "killed while notifications are being submitted")
	running.kill()

	ledger := simulatorLedger{address: "http://127.0.0.1:" + strconv.Itoa(settings.SimulatorPort)}
	running = startProcess(t, processAllInOne, settings)
	fleet.await(t, "taken by the providers", func() bool { return len(ledger.entries(t.Context())) >= takenBeforeKill })
	running.kill()

	startProcess(t, processAllInOne, settings)
	<-fleet.submitted
	require.Equal(t, travellers, fleet.accepted())

	var ends map[string]notice

	fleet.await(t, "at rest", func() bool {
		ends = application.list(t.Context())

		return fleet.atRest(ends)
	})

	// None is lost, and none is there that was not submitted.
	require.Len(t, ends, travellers)

	held := 0

	for _, id := range fleet.ids {
		end := ends[id]
		if end.Status == "on_hold" {
			require.Equal(t, "io_outcome_uncertain", end.Reason)

			held++
		} else {
			require.Equal(t, "delivered", end.Status, end.Reason)
		}
	}

	taken := map[string]int{}
	for _, entry := range ledger.entries(t.Context()) {
		taken[string(entry.Channel)+" "+entry.Recipient]++
	}

	for to, times := range taken {
		require.Equal(t, 1, times, to)
	}

	struck, both := fleet.requireReached(t, taken)
	t.Logf("of %d notifications, the kills struck %d in their call to IO (%d of these IO had taken); on hold: %d",
		travellers, struck+held, both, held)
}

// settle waits until the API answers for the first time, and gives the demonstration's application and service.
func settle(t *testing.T, settings allinone.Settings) (application, service) {
	t.Helper()

	app := application{address: "http://127.0.0.1:" + strconv.Itoa(settings.Port), secrets: newSecrets()}

	require.Eventually(t, func() bool {
		status, err := app.call(t.Context(), http.MethodGet, "/status", nil, nil)

		return err == nil && status == http.StatusOK
	}, patience, glance)

	stored, err := os.ReadFile(filepath.Join(settings.Data, "demo.json"))
	require.NoError(t, err)

	var setting demo.Setting
	require.NoError(t, json.Unmarshal(stored, &setting))

	app.key = setting.APIKey

	return app, serviceOf(setting.Service)
}

// fleet are the notifications of the test. Each is submitted under a key of its own until it is accepted.
type fleet struct {
	application application
	orders      []order
	submitted   chan struct{} // closed once all are accepted

	mu  sync.Mutex
	ids []string
}

func newFleet(application application, service service) *fleet {
	f := &fleet{application: application, submitted: make(chan struct{})}

	for i := range travellers {
		citizen := simulator.CitizenNotOnIO
		if isOnIO(i) {
			citizen = simulator.CitizenDelivered
		}

		order := orderFor(service, simulator.FiscalCode(citizen, i), reached.number(i))
		order.idempotencyKey = fmt.Sprintf("traveller-%d", i)
		f.orders = append(f.orders, order)
	}

	return f
}

func isOnIO(traveller int) bool { return traveller%2 == 0 }

func (f *fleet) submitAll(ctx context.Context) {
	defer close(f.submitted)

	var group sync.WaitGroup

	next := make(chan order)

	for range submits {
		group.Go(func() {
			for order := range next {
				f.submit(ctx, order)
			}
		})
	}

	for _, order := range f.orders {
		next <- order
	}

	close(next)
	group.Wait()
}

// submit repeats a submission until it is answered, as docs/api.md advises.
func (f *fleet) submit(ctx context.Context, order order) {
	again := time.NewTicker(glance)
	defer again.Stop()

	for ctx.Err() == nil {
		var receipt notice

		status, err := f.application.call(ctx, http.MethodPost, "/notifications", order, &receipt,
			"Idempotency-Key", order.idempotencyKey)
		if err == nil && status == http.StatusAccepted {
			f.mu.Lock()
			f.ids = append(f.ids, receipt.ID)
			f.mu.Unlock()

			return
		}

		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
}

func (f *fleet) accepted() int {
	f.mu.Lock()
	defer f.mu.Unlock()

	return len(f.ids)
}

func (f *fleet) await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, recovery, glance/4, what)
}

// atRest tells that nothing more happens to any notification by itself.
func (f *fleet) atRest(ends map[string]notice) bool {
	for _, id := range f.ids {
		if !ends[id].rests() {
			return false
		}
	}

	return true
}

// requireReached checks that every citizen got a message, on the channel where he is. Struck tells how many citizens of IO
// got an SMS because nobody knew whether IO had taken their message, and both to how many of these IO brought it.
func (f *fleet) requireReached(t *testing.T, taken map[string]int) (struck, both int) {
	t.Helper()

	for i, order := range f.orders {
		io, sms := taken["io "+order.Recipient.FiscalCode], taken["twilio "+order.Recipient.Phone]
		require.Positive(t, io+sms)

		if !isOnIO(i) {
			require.Zero(t, io)

			continue
		}

		struck += sms
		if io+sms > 1 {
			both++
		}
	}

	return struck, both
}

// list reads all of the Ente's notifications, by id; none where the API does not answer.
func (a application) list(ctx context.Context) map[string]notice {
	listed := map[string]notice{}
	cursor := ""

	for {
		var page struct {
			Items []notice `json:"items"`
			Next  string   `json:"next_cursor"`
		}

		query := url.Values{"limit": {"100"}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}

		status, err := a.call(ctx, http.MethodGet, "/notifications?"+query.Encode(), nil, &page)
		if err != nil || status != http.StatusOK {
			return nil
		}

		for _, item := range page.Items {
			listed[item.ID] = item
		}

		if cursor = page.Next; cursor == "" {
			return listed
		}
	}
}

// simulatorLedger is the ledger of simulators in another process.
type simulatorLedger struct {
	address string
}

// entries are what the simulators took; none where they do not answer.
func (l simulatorLedger) entries(ctx context.Context) []simulator.Entry {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.address+"/ledger", http.NoBody)
	if err != nil {
		return nil
	}

	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}

	var page struct {
		Entries []simulator.Entry `json:"entries"`
	}

	if errors.Join(json.NewDecoder(response.Body).Decode(&page), response.Body.Close()) != nil {
		return nil
	}

	return page.Entries
}

// freePort finds a port that nobody takes while the process that listens there is away.
func freePort(t *testing.T) int {
	t.Helper()

	listener, err := freeport.Listen()
	require.NoError(t, err)
	freeport.Release(listener)

	return portOf(t, listener.Addr().String())
}
