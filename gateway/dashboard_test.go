package gateway_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// dashboardNow is in the evening of a day in Italy that has already ended in no other count of days than ours.
func dashboardNow() time.Time { return time.Date(2026, time.November, 23, 18, 0, 0, 0, time.UTC) }

// daysAgo has something accepted so many days before.
func daysAgo(days int) func(*notification.Notification) {
	return func(n *notification.Notification) { n.AcceptedAt = dashboardNow().AddDate(0, 0, -days) }
}

func (b bundle) delivered(t *testing.T, channel notification.Channel, days int) {
	t.Helper()

	id := b.accepted(t, daysAgo(days))
	claim, err := b.store.BeginAttempt(t.Context(), id, channel, "")
	require.NoError(t, err)

	segments := 0
	if channel == notification.ChannelSMS {
		segments = 2
	}

	_, err = b.store.RecordAttempt(t.Context(), claim.Attempt.ID, db.AttemptChange{Status: notification.AttemptDelivered, Segments: segments})
	require.NoError(t, err)
	require.NoError(t, b.store.Settle(t.Context(), id, db.Settlement{
		Status: notification.StatusDelivered, Reason: notification.ReasonIODelivered, Channel: channel,
	}))
}

func (b bundle) ended(t *testing.T, status notification.Status, reason notification.Reason, days int) {
	t.Helper()
	b.settle(t, b.accepted(t, daysAgo(days)), status, reason)
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		// Whatever happens today happens a minute after the latest acceptance.
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: func() time.Time { return dashboardNow().Add(time.Minute) }})
		b := newBundle(t, store)
		other := bundle{Gateway: b.Gateway, store: store, tenant: newTenant(t, store)}

		for range 3 {
			b.delivered(t, notification.ChannelIO, 0)
		}

		b.delivered(t, notification.ChannelIO, 29)
		b.delivered(t, notification.ChannelIO, 30)
		b.delivered(t, notification.ChannelSMS, 0)
		other.delivered(t, notification.ChannelSMS, 1)
		b.ended(t, notification.StatusFailed, notification.ReasonIOKeyRejected, 2)
		b.ended(t, notification.StatusFailed, notification.ReasonIOKeyRejected, 2)
		b.ended(t, notification.StatusFailed, notification.ReasonInternalError, 0)
		b.ended(t, notification.StatusNotDelivered, notification.ReasonSMSNoPhone, 1)
		b.ended(t, notification.StatusCancelled, notification.ReasonPaid, 1)
		held := b.accepted(t, daysAgo(200))
		require.NoError(t, store.SetHold(t.Context(), held, notification.ReasonHeldByOperator))
		b.accepted(t, daysAgo(0))

		query := gateway.DashboardQuery{Now: dashboardNow()}
		before, err := b.Dashboard(t.Context(), b.user(gateway.RoleOperator), query)
		require.NoError(t, err)

		_, err = store.FoldFigures(t.Context(), 1000)
		require.NoError(t, err)

		mine, err := b.Dashboard(t.Context(), b.user(gateway.RoleOperator), query)
		require.NoError(t, err)
		require.Equal(t, mine, before, "folding changes nothing that is seen")

		require.Equal(t, b.ente.ID, mine.EnteID)
		require.Len(t, mine.Days, 30)
		require.Equal(t, "2026-10-25", mine.Days[0].Day.Format(time.DateOnly))
		require.Equal(t, "2026-11-23", mine.Days[29].Day.Format(time.DateOnly))
		require.Equal(t, gateway.Outcomes{DeliveredOnIO: 3, DeliveredBySMS: 1, Failed: 1, InProgress: 1, SMSParts: 2}, mine.Today())
		require.Equal(t, 6, mine.Today().Accepted())

		total := mine.Total()
		require.Equal(t, gateway.Outcomes{
			DeliveredOnIO: 4, DeliveredBySMS: 1, NotDelivered: 1, Failed: 3, Cancelled: 1, InProgress: 1, SMSParts: 2,
		}, total)
		require.Equal(t, 5, total.Delivered())
		require.Equal(t, []gateway.ReasonCount{{notification.ReasonIOKeyRejected, 2}, {notification.ReasonInternalError, 1}}, mine.Failed)
		require.Equal(t, []gateway.ReasonCount{{notification.ReasonSMSNoPhone, 1}}, mine.NotDelivered)

		require.Equal(t, 4, mine.ToIO.Count)
		require.InEpsilon(t, time.Minute, mine.ToIO.Median, 0.1)
		require.InEpsilon(t, 29*24*time.Hour, mine.ToIO.P95, 0.1)
		require.Equal(t, mine.ToIO, mine.ToDeliveryOnIO)
		require.Equal(t, 1, mine.ToDeliveryBySMS.Count)

		require.Equal(t, []gateway.OpenCount{
			{Status: notification.StatusAccepted, Oldest: dashboardNow(), ReasonCount: gateway.ReasonCount{Count: 1}},
			{
				Status: notification.StatusOnHold, Oldest: dashboardNow().AddDate(0, 0, -200),
				ReasonCount: gateway.ReasonCount{Reason: notification.ReasonHeldByOperator, Count: 1},
			},
		}, mine.Open)
		require.False(t, mine.Unused)

		everybodys, err := b.Dashboard(t.Context(), support(), query)
		require.NoError(t, err)
		require.Empty(t, everybodys.EnteID)
		require.Equal(t, total.Accepted()+1, everybodys.Total().Accepted())
		require.Equal(t, 4, everybodys.Total().SMSParts)

		query.EnteID = b.ente.ID
		again, err := b.Dashboard(t.Context(), support(), query)
		require.NoError(t, err)
		require.Equal(t, mine, again)

		query.Days = 7
		week, err := b.Dashboard(t.Context(), support(), query)
		require.NoError(t, err)
		require.Len(t, week.Days, 7)
		require.Equal(t, total.Accepted()-1, week.Total().Accepted())
	})
}

func TestDashboardOfNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		empty, err := b.Dashboard(t.Context(), b.user(gateway.RoleAuditor), gateway.DashboardQuery{})
		require.NoError(t, err)
		require.True(t, empty.Unused)
		require.Len(t, empty.Days, 30)
		require.Zero(t, empty.ToIO)

		b.ended(t, notification.StatusCancelled, notification.ReasonPaid, 300)
		old, err := b.Dashboard(t.Context(), b.user(gateway.RoleAuditor), gateway.DashboardQuery{Now: dashboardNow()})
		require.NoError(t, err)
		require.False(t, old.Unused)

		for name, test := range map[string]struct {
			actor gateway.Actor
			query gateway.DashboardQuery
			want  error
		}{
			"another Ente's":  {b.user(gateway.RoleOperator), gateway.DashboardQuery{EnteID: foreign.ente.ID}, gateway.ErrNotFound},
			"an unknown Ente": {support(), gateway.DashboardQuery{EnteID: newID(t)}, gateway.ErrNotFound},
			"no id":           {support(), gateway.DashboardQuery{EnteID: "x"}, gateway.ErrNotFound},
			"nobody":          {gateway.Actor{}, gateway.DashboardQuery{}, gateway.ErrForbidden},
			"a key of services": {
				gateway.Actor{Kind: gateway.ActorApplication, EnteID: b.ente.ID, ServiceIDs: []string{b.service.ID}},
				gateway.DashboardQuery{},
				gateway.ErrForbidden,
			},
		} {
			_, err := b.Dashboard(t.Context(), test.actor, test.query)
			require.ErrorIs(t, err, test.want, name)
		}

		for _, days := range []int{-1, 367} {
			_, err := b.Dashboard(t.Context(), support(), gateway.DashboardQuery{Days: days})
			requireFields(t, err, map[string]string{"days": "range"})
		}
	})
}

// TestCountsThatNobodyKeeps: what no figure tells is counted, but not for ever.
func TestCountsThatNobodyKeeps(t *testing.T) {
	t.Parallel()

	address := dbtest.SQLite(t)
	b := newBundle(t, dbtest.OpenWith(t, db.Config{URL: address}))
	id := b.accepted(t)
	query := gateway.Query{ExternalReference: "pratica-42"}

	counts, err := b.Counts(t.Context(), support(), query)
	require.NoError(t, err)
	require.Equal(t, map[notification.Status]int{notification.StatusAccepted: 1}, counts)

	copyNotification(t, address, id, gateway.CountLimit)

	counts, err = b.Counts(t.Context(), support(), query)
	require.NoError(t, err)
	require.Nil(t, counts)

	counts, err = b.Counts(t.Context(), support(), gateway.Query{})
	require.NoError(t, err)
	require.Equal(t, map[notification.Status]int{notification.StatusAccepted: gateway.CountLimit + 1}, counts)
}

// copyNotification makes as many of one within the database, because that is fast.
func copyNotification(t *testing.T, address, id string, times int) {
	t.Helper()

	pool, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite://"))
	require.NoError(t, err)

	defer func() { require.NoError(t, pool.Close()) }()

	columns := "ente_id, service_id, external_reference, recipient, content, fiscal_code_hash, policy, priority, status, reason, channel, " +
		"accepted_at, queued_at, run, started_run, archived"
	_, err = pool.ExecContext(t.Context(), "INSERT INTO notifications (id, "+columns+") SELECT lower(hex(randomblob(16))), "+columns+
		" FROM notifications, (WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < ?) SELECT i FROM g) WHERE id = ?",
		times, id)
	require.NoError(t, err)
}
