package notification

// AllowsFallback tells whether a citizen whom IO did not reach for this reason may be tried on another
// channel. Faults of our own configuration (a revoked key, a refused message) do not: they hit every
// citizen of the service alike, and answering them with SMS would spend the Ente's money on our mistake.
func (r Reason) AllowsFallback() bool {
	switch r {
	case ReasonFiscalCodeProvisional, ReasonIOProfileNotFound, ReasonIOSenderNotAllowed,
		ReasonIORejected, ReasonIOProcessingFailed, ReasonIONotProcessedInTime,
		ReasonIORateLimited, ReasonIOUnavailable, ReasonIOOutcomeUncertain:
		return true
	default:
		return false
	}
}

// Ending is the final status of a notification that stopped for this reason with no channel left.
// A citizen who cannot be reached is an outcome (not_delivered); a fault that support can mend and retry
// is a failure.
func (r Reason) Ending() Status {
	switch r {
	case ReasonIODelivered, ReasonSMSDelivered:
		return StatusDelivered

	case ReasonFiscalCodeInvalid, ReasonFiscalCodeProvisional,
		ReasonIOProfileNotFound, ReasonIOSenderNotAllowed, ReasonIORejected,
		ReasonSMSNotEnabled, ReasonSMSNoPhone, ReasonSMSPhoneInvalid, ReasonSMSPhoneNotMobile, ReasonSMSOptedOut,
		ReasonSMSUnroutable, ReasonSMSUnreachable, ReasonSMSUnknownNumber, ReasonSMSBlocked,
		ReasonSMSValidityExpired, ReasonSMSUndelivered, ReasonSMSUnconfirmed,
		ReasonClosedByOperator:
		return StatusNotDelivered

	case ReasonCancelledByEnte, ReasonCancelledByOperator, ReasonPaid:
		return StatusCancelled

	case ReasonExpired:
		return StatusExpired

	default:
		return StatusFailed
	}
}

// LastAttempt is the latest attempt on the channel, or nil.
func LastAttempt(attempts []Attempt, c Channel) *Attempt {
	var last *Attempt

	for i := range attempts {
		if attempts[i].Channel == c && (last == nil || attempts[i].Ordinal > last.Ordinal) {
			last = &attempts[i]
		}
	}

	return last
}
