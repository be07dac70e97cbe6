package integration_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/simulator"
)

// The serial numbers of the recipients, so that no two stories share one.
const firstSerial = 1000

// provisionalCode is a provisional codice fiscale of 11 digits.
const provisionalCode = "61492729001"

// story is a notification and how it has to end.
type story struct {
	name    string
	service service // the standard one where left out
	citizen simulator.CitizenOutcome
	code    string // instead of the citizen's
	phone   phone
	payment bool

	status, reason, channel string
	ways                    []string // the attempts
	told                    []string // the timeline
	io, sms                 int      // messages that were taken
	tries                   map[string]int
}

// phone is the outcome of a number; noPhone where none is known.
type phone int

const noPhone phone = -1

func (p phone) number(serial int) string {
	if p == noPhone {
		return ""
	}

	return simulator.Phone(simulator.PhoneOutcome(p), serial)
}

func (h *house) stories() []story {
	return append(h.storiesOfCitizens(), h.storiesOfPhones()...)
}

// testOutcomes submits everything at once, as an Ente would, and then looks at each end.
func (h *house) testOutcomes(t *testing.T) {
	t.Parallel()

	serial := firstSerial
	application := h.tenant.application

	for _, story := range h.stories() {
		serial++

		order := h.orderOf(story, serial)
		id := application.submit(t, order)

		t.Run(story.name, func(t *testing.T) {
			t.Parallel()

			ended := application.await(t, id, notice.rests)
			require.Equal(t, []string{story.status, story.reason, story.channel}, []string{ended.Status, ended.Reason, ended.Channel})
			require.Equal(t, story.ways, ended.ways())

			// The row may tell of the end a moment before Temporal's history does.
			told := application.awaitTimeline(t, id, func(now timeline) bool {
				codes := now.codes()

				return len(codes) >= len(story.told) && !strings.HasSuffix(codes[len(codes)-1], "under_way")
			})
			require.Equal(t, "history", told.Source)
			require.Equal(t, story.told, withoutOvertaking(told.codes()))

			for code, tries := range story.tries {
				entry, found := told.of(code)
				require.True(t, found, code)
				require.GreaterOrEqual(t, entry.Tries, tries, code)
			}

			io, sms := received(h.Simulator, order.Recipient)
			require.Equal(t, story.io, io, "messages on IO")
			require.Equal(t, story.sms, sms, "SMS")
		})
	}
}

// withoutOvertaking puts an SMS's end behind its hand-over: a callback may be faster than the answer to the call.
func withoutOvertaking(codes []string) []string {
	for i := range len(codes) - 1 {
		if strings.HasPrefix(codes[i], "delivered_sms") && codes[i+1] == "sent_sms" {
			codes[i], codes[i+1] = codes[i+1], codes[i]
		}
	}

	return codes
}

func (h *house) orderOf(story story, serial int) order {
	service := story.service
	if service.id == "" {
		service = h.standard
	}

	code := story.code
	if code == "" {
		code = simulator.FiscalCode(story.citizen, serial)
	}

	order := orderFor(service, code, story.phone.number(serial))
	order.ExternalReference = story.name

	if story.payment {
		order.Content.Payment = &payment{NoticeNumber: "302000100000009421", AmountCents: 12_345}
	}

	return order
}
