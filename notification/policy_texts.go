package notification

import (
	"fmt"
	"strings"
	"time"
)

// Sentence says the policy in plain words, in one or two sentences with their final stops.
func (p Policy) Sentence(lang Lang) string {
	sentences := []string{p.fallbackWording().in(lang)}
	if quiet := p.Quiet.Sentence(lang); quiet != "" && p.FallsBackTo(ChannelSMS) {
		sentences = append(sentences, quiet)
	}

	return strings.Join(append(sentences, p.uncertainWording().in(lang)), " ")
}

func (p Policy) fallbackWording() wording {
	if !p.FallsBackTo(ChannelSMS) {
		return wording{
			fmt.Sprintf("Solo app IO, che ha %s per consegnare: nessun SMS.", DurationWords(p.IODeadline, Italian)),
			fmt.Sprintf("App IO only, which has %s to deliver: no SMS.", DurationWords(p.IODeadline, English)),
		}
	}

	return wording{
		fmt.Sprintf("Se app IO non consegna entro %s, parte un SMS, che ha %s per arrivare.",
			DurationWords(p.IODeadline, Italian), DurationWords(p.SMSDeadline, Italian)),
		fmt.Sprintf("If app IO does not deliver within %s, an SMS goes out, which has %s to arrive.",
			DurationWords(p.IODeadline, English), DurationWords(p.SMSDeadline, English)),
	}
}

func (p Policy) uncertainWording() wording {
	switch {
	case p.OnUncertain == UncertainResend:
		return wording{
			"Se non si sa se app IO ha preso il messaggio, si invia di nuovo.",
			"If nobody knows whether app IO took the message, it is sent again.",
		}
	case p.OnUncertain == UncertainSMS && p.FallsBackTo(ChannelSMS):
		return wording{
			"Se non si sa se app IO ha preso il messaggio, parte l'SMS.",
			"If nobody knows whether app IO took the message, the SMS goes out.",
		}
	}

	return wording{
		"Se non si sa se app IO ha preso il messaggio, decide una persona.",
		"If nobody knows whether app IO took the message, a person decides.",
	}
}

// Sentence says in plain words when no SMS goes out; empty where there is no such time.
func (q QuietHours) Sentence(lang Lang) string {
	if q.IsZero() {
		return ""
	}

	hours := wording{
		fmt.Sprintf("tra le %s e le %s", q.From.Spoken(), q.Until.Spoken()),
		fmt.Sprintf("between %s and %s", q.From.Spoken(), q.Until.Spoken()),
	}
	holidays := wording{"la domenica e nei giorni festivi", "on Sundays and public holidays"}

	when := hours

	switch {
	case !q.Daily():
		when = holidays
	case q.Holidays:
		when = wording{hours.it + " né " + holidays.it, hours.en + " nor " + holidays.en}
	}

	but := wording{", tranne quelli urgenti", ", but for urgent ones"}
	if q.UrgentToo {
		but = wording{}
	}

	return wording{
		"Gli SMS non partono " + when.it + but.it + ".",
		"No SMS goes out " + when.en + but.en + ".",
	}.in(lang)
}

// DurationWords writes a duration as people say it, such as "1 ora e 30 minuti".
func DurationWords(d time.Duration, lang Lang) string {
	const day = 24 * time.Hour

	units := []struct {
		size      time.Duration
		one, many wording
	}{
		{day, wording{"giorno", "day"}, wording{"giorni", "days"}},
		{time.Hour, wording{"ora", "hour"}, wording{"ore", "hours"}},
		{time.Minute, wording{"minuto", "minute"}, wording{"minuti", "minutes"}},
		{time.Second, wording{"secondo", "second"}, wording{"secondi", "seconds"}},
	}

	var parts []string

	for _, unit := range units {
		number := d / unit.size
		d %= unit.size

		switch number {
		case 0:
		case 1:
			parts = append(parts, "1 "+unit.one.in(lang))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", number, unit.many.in(lang)))
		}
	}

	switch len(parts) {
	case 0:
		return wording{"meno di un secondo", "less than a second"}.in(lang)
	case 1:
		return parts[0]
	}

	last := len(parts) - 1

	return strings.Join(parts[:last], ", ") + wording{" e ", " and "}.in(lang) + parts[last]
}

// CheckPolicy lists what is wrong with a policy, by the API's names of its fields.
func CheckPolicy(p Policy) FieldErrors {
	var fields FieldErrors

	add := func(field, code, message, messaggio string) {
		fields = append(fields, FieldError{Field: "policy." + field, Code: code, Message: message, Messaggio: messaggio})
	}

	outOfBounds := func(d time.Duration) bool { return d < ShortestDeadline || d > LongestDeadline }

	if outOfBounds(p.IODeadline) {
		add("io_deadline", "range", "must be from 1 minute to 7 days", "deve essere da 1 minuto a 7 giorni")
	}

	if outOfBounds(p.SMSDeadline) {
		add("sms_deadline", "range", "must be from 1 minute to 7 days", "deve essere da 1 minuto a 7 giorni")
	}

	for _, channel := range p.Fallback {
		if channel != ChannelSMS {
			add("fallback", "unknown", "sms, or none", "sms oppure nessuno")

			break
		}
	}

	switch p.OnUncertain {
	case UncertainHold, UncertainSMS, UncertainResend:
	default:
		add("on_uncertain", "unknown", "one of hold, sms, resend", "uno tra hold, sms, resend")
	}

	return append(fields, checkQuietHours(p.Quiet)...)
}

// longestQuiet leaves an SMS at least four hours a day.
const longestQuiet = 20 * minutesInHour

func checkQuietHours(q QuietHours) FieldErrors {
	var fields FieldErrors

	for _, end := range []struct {
		name  string
		clock DayTime
	}{{"from", q.From}, {"until", q.Until}} {
		if end.clock < 0 || end.clock >= minutesInDay {
			fields = append(fields, FieldError{
				Field: "policy.quiet." + end.name, Code: "invalid",
				Message: "must be a time of the day, such as 21:00", Messaggio: "deve essere un orario, per esempio 21:00",
			})
		}
	}

	if quiet := (q.Until - q.From + minutesInDay) % minutesInDay; fields == nil && quiet > longestQuiet {
		fields = append(fields, FieldError{
			Field: "policy.quiet.until", Code: "range",
			Message:   "the quiet time must not be longer than 20 hours a day",
			Messaggio: "la fascia di silenzio non può superare le 20 ore al giorno",
		})
	}

	return fields
}
