package drills

import (
	"github.com/genio-gateway/genio/simulator"
)

// kind is a sort of recipient, with the end that the providers' answers lead to.
type kind struct {
	name    string
	share   int // of a hundred
	citizen simulator.CitizenOutcome
	phone   simulator.PhoneOutcome
	noPhone bool
	end     end
}

// end is how a notification ends.
type end struct{ status, channel string }

const (
	delivered    = "delivered"
	notDelivered = "not_delivered"
	onHold       = "on_hold"

	channelIO  = "io"
	channelSMS = "sms"
)

// kinds make a hundred. Random faults come on top of them. None waits for a deadline: those are hours.
//
//nolint:mnd // a table of shares.
func kinds() []kind {
	byIO, bySMS, nowhere := end{delivered, channelIO}, end{delivered, channelSMS}, end{status: notDelivered}
	// Nobody can know, and a person closes it.
	undecided := end{status: notDelivered}

	return []kind{
		{name: "on IO", share: 38, citizen: simulator.CitizenDelivered, end: byIO},
		{name: "on IO, without a phone", share: 8, citizen: simulator.CitizenDelivered, noPhone: true, end: byIO},
		{name: "429 first", share: 4, citizen: simulator.CitizenRateLimitedFirst, end: byIO},
		{name: "profile fails first", share: 4, citizen: simulator.CitizenProfileErrorFirst, end: byIO},
		{name: "status fails first", share: 3, citizen: simulator.CitizenStatusErrorFirst, end: byIO},
		{name: "throttled", share: 3, citizen: simulator.CitizenThrottled, end: byIO},
		{name: "not on IO", share: 12, citizen: simulator.CitizenNotOnIO, end: bySMS},
		{name: "service switched off", share: 4, citizen: simulator.CitizenSenderNotAllowed, end: bySMS},
		{name: "rejected by IO", share: 5, citizen: simulator.CitizenRejected, end: bySMS},
		{name: "callbacks twice", share: 3, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneCallbacksDuplicated, end: bySMS},
		{name: "last callback first", share: 3, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneCallbacksReordered, end: bySMS},
		{name: "no callback", share: 2, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneNoCallback, end: bySMS},
		{name: "SMS taken, no answer", share: 1, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneTimeoutAfterAccepting, end: bySMS},
		{name: "SMS taken, 500", share: 1, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneServerErrorAfterAccepting, end: bySMS},
		{name: "number unknown", share: 3, citizen: simulator.CitizenNotOnIO, phone: simulator.PhoneUnknown, end: nowhere},
		{name: "not on IO, without a phone", share: 4, citizen: simulator.CitizenNotOnIO, noPhone: true, end: nowhere},
		{name: "taken by IO, no answer", share: 1, citizen: simulator.CitizenTimeoutAfterAccepting, end: undecided},
		{name: "taken by IO, 502", share: 1, citizen: simulator.CitizenBadGatewayAfterAccepting, end: undecided},
	}
}

// faults strike whoever the recipient is. A cut connection and a 500 leave nobody knowing whether IO took the message, so
// that they are rare here: each is a decision for a person.
//
//nolint:mnd // as above.
func faults() simulator.Faults {
	return simulator.Faults{
		IO429: 0.04, IO500: 0.005, IOReset: 0.005, IOTimeoutAfterAccepting: 0.005,
		Twilio429: 0.03, Twilio500: 0.01, TwilioTimeoutAfterAccepting: 0.01,
		CallbackDuplicate: 0.1, CallbackReorder: 0.1,
	}
}

// letter is one notification of a drill, from its writing to its acceptance. No other has the same recipient.
type letter struct {
	number     int
	kind       kind
	ente       *ente
	fiscalCode string
	phone      string // empty: none

	id string // empty: not accepted yet
}

// write makes so many letters of all kinds, of each Ente in turn.
func write(count int, enti []*ente) []*letter {
	var (
		all     = kinds()
		deck    = deal(all)
		letters = make([]*letter, count)
	)

	for number := range letters {
		one := all[deck[number%len(deck)]]
		written := &letter{
			number: number, kind: one, ente: enti[number%len(enti)], fiscalCode: simulator.FiscalCode(one.citizen, number),
		}

		if !one.noPhone {
			written.phone = simulator.Phone(one.phone, number)
		}

		letters[number] = written
	}

	return letters
}

// deal spreads the kinds evenly, so that each is there from the beginning to the end: one card for each hundredth.
func deal(all []kind) []int {
	var deck []int

	left := make([]int, len(all))
	for i, one := range all {
		left[i] = one.share
	}

	for dealt := true; dealt; {
		dealt = false

		for i := range left {
			if left[i] > 0 {
				left[i]--
				dealt = true

				deck = append(deck, i)
			}
		}
	}

	return deck
}
