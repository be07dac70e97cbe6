package sms

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Finding is what a look at the provider's own list tells of an uncertain hand-over.
type Finding string

// The findings.
const (
	// FindingSent: the provider has the message.
	FindingSent Finding = "sent"
	// FindingNotSent: the provider has no such message, and had time enough to list it. Sending again is safe.
	FindingNotSent Finding = "not_sent"
	// FindingUnknown: too early to tell, or the provider could not be asked.
	FindingUnknown Finding = "unknown"
)

// ListingDelay is how long after the call a message missing from the provider's list is taken for not
// sent. A request that is still being processed when its caller gives up shows up late; Twilio publishes no
// bound, so this is generous compared with the seconds that its answers take.
const ListingDelay = 2 * time.Minute

// Reconciliation is a finding, with the message's receipt where it was sent.
type Reconciliation struct {
	Finding Finding
	Receipt Receipt
}

// UsedFunc tells whether a provider's message id already belongs to another attempt. It says no for one that
// belongs to the very attempt in question.
type UsedFunc func(ctx context.Context, providerID string) (bool, error)

// Reconcile finds out what became of an attempt whose hand-over is uncertain, by asking the provider for the
// messages to that number since the attempt began. With an error the finding is unknown.
//
// Its limits, which the caller must know:
//   - Two attempts with the same text to the same number at the same time cannot be told apart. Each may claim
//     either message, which comes to the same for the citizen, provided that no message is claimed twice: used
//     only narrows the race, so keep provider ids unique where they are stored, and reconcile again if the id
//     was taken meanwhile.
//   - An attempt that called more than once must say when it last did (Search.CalledAt), or its newest call may
//     be taken for not sent while the provider still works on it.
//   - used must know every attempt of the account, also those of retries and of other notifications.
//   - A message that somebody else sent from the same account and sender with the same text is taken for ours.
//   - A status callback that carries the attempt's id proves more than this search; prefer it if it comes first.
func Reconcile(ctx context.Context, provider Provider, search Search, used UsedFunc) (Reconciliation, error) {
	unknown := Reconciliation{Finding: FindingUnknown}
	// Taken before asking: what counts is how old the call was when the list was made.
	age := time.Since(search.lastCall())

	candidates, err := provider.Find(ctx, search)
	if err != nil {
		return unknown, fmt.Errorf("searching the provider for the message: %w", err)
	}

	for _, candidate := range candidates {
		taken, err := used(ctx, candidate.ProviderID)
		if err != nil {
			return unknown, fmt.Errorf("looking for the attempt that owns the found message: %w", err)
		}

		if !taken {
			return Reconciliation{Finding: FindingSent, Receipt: candidate}, nil
		}
	}

	if age < ListingDelay {
		return unknown, nil
	}

	return Reconciliation{Finding: FindingNotSent}, nil
}

func (s Search) lastCall() time.Time {
	if s.CalledAt.IsZero() {
		return s.Since
	}

	return s.CalledAt
}

// SameText tells whether a provider's copy of a text is the text. Providers may replace typographic characters
// (Twilio's Smart Encoding) and trim blanks at the ends.
func SameText(ours, theirs string) bool {
	return strings.TrimSpace(Simplify(ours)) == strings.TrimSpace(Simplify(theirs))
}
