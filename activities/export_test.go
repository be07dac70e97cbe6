package activities

import "github.com/genio-gateway/genio/notification"

// Refused is what a worker leaves with Temporal of an attempt's latest call, which the provider refused for a while, where the
// database does not take it.
func Refused(attempt notification.Attempt, reason notification.Reason) any {
	return outcome{AttemptID: attempt.ID, Call: attempt.Calls, HandOver: notification.HandOverNotSent, Reason: reason, Retryable: true}
}
