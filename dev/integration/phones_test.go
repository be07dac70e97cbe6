package integration_test

import "github.com/genio-gateway/genio/simulator"

// storiesOfPhones are those of citizens who are not on IO.
func (h *house) storiesOfPhones() []story {
	const notOnIO = "io skipped io_profile_not_found"

	delivered := func(name string, outcome simulator.PhoneOutcome) story {
		return story{
			name: "SMS " + name, citizen: simulator.CitizenNotOnIO, phone: phone(outcome),
			status: "delivered", reason: "sms_delivered", channel: "sms",
			ways: []string{notOnIO, "sms delivered sms_delivered"}, told: deliveredBySMS("profile negative"), sms: 1,
		}
	}
	// lost is taken by Twilio and not delivered, refused not even taken.
	lost := func(name string, outcome simulator.PhoneOutcome, reason string) story {
		return story{
			name: "SMS " + name, citizen: simulator.CitizenNotOnIO, phone: phone(outcome),
			status: "not_delivered", reason: reason, ways: []string{notOnIO, "sms failed " + reason},
			told: begun("profile negative", "sent_sms", "delivered_sms negative", "settled negative"), sms: 1,
		}
	}
	refused := func(name string, outcome simulator.PhoneOutcome, reason string) story {
		return story{
			name: "SMS " + name, citizen: simulator.CitizenNotOnIO, phone: phone(outcome),
			status: "not_delivered", reason: reason, ways: []string{notOnIO, "sms failed " + reason},
			told: begun("profile negative", "sent_sms negative", "settled negative"),
		}
	}
	// uncertain is put before a person once the deadline has passed.
	uncertain := func(name string, outcome simulator.PhoneOutcome) story {
		return story{
			name: "SMS " + name, service: h.brisk, citizen: simulator.CitizenNotOnIO, phone: phone(outcome),
			status: "on_hold", reason: "sms_outcome_uncertain", ways: []string{notOnIO, "sms uncertain sms_outcome_uncertain"},
			told: begun("profile negative", "sent_sms fault", "on_hold negative"),
		}
	}

	unconfirmed := lost("unconfirmed", simulator.PhoneUnconfirmed, "sms_unconfirmed")
	unconfirmed.service = h.brisk
	unconfirmed.ways = []string{notOnIO, "sms sent sms_unconfirmed"}

	rateLimited := delivered("rate limited at first", simulator.PhoneRateLimitedFirst)
	rateLimited.tries = map[string]int{"sent_sms": 2}

	return []story{
		delivered("delivered", simulator.PhoneDelivered),
		lost("unreachable", simulator.PhoneUnreachable, "sms_unreachable"),
		lost("unknown number", simulator.PhoneUnknown, "sms_unknown_number"),
		lost("landline", simulator.PhoneLandline, "sms_phone_not_mobile"),
		lost("filtered", simulator.PhoneFiltered, "sms_blocked"),
		unconfirmed,
		refused("opted out", simulator.PhoneOptedOut, "sms_opted_out"),
		rateLimited,
		uncertain("server error", simulator.PhoneServerError),
		delivered("time-out after accepting", simulator.PhoneTimeoutAfterAccepting),
		delivered("without callback", simulator.PhoneNoCallback),
		delivered("callbacks out of order", simulator.PhoneCallbacksReordered),
		delivered("callbacks twice", simulator.PhoneCallbacksDuplicated),
		refused("invalid number", simulator.PhoneInvalid, "sms_phone_invalid"),
		refused("not a mobile number", simulator.PhoneNotMobile, "sms_phone_not_mobile"),
		delivered("server error after accepting", simulator.PhoneServerErrorAfterAccepting),
		lost("unknown error", simulator.PhoneUnknownError, "sms_undelivered"),
		lost("validity expired", simulator.PhoneExpired, "sms_validity_expired"),
		uncertain("time-out, nothing stored", simulator.PhoneTimeoutNothingStored),
	}
}
