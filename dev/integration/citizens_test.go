package integration_test

import "github.com/genio-gateway/genio/simulator"

const reached = phone(simulator.PhoneDelivered)

// How the stories' timelines go on.
func begun(further ...string) []string {
	return append([]string{"accepted", "started", "validated"}, further...)
}

func deliveredBySMS(before ...string) []string {
	return begun(append(before, "sent_sms", "delivered_sms", "settled")...)
}

func (h *house) storiesOfCitizens() []story {
	onIO := []string{"io delivered io_delivered"}
	toldOnIO := begun("profile", "sent_io", "delivered_io", "settled")

	// bySMS is the story of a citizen whom IO did not reach, for a reason that is told where IO's way ended.
	bySMS := func(name string, citizen simulator.CitizenOutcome, io int, way string, told ...string) story {
		return story{
			name: name, citizen: citizen, phone: reached, status: "delivered", reason: "sms_delivered", channel: "sms",
			ways: []string{way, "sms delivered sms_delivered"}, told: deliveredBySMS(told...), io: io, sms: 1,
		}
	}
	// byIO is the story of a citizen whom IO reached, where some step needed more than one try.
	byIO := func(name string, citizen simulator.CitizenOutcome, tries map[string]int) story {
		return story{
			name: name, citizen: citizen, phone: reached, status: "delivered", reason: "io_delivered", channel: "io",
			ways: onIO, told: toldOnIO, io: 1, tries: tries,
		}
	}
	// failing is the story of a fault that no SMS may paper over.
	failing := func(name string, citizen simulator.CitizenOutcome, reason, way string, told ...string) story {
		return story{
			name: name, citizen: citizen, phone: reached, status: "failed", reason: reason,
			ways: []string{way}, told: begun(append(told, "settled fault")...),
		}
	}

	neverProcessed := bySMS("never processed", simulator.CitizenNeverProcessed, 1,
		"io sent io_not_processed_in_time", "profile", "sent_io", "delivered_io fault")
	neverProcessed.service = h.brisk

	payment := byIO("payment", simulator.CitizenDelivered, nil)
	payment.payment = true

	resent := byIO("sent again by policy", simulator.CitizenResetFirst, nil)
	resent.service = h.insistent
	resent.ways = []string{"io uncertain io_outcome_uncertain", "io delivered io_delivered"}
	resent.told = begun("profile", "sent_io fault", "sent_io", "delivered_io", "settled")

	provisional := bySMS("provisional code", 0, 0, "io skipped fiscal_code_provisional", "skipped negative")
	provisional.code = provisionalCode

	uncertain := "io uncertain io_outcome_uncertain"

	return []story{
		byIO("delivered", simulator.CitizenDelivered, nil),
		payment,
		bySMS("not on IO", simulator.CitizenNotOnIO, 0, "io skipped io_profile_not_found", "profile negative"),
		bySMS("service switched off", simulator.CitizenSenderNotAllowed, 0, "io skipped io_sender_not_allowed", "profile negative"),
		bySMS("rejected", simulator.CitizenRejected, 1, "io failed io_rejected", "profile", "sent_io", "delivered_io negative"),
		neverProcessed,
		byIO("prefers English", simulator.CitizenPrefersEnglish, nil),
		bySMS("prefers English, service switched off", simulator.CitizenPrefersEnglishNotAllowed, 0, "io skipped io_sender_not_allowed",
			"profile negative"),
		byIO("slow", simulator.CitizenSlow, map[string]int{"delivered_io": 2}),
		byIO("rate limited at first", simulator.CitizenRateLimitedFirst, map[string]int{"profile": 2, "sent_io": 2}),
		bySMS("server error", simulator.CitizenServerError, 0, uncertain, "profile", "sent_io fault"),
		bySMS("time-out after accepting", simulator.CitizenTimeoutAfterAccepting, 1, uncertain, "profile", "sent_io fault"),
		failing("key revoked", simulator.CitizenKeyRevoked, "io_key_rejected", "io skipped io_key_rejected", "profile fault"),
		bySMS("processing failed", simulator.CitizenFailed, 1, "io failed io_processing_failed", "profile", "sent_io", "delivered_io fault"),
		byIO("profile error at first", simulator.CitizenProfileErrorFirst, map[string]int{"profile": 2}),
		failing("recipient forbidden", simulator.CitizenForbidden, "io_recipient_forbidden", "io skipped io_recipient_forbidden",
			"profile fault"),
		bySMS("bad gateway after accepting", simulator.CitizenBadGatewayAfterAccepting, 1, uncertain, "profile", "sent_io fault"),
		bySMS("connection cut", simulator.CitizenResetFirst, 0, uncertain, "profile", "sent_io fault"),
		failing("message refused", simulator.CitizenMessageRefused, "io_message_refused", "io failed io_message_refused",
			"profile", "sent_io fault"),
		byIO("status error at first", simulator.CitizenStatusErrorFirst, map[string]int{"delivered_io": 2}),
		byIO("throttled", simulator.CitizenThrottled, nil),
		bySMS("time-out, nothing stored", simulator.CitizenTimeoutNothingStored, 0, uncertain, "profile", "sent_io fault"),
		resent,
		{
			name: "uncertain without phone", citizen: simulator.CitizenBadGatewayAfterAccepting, phone: noPhone,
			status: "on_hold", reason: "io_outcome_uncertain", ways: []string{uncertain},
			told: begun("profile", "sent_io fault", "on_hold negative"), io: 1,
		},
		{
			name: "not on IO, no phone", citizen: simulator.CitizenNotOnIO, phone: noPhone,
			status: "not_delivered", reason: "io_profile_not_found",
			ways: []string{"io skipped io_profile_not_found", "sms skipped sms_no_phone"},
			told: begun("profile negative", "skipped negative", "settled negative"),
		},
		{
			name: "not on IO, no SMS by policy", service: h.onlyIO, citizen: simulator.CitizenNotOnIO, phone: reached,
			status: "not_delivered", reason: "io_profile_not_found",
			ways: []string{"io skipped io_profile_not_found", "sms skipped sms_not_enabled"},
			told: begun("profile negative", "skipped negative", "settled negative"),
		},
		provisional,
		{
			name: "provisional code, no phone", code: provisionalCode, phone: noPhone,
			status: "not_delivered", reason: "fiscal_code_provisional",
			ways: []string{"io skipped fiscal_code_provisional", "sms skipped sms_no_phone"},
			told: begun("skipped negative", "skipped negative", "settled negative"),
		},
	}
}
