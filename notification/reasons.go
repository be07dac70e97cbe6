package notification

import "slices"

// Reason is a stable code that says why a notification, or one attempt of it, is in its state. The
// catalogue in reason_texts.go explains each in Italian and English.
type Reason string

// Reasons of the codice fiscale.
const (
	ReasonFiscalCodeInvalid     Reason = "fiscal_code_invalid"
	ReasonFiscalCodeProvisional Reason = "fiscal_code_provisional" // 11 digits: IO refuses it
)

// Reasons of the IO channel.
const (
	ReasonIODelivered          Reason = "io_delivered"
	ReasonIOProfileNotFound    Reason = "io_profile_not_found"     // 404 on the profile: not on IO
	ReasonIOSenderNotAllowed   Reason = "io_sender_not_allowed"    // the citizen switched this service off
	ReasonIORejected           Reason = "io_rejected"              // REJECTED after acceptance
	ReasonIOProcessingFailed   Reason = "io_processing_failed"     // FAILED after acceptance
	ReasonIONotProcessedInTime Reason = "io_not_processed_in_time" // still ACCEPTED at the deadline
	ReasonIOMessageRefused     Reason = "io_message_refused"       // 400, 413, 422
	ReasonIOKeyRejected        Reason = "io_key_rejected"          // 401
	ReasonIOForbidden          Reason = "io_forbidden"             // 403 of the service
	ReasonIORecipientForbidden Reason = "io_recipient_forbidden"   // 403 of this recipient: service in trial mode
	ReasonIONotFound           Reason = "io_not_found"             // 404 on anything but a profile
	ReasonIORateLimited        Reason = "io_rate_limited"          // 429
	ReasonIOUnavailable        Reason = "io_unavailable"           // no connection, 5xx
	ReasonIOOutcomeUncertain   Reason = "io_outcome_uncertain"     // handed over or not: nobody can know
	ReasonIOUnexpectedAnswer   Reason = "io_unexpected_answer"     // an answer that the specification does not know
)

// Reasons of the SMS channel.
const (
	ReasonSMSDelivered           Reason = "sms_delivered"
	ReasonSMSNotEnabled          Reason = "sms_not_enabled" // the policy does not allow it
	ReasonSMSNoPhone             Reason = "sms_no_phone"
	ReasonSMSPhoneInvalid        Reason = "sms_phone_invalid"
	ReasonSMSPhoneNotMobile      Reason = "sms_phone_not_mobile"
	ReasonSMSOptedOut            Reason = "sms_opted_out"
	ReasonSMSCountryNotEnabled   Reason = "sms_country_not_enabled"
	ReasonSMSUnroutable          Reason = "sms_unroutable"
	ReasonSMSSenderInvalid       Reason = "sms_sender_invalid"
	ReasonSMSCredentialsRejected Reason = "sms_credentials_rejected"
	ReasonSMSRateLimited         Reason = "sms_rate_limited"
	ReasonSMSQueueFull           Reason = "sms_queue_full"
	ReasonSMSTextTooLong         Reason = "sms_text_too_long"
	ReasonSMSRequestRefused      Reason = "sms_request_refused" // any other refusal by the provider
	ReasonSMSUnreachable         Reason = "sms_unreachable"     // handset off or without signal
	ReasonSMSUnknownNumber       Reason = "sms_unknown_number"
	ReasonSMSBlocked             Reason = "sms_blocked" // by the carrier or a filter
	ReasonSMSValidityExpired     Reason = "sms_validity_expired"
	ReasonSMSUndelivered         Reason = "sms_undelivered" // no better reason given
	ReasonSMSUnavailable         Reason = "sms_unavailable"
	ReasonSMSOutcomeUncertain    Reason = "sms_outcome_uncertain"
	ReasonSMSUnconfirmed         Reason = "sms_unconfirmed" // sent, no receipt by the deadline
)

// Reasons of the process.
const (
	ReasonCancelledByEnte     Reason = "cancelled_by_ente"
	ReasonCancelledByOperator Reason = "cancelled_by_operator"
	ReasonPaid                Reason = "paid"
	ReasonExpired             Reason = "expired"
	ReasonHeldByOperator      Reason = "held_by_operator"
	ReasonClosedByOperator    Reason = "closed_by_operator"
	ReasonServiceInactive     Reason = "service_inactive"
	ReasonIOPaused            Reason = "io_paused"      // see Pause
	ReasonSMSPaused           Reason = "sms_paused"     // see Pause
	ReasonServicePaused       Reason = "service_paused" // see Pause
	ReasonEntePaused          Reason = "ente_paused"    // see Pause
	ReasonInternalError       Reason = "internal_error"
	ReasonWorkInterrupted     Reason = "work_interrupted" // its workflow is gone, and going on by itself would not be safe
)

// Known tells whether the catalogue explains r.
func (r Reason) Known() bool {
	return slices.ContainsFunc(Catalogue(), func(text ReasonText) bool { return text.Reason == r })
}
