package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

func TestDifferenceOfSums(t *testing.T) {
	t.Parallel()

	row := func(source string, reason notification.Reason, total int) db.SumRow {
		return db.SumRow{Source: source, Status: notification.StatusFailed, Reason: reason, Total: total}
	}
	tests := map[string]struct {
		rows       []db.SumRow
		difference int
	}{
		"nothing": {nil, 0},
		"agrees":  {[]db.SumRow{row(db.SumKept, "a", 2), row(db.SumCounted, "a", 2)}, 0},
		"more":    {[]db.SumRow{row(db.SumKept, "a", 2), row(db.SumCounted, "a", 5)}, 3},
		"less":    {[]db.SumRow{row(db.SumKept, "a", 2)}, 2},
		"moved":   {[]db.SumRow{row(db.SumKept, "a", 2), row(db.SumCounted, "b", 2)}, 2},
		"open":    {[]db.SumRow{{Source: db.SumCounted, Status: notification.StatusOnHold, Open: true, Total: 4}}, 0},
	}

	for name, test := range tests {
		one := &ofEnte{byState: map[stateOfSum]int{}}
		for _, row := range test.rows {
			one.add(row)
		}

		require.Equal(t, test.difference, one.difference(), name)
		require.Zero(t, one.sums("2026-11-26").Difference(), name)
	}
}

func TestCursorsOfReconciliations(t *testing.T) {
	t.Parallel()

	at := time.Date(2026, time.November, 26, 9, 30, 0, 123456000, time.UTC)

	for _, cursor := range []runCursor{{}, {status: 1}, {status: 2, after: db.Cursor{AcceptedAt: at, ID: "id"}}} {
		require.Equal(t, cursor, readRunCursor(cursor.String()))
	}

	for _, wrong := range []string{"", "weather x y", "on_hold yesterday y"} {
		require.Equal(t, runCursor{}, readRunCursor(wrong), wrong)
	}

	require.Equal(t, db.Cursor{AcceptedAt: at, ID: "id"}, readCallCursor(callCursor(db.Call{CalledAt: at, AttemptID: "id"})))
	require.Equal(t, db.Cursor{}, readCallCursor("yesterday id"))
	require.Equal(t, at, randomMoment(at, at))
}

func FuzzCursorsOfReconciliations(f *testing.F) {
	f.Add("on_hold 2026-11-26T09:30:00Z id")
	f.Add("2026-11-26T09:30:00Z id")
	f.Fuzz(func(t *testing.T, text string) {
		read := readRunCursor(text)
		require.Equal(t, read, readRunCursor(read.String()))

		readCallCursor(text)
	})
}
