package gateway_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// listed are the ids that an actor gets, and as many as are counted.
func (b bundle) listed(t *testing.T, actor gateway.Actor, query gateway.Query) []string {
	t.Helper()

	page, err := b.Notifications(t.Context(), actor, query)
	require.NoError(t, err)
	require.Empty(t, page.Next)

	ids := []string{}
	for _, view := range page.Items {
		ids = append(ids, view.ID)
	}

	counts, err := b.Counts(t.Context(), actor, query)
	require.NoError(t, err)

	total := 0
	for _, count := range counts {
		total += count
	}

	require.Len(t, ids, total, "lists and counts agree")

	return ids
}

func TestAListIsMasked(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		awaiting := b.awaiting(t)

		page, err := b.Notifications(t.Context(), support(), gateway.Query{})

		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		requireMasked(t, page.Items[0])
		require.Equal(t, awaiting.NotificationID, page.Items[0].ID)
		require.Equal(t, notification.Content{}, page.Items[0].Content, "only on its own page")
		require.Equal(t, gateway.Possible{Cancel: true, Hold: true}, page.Items[0].Possible)
	})
}

func TestPagesGoThroughEverythingOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const total = 7

		b := newBundle(t, store)
		want := make([]string, total)
		together := time.Now().Add(-time.Hour)

		for i := range want {
			// Newer ids come first among those of one moment.
			want[total-1-i] = b.accepted(t, func(n *notification.Notification) { n.AcceptedAt = together })
		}

		var got []string

		query := gateway.Query{Limit: 3}

		for {
			page, err := b.Notifications(t.Context(), b.application(), query)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Items), 3)

			for _, view := range page.Items {
				got = append(got, view.ID)
			}

			if query.Cursor = page.Next; query.Cursor == "" {
				break
			}
		}

		require.Equal(t, want, got)
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for range 26 {
			b.accepted(t)
		}

		page, err := b.Notifications(t.Context(), b.application(), gateway.Query{})
		require.NoError(t, err)
		require.Len(t, page.Items, 25)
		require.NotEmpty(t, page.Next)

		page, err = b.Notifications(t.Context(), b.application(), gateway.Query{Limit: 100})
		require.NoError(t, err)
		require.Len(t, page.Items, 26)
		require.Empty(t, page.Next)

		for _, limit := range []int{-1, 101} {
			_, err := b.Notifications(t.Context(), b.application(), gateway.Query{Limit: limit})
			requireFields(t, err, map[string]string{"limit": "range"})
		}
	})
}

func TestACursorThatWasNotGiven(t *testing.T) {
	t.Parallel()

	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

	cursors := map[string]string{
		"no base64":  "%%%",
		"no JSON":    encode("page 2"),
		"no time":    encode(`{"id":"` + uuid.NewString() + `"}`),
		"no id":      encode(`{"at":"2026-11-23T09:00:00Z"}`),
		"another id": encode(`{"at":"2026-11-23T09:00:00Z","id":"x' OR 1=1"}`),
		"empty":      encode(`{}`),
		"cut off":    encode(`{"at":"2026-11-23T09:00:00Z","id":"` + uuid.NewString()),
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.accepted(t)

		for name, cursor := range cursors {
			_, err := b.Notifications(t.Context(), b.application(), gateway.Query{Cursor: cursor})
			require.Error(t, err, name)
			requireFields(t, err, map[string]string{"cursor": "invalid"}, cursor)
		}
	})
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "%%%", "e30", "bnVsbA", "eyJhdCI6IjIwMjYtMTEtMjNUMDk6MDA6MDBaIiwiaWQiOiIxIn0"} {
		f.Add(seed)
	}

	b := newBundle(f, dbtest.Open(f, dbtest.EngineSQLite))

	f.Fuzz(func(t *testing.T, cursor string) {
		_, err := b.Notifications(t.Context(), b.application(), gateway.Query{Cursor: cursor})
		if err != nil {
			requireFields(t, err, map[string]string{"cursor": "invalid"})
		}
	})
}

func TestAListIsBoundedByTheActor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newBundle(t, store)
		second := newService(t, store, b.ente.ID)

		theirs := foreign.accepted(t, minutesAgo(4))
		older := b.accepted(t, minutesAgo(3))
		newer := b.accepted(t, minutesAgo(2), func(n *notification.Notification) { n.ServiceID = second.ID })

		bound := b.application()
		bound.ServiceIDs = []string{second.ID}

		cases := map[string]struct {
			actor gateway.Actor
			query gateway.Query
			want  []string
		}{
			"application":               {b.application(), gateway.Query{}, []string{newer, older}},
			"own Ente":                  {b.application(), gateway.Query{EnteID: b.ente.ID}, []string{newer, older}},
			"foreign Ente":              {b.application(), gateway.Query{EnteID: foreign.ente.ID}, []string{}},
			"foreign service":           {b.application(), gateway.Query{ServiceIDs: []string{foreign.service.ID}}, []string{}},
			"one service":               {b.application(), gateway.Query{ServiceIDs: []string{b.service.ID}}, []string{older}},
			"bound key":                 {bound, gateway.Query{}, []string{newer}},
			"bound key, more services":  {bound, gateway.Query{ServiceIDs: []string{b.service.ID, second.ID}}, []string{newer}},
			"bound key, other service":  {bound, gateway.Query{ServiceIDs: []string{b.service.ID}}, []string{}},
			"auditor":                   {b.user(gateway.RoleAuditor), gateway.Query{}, []string{newer, older}},
			"support":                   {support(), gateway.Query{}, []string{newer, older, theirs}},
			"support, one Ente":         {support(), gateway.Query{EnteID: foreign.ente.ID}, []string{theirs}},
			"support of one Ente":       {foreign.user(gateway.RoleSupport), gateway.Query{}, []string{theirs}},
			"system":                    {system(), gateway.Query{}, []string{newer, older, theirs}},
			"nobody":                    {gateway.Actor{}, gateway.Query{}, []string{}},
			"application without Ente":  {gateway.Actor{Kind: gateway.ActorApplication}, gateway.Query{}, []string{}},
			"no id of an Ente":          {support(), gateway.Query{EnteID: "comune"}, []string{}},
			"no id of a service":        {support(), gateway.Query{ServiceIDs: []string{"anagrafe"}}, []string{}},
			"a reference with a NUL":    {support(), gateway.Query{ExternalReference: "\x00"}, []string{}},
			"a reference in no charset": {support(), gateway.Query{ExternalReference: "\xff"}, []string{}},
		}
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				require.Equal(t, test.want, b.listed(t, test.actor, test.query))
			})
		}
	})
}

func TestFilters(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		now := time.Now()

		plain := b.accepted(t, minutesAgo(30), func(n *notification.Notification) {
			n.Recipient.FiscalCode, n.ExternalReference = provisionalCode, "pratica-1"
		})
		batched := b.accepted(t, minutesAgo(20), func(n *notification.Notification) { n.BatchID = newID(t) })
		batch := b.stored(t, batched).BatchID
		failed := b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)

		for name, test := range map[string]struct {
			query gateway.Query
			want  []string
		}{
			"everything":          {gateway.Query{}, []string{failed, batched, plain}},
			"status":              {gateway.Query{Statuses: []notification.Status{notification.StatusFailed}}, []string{failed}},
			"reason":              {gateway.Query{Reasons: []notification.Reason{notification.ReasonIOUnavailable}}, []string{failed}},
			"channel":             {gateway.Query{Channel: notification.ChannelSMS}, []string{}},
			"batch":               {gateway.Query{BatchID: batch}, []string{batched}},
			"reference":           {gateway.Query{ExternalReference: "pratica-1"}, []string{plain}},
			"fiscal code":         {gateway.Query{FiscalCode: provisionalCode}, []string{plain}},
			"code as it's spoken": {gateway.Query{FiscalCode: "rss mra 80a01 h501u"}, []string{failed, batched}},
			"from":                {gateway.Query{From: now.Add(-25 * time.Minute)}, []string{failed, batched}},
			"to":                  {gateway.Query{To: now.Add(-25 * time.Minute)}, []string{plain}},
			"nothing matches":     {gateway.Query{FiscalCode: testUserCode}, []string{}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				require.Equal(t, test.want, b.listed(t, b.application(), test.query))
			})
		}
	})
}

func TestCountsByStatus(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		newBundle(t, store).accepted(t)
		b.accepted(t)
		b.accepted(t)
		b.in(t, notification.StatusFailed, notification.ReasonIOUnavailable)

		counts, err := b.Counts(t.Context(), b.application(), gateway.Query{})

		require.NoError(t, err)
		require.Equal(t, map[notification.Status]int{notification.StatusAccepted: 2, notification.StatusFailed: 1}, counts)
	})
}

func TestAFilterByReferenceHoldsNobody(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		query := gateway.Query{ExternalReference: "pratica " + fiscalCode}

		_, err := b.Notifications(t.Context(), b.application(), query)
		requireFields(t, err, map[string]string{"external_reference": "personal_data"}, fiscalCode)

		_, err = b.Counts(t.Context(), b.application(), query)
		requireFields(t, err, map[string]string{"external_reference": "personal_data"}, fiscalCode)
	})
}
