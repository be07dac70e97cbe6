package frontend

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The parameters of the list's address. None of them is personal data: the codice fiscale or the phone of a search is
// kept in the session, and "person" only says that there is one.
const (
	paramStatus    = "status"
	paramEnte      = "ente"
	paramService   = "service"
	paramReference = "reference"
	paramFrom      = "from"
	paramTo        = "to"
	paramPerson    = "person"
	paramBatch     = "batch"
	paramChannel   = "channel"
	paramReason    = "reason" // a code; several are possible
	paramWhy       = "why"    // words of a reason
	paramPeriod    = "period"
)

// The periods that count from today, as the address says them. Days given one by one take their place.
const (
	periodToday     = "today"
	periodYesterday = "yesterday"
	periodWeek      = "7d"
	periodMonth     = "30d"
)

// periods are in the order in which the page offers them.
func periods() []string { return []string{periodToday, periodYesterday, periodWeek, periodMonth} }

// wellFormedReason is what the codes of reasons look like.
var wellFormedReason = regexp.MustCompile(`^[a-z][a-z0-9_]{1,63}$`)

// filter is what the list shows, as its address says it.
type filter struct {
	trail

	Statuses  []notification.Status
	EnteID    string
	ServiceID string
	Reference string
	From, To  string // days as the browser writes them, both included
	Person    bool
	BatchID   string
	Channel   notification.Channel
	Reasons   []notification.Reason // any of them, by code
	Why       string                // words that the reason's explanation has
	Period    string
}

// reading is what a filter's words depend on: days on the place and the moment, words on the language.
type reading struct {
	zone *time.Location
	now  time.Time
	lang notification.Lang
}

func (f *Frontend) reading(lang notification.Lang) reading {
	return reading{zone: f.timeZone, now: f.clock(), lang: lang}
}

// readFilter takes an address's or a form's parameters. Unknown statuses are left out.
func readFilter(values url.Values) filter {
	read := filter{
		EnteID:    values.Get(paramEnte),
		ServiceID: values.Get(paramService),
		Reference: strings.TrimSpace(values.Get(paramReference)),
		From:      values.Get(paramFrom),
		To:        values.Get(paramTo),
		Person:    values.Get(paramPerson) != "",
		BatchID:   values.Get(paramBatch),
		Channel:   notification.Channel(values.Get(paramChannel)),
		Why:       strings.TrimSpace(values.Get(paramWhy)),
		Period:    values.Get(paramPeriod),
		trail:     readTrail(values),
	}

	if read.From != "" || read.To != "" || !slices.Contains(periods(), read.Period) {
		read.Period = ""
	}

	for _, code := range values[paramReason] {
		if wellFormedReason.MatchString(code) && !slices.Contains(read.Reasons, notification.Reason(code)) {
			read.Reasons = append(read.Reasons, notification.Reason(code))
		}
	}

	if !slices.Contains(channels(), read.Channel) {
		read.Channel = ""
	}

	for _, status := range values[paramStatus] {
		if notification.Status(status).Valid() {
			read.Statuses = append(read.Statuses, notification.Status(status))
		}
	}

	return read
}

// channels are those that deliver.
func channels() []notification.Channel {
	return []notification.Channel{notification.ChannelIO, notification.ChannelSMS}
}

// address is the list's address that shows the filter.
func (l filter) address() string { return addressWith(notificationsPath, l.values()) }

// values are the parameters that say the filter.
func (l filter) values() url.Values {
	values := url.Values{}

	for _, status := range l.Statuses {
		values.Add(paramStatus, string(status))
	}

	for _, reason := range l.Reasons {
		values.Add(paramReason, string(reason))
	}

	for name, value := range map[string]string{
		paramWhy: l.Why, paramPeriod: l.Period,
		paramEnte: l.EnteID, paramService: l.ServiceID, paramReference: l.Reference,
		paramFrom: l.From, paramTo: l.To, paramBatch: l.BatchID, paramChannel: string(l.Channel),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}

	if l.Person {
		values.Set(paramPerson, "1")
	}

	l.write(values)

	return values
}

// firstPage is the same filter from its beginning.
func (l filter) firstPage() filter {
	l.trail = trail{}

	return l
}

// only is the same filter for one status, or for all of them.
func (l filter) only(statuses ...notification.Status) filter {
	first := l.firstPage()
	first.Statuses = statuses

	return first
}

func (l filter) nextPage(cursor string) filter {
	l.trail = l.next(cursor)

	return l
}

func (l filter) previousPage() filter {
	l.trail = l.previous()

	return l
}

// active tells whether anything but the statuses narrows the list.
func (l filter) active() bool {
	return l.EnteID != "" || l.ServiceID != "" || l.Reference != "" || l.From != "" || l.To != "" || l.Person ||
		l.BatchID != "" || l.Channel != "" || len(l.Reasons) > 0 || l.Why != "" || l.Period != ""
}

// during is the same filter for a period that counts from today; empty: at any time.
func (l filter) during(period string) filter {
	l = l.firstPage()
	l.From, l.To, l.Period = "", "", period

	return l
}

// withoutReason is the same filter for any reason.
func (l filter) withoutReason() filter {
	l = l.firstPage()
	l.Reasons, l.Why = nil, ""

	return l
}

// query is the filter in the gateway's words, with the keys of the messages about what it cannot read. Whom is sought is
// not in the address, see [Frontend.keptPerson].
func (l filter) query(at reading, whom string) (gateway.Query, map[string]string) {
	problems := map[string]string{}
	query := gateway.Query{
		EnteID: l.EnteID, Statuses: l.Statuses, ExternalReference: l.Reference, Cursor: l.Cursor,
		BatchID: l.BatchID, Channel: l.Channel,
	}
	query.FiscalCode, query.Phone = fiscalCodeAndPhone(whom)

	var some bool
	if query.Reasons, some = l.reasons(at.lang); !some {
		problems[paramWhy] = "search.why.none"
	}

	if l.ServiceID != "" {
		query.ServiceIDs = []string{l.ServiceID}
	}

	query.From = readDay(l.From, at.zone, paramFrom, problems)
	if query.To = readDay(l.To, at.zone, paramTo, problems); !query.To.IsZero() {
		query.To = query.To.AddDate(0, 0, 1) // the last day belongs to the period
	}

	if !query.From.IsZero() && !query.To.IsZero() && !query.From.Before(query.To) {
		problems[paramTo] = "list.filter.period_reversed"
	}

	if l.Period != "" {
		query.From, query.To = periodOf(l.Period, at.now.In(at.zone))
	}

	return query, problems
}

// reasons are those that the filter means; none: any. Words narrow down what codes allow. Some is false where nothing is
// left, which no list has.
func (l filter) reasons(lang notification.Lang) (reasons []notification.Reason, some bool) {
	if l.Why == "" {
		return l.Reasons, true
	}

	for _, reason := range notification.ReasonsSaying(l.Why, lang) {
		if len(l.Reasons) == 0 || slices.Contains(l.Reasons, reason) {
			reasons = append(reasons, reason)
		}
	}

	return reasons, len(reasons) > 0
}

// periodOf is a period of whole days up to today, or to yesterday.
func periodOf(period string, now time.Time) (from, to time.Time) {
	const week, month = 7, 30

	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())

	switch period {
	case periodToday:
		return today, time.Time{}
	case periodYesterday:
		return today.AddDate(0, 0, -1), today
	case periodWeek:
		return today.AddDate(0, 0, 1-week), time.Time{}
	case periodMonth:
		return today.AddDate(0, 0, 1-month), time.Time{}
	}

	return time.Time{}, time.Time{}
}

func readDay(day string, zone *time.Location, field string, problems map[string]string) time.Time {
	if day == "" {
		return time.Time{}
	}

	read, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		problems[field] = "list.filter.bad_day"

		return time.Time{}
	}

	return read
}
