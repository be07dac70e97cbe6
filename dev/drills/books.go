package drills

import (
	"fmt"
	"strconv"

	"github.com/genio-gateway/genio/simulator"
)

// row is a notification as GeNIO's database has it.
type row struct {
	id, enteID, status, reason, channel string
	settled                             bool
}

// books balance what was accepted against how it ended and against what the providers received.
type books struct {
	accepted int
	ends     map[string]int // by status and channel
	open     int            // accepted and not ended
	missing  int            // accepted, and the database has no row
	unheard  int            // delivered by the database, and not by the ledger
	strange  []string       // ended otherwise than the providers' answers lead to
	twice    int            // recipients who may get the same more than once on one channel
	both     int            // recipients who may get it on both channels
	closed   int            // uncertain, and closed by a person
	taken    int            // of these, the provider has the message
	surplus  int            // rows of nobody's letter
}

// lost is what was accepted and did not come to its end, or whose end is not true.
func (b *books) lost() int { return b.open + b.missing + b.unheard }

// difference is that of the reconciliation: accepted = settled + in progress, and nothing more.
func (b *books) difference() int { return b.missing + b.surplus }

// received counts the messages that may reach one recipient.
type received struct{ io, sms int }

// bears an end out: the provider has what is said to be delivered.
func (r received) bears(ended end) bool {
	switch {
	case ended.status != delivered:
		return true
	case ended.channel == channelIO:
		return r.io > 0
	default:
		return r.sms > 0
	}
}

// balance closes the books. Closed are the notifications that a person decided on.
func balance(letters []*letter, rows map[string]row, entries []simulator.Entry, closed map[string]bool) books {
	b := books{ends: map[string]int{}}
	reached := reachedBy(entries)

	for _, written := range letters {
		if written.id == "" {
			continue
		}

		b.accepted++

		got := received{io: reached[written.fiscalCode], sms: reached[written.phone]}
		b.compare(got)

		if found, there := rows[written.id]; there {
			b.enter(written, found, got, closed[written.id])
		} else {
			b.missing++
		}
	}

	b.surplus = len(rows) - (b.accepted - b.missing)

	return b
}

// reachedBy counts the messages that may reach each recipient: a codice fiscale on IO, a number by SMS.
func reachedBy(entries []simulator.Entry) map[string]int {
	reached := map[string]int{"": 0}

	for _, entry := range entries {
		if entry.MayReach {
			reached[entry.Recipient]++
		}
	}

	return reached
}

func (b *books) compare(got received) {
	if got.io > 1 || got.sms > 1 {
		b.twice++
	}

	if got.io > 0 && got.sms > 0 {
		b.both++
	}
}

func (b *books) enter(written *letter, found row, got received, closed bool) {
	if !found.settled {
		b.open++

		return
	}

	ended := end{found.status, found.channel}
	b.ends[ended.name()]++

	if !got.bears(ended) {
		b.unheard++
	}

	switch {
	case closed:
		b.closed++

		if got.io > 0 || got.sms > 0 {
			b.taken++
		}
	case ended.name() != written.kind.end.name():
		b.strange = append(b.strange, fmt.Sprintf("%s: %s (%s)", written.kind.name, ended.name(), found.reason))
	}
}

func (e end) name() string {
	if e.status == delivered {
		return e.status + " by " + e.channel
	}

	return e.status
}

// into puts the books into a table.
func (b *books) into(table *Table, wanted int) {
	table.add("notifications accepted", strconv.Itoa(wanted), b.accepted == wanted, "%d", b.accepted)
	table.add("ended", "all", total(b.ends) == b.accepted, "%d: %s", total(b.ends), listed(b.ends))
	table.add("lost: accepted and without an end, or delivered for GeNIO and unknown to the provider", "0", b.lost() == 0,
		"%d (without an end %d, without a row %d, unknown to the provider %d)", b.lost(), b.open, b.missing, b.unheard)
	table.zero("ended otherwise than the providers' answers lead to", len(b.strange))
	table.zero("duplicates: the same message twice to one recipient on one channel", b.twice)
	table.zero("the same message on both channels", b.both)
	table.tell("uncertain, put before a person and closed", "%d (the provider had taken %d of them)", b.closed, b.taken)
	table.add("accepted − (settled + in progress), by the drill's own count", "0", b.difference() == 0, "%d", b.difference())
}
