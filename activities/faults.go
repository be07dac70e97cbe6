package activities

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

// retryLater is the error that lets Temporal try the activity again after a pause. Its type is the reason
// code, which the timeline shows; it holds nothing else of the failed call, because what a provider answers
// may repeat personal data.
func retryLater(reason notification.Reason, pause time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(string(reason), string(reason), temporal.ApplicationErrorOptions{
		NextRetryDelay: pause,
		// A provider's passing trouble is part of the plan; it must not fill the error logs.
		Category: temporal.ApplicationErrorCategoryBenign,
	})
}

func stillWaiting(pause time.Duration) error {
	return temporal.NewApplicationErrorWithOptions("not final yet", workflows.FailureStillWaiting, temporal.ApplicationErrorOptions{
		NextRetryDelay: pause,
		Category:       temporal.ApplicationErrorCategoryBenign,
	})
}

// storeFault maps an error of the database. What does not exist, or is not allowed in the row's state, will not
// mend by trying again; everything else is tried until the database is back.
func storeFault(doing string, err error) error {
	if err == nil {
		return nil
	}

	if final := finalFault(err); final != nil {
		return temporal.NewNonRetryableApplicationError(
			doing+": "+final.Error(), string(notification.ReasonInternalError), nil)
	}

	return temporal.NewApplicationError(doing+": the database did not do it", string(notification.ReasonInternalError))
}

// finalFault is the kind of a database error that trying again does not mend; nil for any other.
func finalFault(err error) error {
	for _, final := range []error{db.ErrNotFound, db.ErrConflict, db.ErrInvalid, db.ErrUndecryptable} {
		if errors.Is(err, final) {
			return final
		}
	}

	return nil
}

// deliveryError is err as a channel's error. Whatever a client did not foresee is treated as uncertain: the
// only assumption that never sends twice.
func deliveryError(channel notification.Channel, err error) *notification.DeliveryError {
	if known, ok := errors.AsType[*notification.DeliveryError](err); ok {
		return known
	}

	unforeseen := notification.ReasonIOUnexpectedAnswer
	if channel == notification.ChannelSMS {
		unforeseen = notification.ReasonSMSOutcomeUncertain
	}

	return &notification.DeliveryError{Channel: channel, Reason: unforeseen, HandOver: notification.HandOverUncertain}
}
