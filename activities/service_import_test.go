package activities_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const manageKey = "9d4e3c5b0a7c1d9e3f42a68d0c4b7a1e"

// importing is a bench whose IO has services of one Ente.
func importing(t *testing.T, store *db.Store, services int) bench {
	t.Helper()

	return newBench(t, store, func(use *setting) {
		use.simulator.ManageKeys = map[string]string{manageKey: "ente"}

		for i := range services {
			use.simulator.Services = append(use.simulator.Services, simulator.ManagedService{
				ID: fmt.Sprintf("S%03d", i), EnteID: "ente", Name: fmt.Sprintf("Segreteria %d", i), Published: i == 0,
				MaxPaymentCents: 5000, PrimaryKey: fmt.Sprintf("primary-of-%03d", i), SecondaryKey: fmt.Sprintf("secondary-of-%03d", i),
			})
		}
	})
}

// begunImport begins a reading with a key, some time ago.
func (b bench) begunImport(t *testing.T, key string, ago time.Duration) string {
	t.Helper()

	id := newID(t)
	require.NoError(t, b.store.CreateServiceImport(t.Context(), db.ServiceImport{
		ID: id, EnteID: b.service.EnteID, CreatedAt: time.Now().Add(-ago),
	}, key))

	return id
}

func (b bench) importOf(t *testing.T, id string) db.ServiceImport {
	t.Helper()

	found, err := b.store.ServiceImport(t.Context(), id)
	require.NoError(t, err)

	return found
}

func TestReadingServices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 51)
		id := b.begunImport(t, manageKey, 0)
		list := b.task(t, workflows.ActivityListServices)

		first, err := run[workflows.ServiceList](list, workflows.ServiceListing{ImportID: id})
		require.NoError(t, err)
		require.Len(t, first.ServiceIDs, 50)
		require.Equal(t, 50, first.Next)

		again, err := run[workflows.ServiceList](list, workflows.ServiceListing{ImportID: id})
		require.NoError(t, err)
		require.Equal(t, first, again)

		second, err := run[workflows.ServiceList](list, workflows.ServiceListing{ImportID: id, Offset: first.Next})
		require.NoError(t, err)
		require.Equal(t, workflows.ServiceList{ServiceIDs: []string{"S050"}, Next: 100}, second)

		last, err := run[workflows.ServiceList](list, workflows.ServiceListing{ImportID: id, Offset: second.Next})
		require.NoError(t, err)
		require.Zero(t, last, "only an empty answer is the last")

		keys, publication := b.task(t, workflows.ActivityFetchServiceKeys), b.task(t, workflows.ActivityFetchPublication)

		for _, service := range []string{"S000", "S001"} {
			for _, k := range []*task{keys, publication} {
				fetched, err := run[workflows.ServiceFetched](k, workflows.ListedService{ImportID: id, ServiceID: service})
				require.NoError(t, err)
				require.Empty(t, fetched.Reason)
			}
		}

		require.Equal(t, 51, b.importOf(t, id).Found)
		require.Equal(t, 2, b.importOf(t, id).Fetched)

		found, err := store.StagedServices(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, db.StagedService{
			IOServiceID: "S000", Name: "Segreteria 0", MaxPaymentCents: 5000, Lifecycle: "approved", Publication: "published", HasKeys: true,
		}, found[0])
		require.Equal(t, "unpublished", found[1].Publication)
		require.Equal(t, "S050", found[50].IOServiceID)

		staged, err := store.StagedKeys(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, notification.ServiceKeys{Primary: "primary-of-001", Secondary: "secondary-of-001"}, staged["S001"])

		for _, k := range []*task{list, keys, publication} {
			for _, told := range k.told {
				require.NotContains(t, told, "Segreteria", "Temporal sees ids only")
				require.NotContains(t, told, "primary-of")
				require.NotContains(t, told, manageKey)
			}
		}
	})
}

func TestAManageKeyThatIORefuses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 1)

		for key, want := range map[string]notification.Reason{
			"unknown": notification.ReasonIOKeyRejected, "primary-of-000": notification.ReasonIOForbidden,
		} {
			id := b.begunImport(t, key, 0)
			list, err := run[workflows.ServiceList](b.task(t, workflows.ActivityListServices), workflows.ServiceListing{ImportID: id})
			require.NoError(t, err)
			require.Equal(t, workflows.ServiceList{Reason: want}, list)

			_, err = run[any](b.task(t, workflows.ActivityFinishServiceImport), workflows.ServiceImportEnd{ImportID: id, Reason: want})
			require.NoError(t, err)
			require.Equal(t, db.ImportFailed, b.importOf(t, id).State)
			require.Equal(t, string(want), b.importOf(t, id).Problem)
		}
	})
}

func TestAServiceThatDoesNotGiveItsKeys(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 1)
		id := b.begunImport(t, manageKey, 0)
		require.NoError(t, store.StageServices(t.Context(), id, []db.StagedService{{IOServiceID: "S999", Name: "Altrove"}}))

		fetched, err := run[workflows.ServiceFetched](
			b.task(t, workflows.ActivityFetchServiceKeys), workflows.ListedService{ImportID: id, ServiceID: "S999"})
		require.NoError(t, err)
		require.Equal(t, notification.ReasonIONotFound, fetched.Reason)

		found, err := store.StagedServices(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "io_not_found", found[0].Problem)
		require.False(t, found[0].HasKeys)
	})
}

func TestIOAwayDuringAReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 1)
		require.NoError(t, b.sim.SetFaults(simulator.Faults{IO500: 1}))

		id := b.begunImport(t, manageKey, 0)
		list := b.task(t, workflows.ActivityListServices)

		_, err := run[any](list, workflows.ServiceListing{ImportID: id})
		requireRetry(t, err, "io_unavailable")
		require.Equal(t, "io_unavailable", b.importOf(t, id).Problem, "a person sees what it waits for")

		require.NoError(t, b.sim.SetFaults(simulator.Faults{}))

		_, err = run[any](list, workflows.ServiceListing{ImportID: id})
		require.NoError(t, err)
		require.Empty(t, b.importOf(t, id).Problem, "and that it is over")

		// Nobody waits for ever.
		require.NoError(t, b.sim.SetFaults(simulator.Faults{IO429: 1}))

		old := b.begunImport(t, manageKey, time.Hour)
		given, err := run[workflows.ServiceList](b.task(t, workflows.ActivityListServices), workflows.ServiceListing{ImportID: old})
		require.NoError(t, err)
		require.Equal(t, notification.ReasonIORateLimited, given.Reason)
	})
}

func TestTheQuotaHoldsForReadings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 1)
		require.NoError(t, b.sim.SetFaults(simulator.Faults{IO429: 1}))

		_, err := run[any](b.task(t, workflows.ActivityListServices), workflows.ServiceListing{ImportID: b.begunImport(t, manageKey, 0)})
		require.Equal(t, time.Second, requireRetry(t, err, "io_rate_limited"), "as long as IO says")
	})
}

func TestForgettingAReading(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := importing(t, store, 1)
		id := b.begunImport(t, manageKey, 0)
		end := workflows.ServiceImportEnd{ImportID: id}

		_, err := run[any](b.task(t, workflows.ActivityListServices), workflows.ServiceListing{ImportID: id})
		require.NoError(t, err)
		_, err = run[any](b.task(t, workflows.ActivityFinishServiceImport), end)
		require.NoError(t, err)
		require.Equal(t, db.ImportReady, b.importOf(t, id).State)

		for range 2 {
			_, err = run[any](b.task(t, workflows.ActivityForgetServiceImport), end)
			require.NoError(t, err)
			require.Equal(t, db.ImportForgotten, b.importOf(t, id).State)
			require.Zero(t, b.importOf(t, id).Found)
		}

		// Its manage key is gone, so that nothing more can be asked with it.
		_, err = run[any](b.task(t, workflows.ActivityListServices), workflows.ServiceListing{ImportID: id})
		requireFinal(t, err)
	})
}
