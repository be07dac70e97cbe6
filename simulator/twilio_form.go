package simulator

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Limits of Twilio's Message resource.
const (
	maxSMSCharacters  = 1600
	maxValiditySecond = 36_000
)

var (
	e164Regexp       = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
	senderRegexp     = regexp.MustCompile(`^[A-Za-z0-9 ]{1,11}$`)
	letterRegexp     = regexp.MustCompile(`[A-Za-z]`)
	shortCodeRegexp  = regexp.MustCompile(`^\d{3,8}$`)
	fixedLineRegexp  = regexp.MustCompile(`^\+390\d+$`)
	testSenderRegexp = regexp.MustCompile(`^\+1500555\d{4}$`)
)

// smsForm is the form of a message to create.
type smsForm struct {
	to, from, messagingService, body, callback string
}

// checkSMSForm reads a form and gives the refusal that it earns, with status 0 for none.
func (s *Simulator) checkSMSForm(form url.Values) (smsForm, twilioError) {
	message := smsForm{
		to: form.Get("To"), from: form.Get("From"), messagingService: form.Get("MessagingServiceSid"),
		body: form.Get("Body"), callback: form.Get("StatusCallback"),
	}

	switch {
	case message.to == "":
		return message, badRequest(codeToMissing, "A 'To' phone number is required.")
	case message.from == "" && message.messagingService == "":
		return message, badRequest(codeFromMissing, "A 'From' phone number is required.")
	case message.body == "":
		return message, badRequest(codeBodyMissing, "Message body is required.")
	case utf8.RuneCountInString(message.body) > maxSMSCharacters:
		return message, badRequest(codeBodyTooLong, "The concatenated message body exceeds the 1600 character limit")
	case !isValidityPeriod(form):
		return message, badRequest(codeValidityOutOfRange, "The ValidityPeriod is out of range")
	case message.callback != "" && !s.mayCallBack(message.callback):
		return message, badRequest(codeCallbackInvalid,
			"The StatusCallback URL is not valid: http or https, to loopback or to a host that the simulator is configured for")
	}

	if refusal := senderRefusal(message); refusal.Status != 0 {
		return message, refusal
	}

	return message, recipientRefusal(message.to)
}

func badRequest(code int, message string) twilioError {
	return twilioError{Code: code, Message: message, Status: http.StatusBadRequest}
}

func isValidityPeriod(form url.Values) bool {
	if !form.Has("ValidityPeriod") {
		return true
	}

	seconds, err := strconv.Atoi(form.Get("ValidityPeriod"))

	return err == nil && seconds >= 1 && seconds <= maxValiditySecond
}

// senderRefusal honours the senders of Twilio's test credentials; other senders need only have a valid form.
func senderRefusal(message smsForm) twilioError {
	from := message.from
	isSender := e164Regexp.MatchString(from) || shortCodeRegexp.MatchString(from) ||
		senderRegexp.MatchString(from) && letterRegexp.MatchString(from)

	switch {
	case message.messagingService != "", from == "+15005550006":
		return twilioError{}
	case from == "+15005550001" || !isSender:
		return badRequest(codeFromInvalid,
			fmt.Sprintf("The 'From' number %s is not a valid phone number, shortcode, or alphanumeric sender ID.", from))
	case from == "+15005550008":
		return badRequest(codeQueueFull, fmt.Sprintf("The 'From' number %s has exceeded the maximum number of queued messages", from))
	case testSenderRegexp.MatchString(from):
		return badRequest(codeFromNotOurs,
			fmt.Sprintf("The 'From' phone number %s is not a valid, message-capable Twilio phone number.", from))
	default:
		return twilioError{}
	}
}

// recipientRefusal honours the recipients of Twilio's test credentials and the simulator's own.
func recipientRefusal(to string) twilioError {
	outcome := phoneOutcome(to)

	switch {
	case to == "+15005550001", outcome == PhoneInvalid, !e164Regexp.MatchString(to):
		return badRequest(codeToInvalid, fmt.Sprintf("The 'To' number %s is not a valid phone number.", to))
	case to == "+15005550002":
		return badRequest(codeUnroutable, fmt.Sprintf("The message From/To pair violates a routing rule: To %s is not reachable", to))
	case to == "+15005550003":
		return badRequest(codeRegionNotEnabled, fmt.Sprintf("Permission to send an SMS has not been enabled for the region of %s.", to))
	case to == "+15005550004", outcome == PhoneOptedOut:
		return badRequest(codeOptedOut, "Attempt to send to unsubscribed recipient "+to)
	case to == "+15005550009", outcome == PhoneNotMobile, fixedLineRegexp.MatchString(to):
		return badRequest(codeNotMobile, fmt.Sprintf("'To' number %s is not a valid mobile number", to))
	default:
		return twilioError{}
	}
}

// mayCallBack keeps the simulator from being turned against other machines.
func (s *Simulator) mayCallBack(target string) bool {
	parsed, err := url.Parse(target)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return false
	}

	host := parsed.Hostname()
	if address := net.ParseIP(host); host == "localhost" || address != nil && address.IsLoopback() {
		return true
	}

	allowed := s.config.Twilio.CallbackHosts

	return host != "" && (slices.Contains(allowed, "*") || slices.Contains(allowed, host))
}
