package appio

import (
	"errors"
	"net/http"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// Causes found in a DeliveryError, beside context.Canceled and context.DeadlineExceeded. They name the kind of
// fault only.
var (
	ErrKeyMalformed        = errors.New("the subscription key is empty or holds characters that no key has")
	ErrFiscalCodeMalformed = errors.New("the codice fiscale does not have IO's form")
	ErrMessageIDMalformed  = errors.New("the message id does not have IO's form")
	ErrServiceIDMalformed  = errors.New("the service id does not have IO's form")
	ErrRequestNotEncoded   = errors.New("the request cannot be written as JSON")
	ErrNameNotResolved     = errors.New("the name of IO's host cannot be resolved")
	ErrConnect             = errors.New("no connection to IO")
	ErrTLS                 = errors.New("no secure connection to IO")
	ErrNetworkTimeout      = errors.New("the network timed out")
	ErrExchangeBroken      = errors.New("the exchange with IO broke off, or was not HTTP")
	ErrAnswerTooLarge      = errors.New("the answer is larger than any of IO's")
	ErrAnswerMalformed     = errors.New("the answer does not have the form of IO's specification")
)

// titleRecipientForbidden is how IO names the one 403 that concerns the recipient and not the service: the
// service may write to its authorised recipients only, and he is none of them.
const titleRecipientForbidden = "Recipient forbidden"

// refusedBeforeCall is for calls that are not worth making.
func refusedBeforeCall(reason notification.Reason, cause error) *notification.DeliveryError {
	return &notification.DeliveryError{
		Channel:  notification.ChannelIO,
		Reason:   reason,
		HandOver: notification.HandOverNotSent,
		Cause:    cause,
	}
}

// noAnswer is for calls whose answer never arrived.
func noAnswer(handOver notification.HandOver, cause error) *notification.DeliveryError {
	failure := &notification.DeliveryError{
		Channel:   notification.ChannelIO,
		Reason:    notification.ReasonIOUnavailable,
		HandOver:  handOver,
		Retryable: true,
		Cause:     cause,
	}
	if handOver == notification.HandOverUncertain {
		failure.Reason, failure.Retryable = notification.ReasonIOOutcomeUncertain, false
	}

	return failure
}

// unusable is for an answer with the status of success whose content says nothing. Asking again is harmless
// and may give a better one.
func (a answer) unusable(cause error) *notification.DeliveryError {
	return &notification.DeliveryError{
		Channel:    notification.ChannelIO,
		Reason:     reasonOfUnusable(cause),
		HandOver:   notification.HandOverNotSent,
		Retryable:  true,
		HTTPStatus: a.status,
		Cause:      cause,
	}
}

// reasonOfUnusable tells an answer that broke off from one that was never IO's.
func reasonOfUnusable(cause error) notification.Reason {
	if errors.Is(cause, ErrAnswerMalformed) || errors.Is(cause, ErrAnswerTooLarge) {
		return notification.ReasonIOUnexpectedAnswer
	}

	return notification.ReasonIOUnavailable
}

// refusal is for answers with any other status than that of success.
func (a answer) refusal() *notification.DeliveryError {
	failure := &notification.DeliveryError{
		Channel:    notification.ChannelIO,
		HandOver:   notification.HandOverNotSent,
		RetryAfter: retryAfter(a.header, time.Now()),
		HTTPStatus: a.status,
		Cause:      a.fault,
	}

	clientError := a.status >= http.StatusBadRequest && a.status < http.StatusInternalServerError

	switch {
	case clientError:
		failure.Reason, failure.Retryable = a.reasonOfClientError()
	case a.operation == submitMessage:
		// 5xx: IO may have stored the message before it failed, and a gateway's 502 or 504 says nothing of
		// what happened behind it. A status of success other than 201, or a redirect, is no answer of IO at
		// all. Only a 4xx is known to come before any processing.
		failure.Reason, failure.HandOver = notification.ReasonIOOutcomeUncertain, notification.HandOverUncertain
	case a.status >= http.StatusInternalServerError:
		failure.Reason, failure.Retryable = notification.ReasonIOUnavailable, true
	default:
		failure.Reason = notification.ReasonIOUnexpectedAnswer
	}

	return failure
}

// reasonOfClientError gives the reason of a 4xx, and whether the same call may succeed later by itself.
func (a answer) reasonOfClientError() (notification.Reason, bool) {
	switch a.status {
	case http.StatusUnauthorized:
		return notification.ReasonIOKeyRejected, false
	case http.StatusTooManyRequests:
		return notification.ReasonIORateLimited, true
	case http.StatusRequestTimeout: // a gateway got tired of waiting for our request
		return notification.ReasonIOUnavailable, true
	case http.StatusForbidden:
		return a.reasonOfForbidden()
	case http.StatusNotFound:
		return a.reasonOfNotFound()
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return a.reasonOfBadRequest(), false
	default:
		return notification.ReasonIOUnexpectedAnswer, false
	}
}

func (a answer) reasonOfForbidden() (notification.Reason, bool) {
	if a.fault != nil {
		// Whether it concerns the service or the recipient stood in the part that is missing.
		return reasonOfUnusable(a.fault), true
	}

	problem, ok := a.problem()
	if ok && problem.Title == titleRecipientForbidden {
		return notification.ReasonIORecipientForbidden, false
	}

	return notification.ReasonIOForbidden, false
}

func (a answer) reasonOfNotFound() (notification.Reason, bool) {
	_, ok := a.problem()

	switch {
	case a.fault != nil:
		return reasonOfUnusable(a.fault), true
	case !ok:
		// A proxy or a gateway on the way does not know the address. That must never be read as IO's word
		// about the citizen, and it may be a passing fault.
		return notification.ReasonIOUnexpectedAnswer, true
	case a.operation == getMessage:
		// IO stores a message before it gives its id, so one that is not there yet is being replicated.
		return notification.ReasonIONotFound, true
	default:
		return notification.ReasonIONotFound, false
	}
}

func (a answer) reasonOfBadRequest() notification.Reason {
	_, ok := a.problem()

	switch {
	case a.operation == submitMessage:
		return notification.ReasonIOMessageRefused
	case a.operation == getProfileByPOST && ok && a.status == http.StatusBadRequest:
		return notification.ReasonFiscalCodeInvalid // the request holds nothing else that could be wrong
	default:
		return notification.ReasonIOUnexpectedAnswer
	}
}
