package drills

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

func onIO(id string) *letter {
	return &letter{id: id, fiscalCode: "code-" + id, phone: "phone-" + id, kind: kind{name: "on IO", end: end{delivered, channelIO}}}
}

func entry(channel simulator.Channel, recipient string) simulator.Entry {
	return simulator.Entry{Channel: channel, Recipient: recipient, MayReach: true}
}

func rowOf(id, status, channel string) row {
	return row{id: id, status: status, channel: channel, settled: status != onHold && status != "in_progress"}
}

// TestBooksFindWhatIsWrong: each wrong is found, and nothing else.
func TestBooksFindWhatIsWrong(t *testing.T) {
	t.Parallel()

	onPaper := func(change func(*books)) books {
		b := books{accepted: 1, ends: map[string]int{"delivered by io": 1}}
		change(&b)

		return b
	}
	ioEntry, smsEntry := entry(simulator.ChannelIO, "code-a"), entry(simulator.ChannelTwilio, "phone-a")
	rejected := ioEntry
	rejected.MayReach = false

	for name, test := range map[string]struct {
		rows    []row
		entries []simulator.Entry
		closed  bool
		want    books
	}{
		"as it has to be": {
			[]row{rowOf("a", delivered, channelIO)},
			[]simulator.Entry{ioEntry},
			false,
			onPaper(func(*books) {}),
		},
		"no end": {
			[]row{rowOf("a", "in_progress", "")},
			nil, false,
			onPaper(func(b *books) { b.ends, b.open = map[string]int{}, 1 }),
		},
		"no row": {nil, nil, false, onPaper(func(b *books) { b.ends, b.missing = map[string]int{}, 1 })},
		"a row too many": {
			[]row{rowOf("a", delivered, channelIO), rowOf("b", delivered, channelIO)},
			[]simulator.Entry{ioEntry},
			false,
			onPaper(func(b *books) { b.surplus = 1 }),
		},
		"unknown to IO": {[]row{rowOf("a", delivered, channelIO)}, nil, false, onPaper(func(b *books) { b.unheard = 1 })},
		"rejected by IO": {
			[]row{rowOf("a", delivered, channelIO)},
			[]simulator.Entry{rejected},
			false,
			onPaper(func(b *books) { b.unheard = 1 }),
		},
		"twice": {
			[]row{rowOf("a", delivered, channelIO)},
			[]simulator.Entry{ioEntry, ioEntry},
			false,
			onPaper(func(b *books) { b.twice = 1 }),
		},
		"once more after a rejection": {
			[]row{rowOf("a", delivered, channelIO)},
			[]simulator.Entry{rejected, ioEntry},
			false,
			onPaper(func(*books) {}),
		},
		"on both channels": {
			[]row{rowOf("a", delivered, channelIO)},
			[]simulator.Entry{ioEntry, smsEntry},
			false,
			onPaper(func(b *books) { b.both = 1 }),
		},
		"on the other channel": {
			[]row{rowOf("a", delivered, channelSMS)},
			[]simulator.Entry{smsEntry},
			false,
			onPaper(func(b *books) {
				b.ends, b.strange = map[string]int{"delivered by sms": 1}, []string{"on IO: delivered by sms ()"}
			}),
		},
		"not delivered": {
			[]row{rowOf("a", notDelivered, "")},
			nil, false,
			onPaper(func(b *books) {
				b.ends, b.strange = map[string]int{notDelivered: 1}, []string{"on IO: not_delivered ()"}
			}),
		},
		"closed by a person, and IO has it": {
			[]row{rowOf("a", notDelivered, "")},
			[]simulator.Entry{ioEntry},
			true,
			onPaper(func(b *books) { b.ends, b.closed, b.taken = map[string]int{notDelivered: 1}, 1, 1 }),
		},
		"closed by a person, and nobody has it": {
			[]row{rowOf("a", notDelivered, "")},
			nil, true,
			onPaper(func(b *books) { b.ends, b.closed = map[string]int{notDelivered: 1}, 1 }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			rows := map[string]row{}
			for _, one := range test.rows {
				rows[one.id] = one
			}

			got := balance([]*letter{onIO("a"), onIO("")}, rows, test.entries, map[string]bool{"a": test.closed})
			require.Equal(t, test.want, got)
		})
	}
}

func TestTableNamesWhatWasMissed(t *testing.T) {
	t.Parallel()

	table := &Table{title: "Prova"}
	(&books{accepted: 2, ends: map[string]int{"delivered by io": 1}, open: 1}).into(table, 2)
	require.Len(t, table.Missed(), 2) // not all ended, and one is lost

	fine := &Table{title: "Prova"}
	(&books{accepted: 2, ends: map[string]int{"delivered by io": 2}}).into(fine, 2)
	require.Empty(t, fine.Missed())

	var text bytes.Buffer

	_, err := table.WriteTo(&text)
	require.NoError(t, err)
	require.Contains(t, text.String(), "Prova")
	require.Contains(t, text.String(), "| notifications accepted | 2 | 2 | yes |")
	require.Contains(t, text.String(), "**no**")
}

func TestEachKindOfFaultHasToStrike(t *testing.T) {
	t.Parallel()

	struck := map[string]int{
		"twilio_429": 1, "io_500": 1, "io_reset": 1, "io_timeout_after_accepting": 1, "callback_duplicate": 1, "callback_reorder": 1,
	}
	require.True(t, allStruck(struck))

	for name := range struck {
		struck[name] = 0
		require.False(t, allStruck(struck), name)
		struck[name] = 1
	}
}
