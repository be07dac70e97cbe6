package frontend

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The parameters of the list's address. None of them is personal data: the codice fiscale of a search is
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
)

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
		trail:     readTrail(values),
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
func (l filter) address() string {
	values := url.Values{}

	for _, status := range l.Statuses {
		values.Add(paramStatus, string(status))
	}

	for name, value := range map[string]string{
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

	return addressWith(notificationsPath, values)
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
		l.BatchID != "" || l.Channel != ""
}

// query is the filter in the gateway's words, with the keys of the messages about what it cannot read.
func (l filter) query(zone *time.Location, fiscalCode string) (gateway.Query, map[string]string) {
	problems := map[string]string{}
	query := gateway.Query{
		EnteID: l.EnteID, Statuses: l.Statuses, ExternalReference: l.Reference, FiscalCode: fiscalCode, Cursor: l.Cursor,
		BatchID: l.BatchID, Channel: l.Channel,
	}

	if l.ServiceID != "" {
		query.ServiceIDs = []string{l.ServiceID}
	}

	query.From = readDay(l.From, zone, paramFrom, problems)
	if query.To = readDay(l.To, zone, paramTo, problems); !query.To.IsZero() {
		query.To = query.To.AddDate(0, 0, 1) // the last day belongs to the period
	}

	if !query.From.IsZero() && !query.To.IsZero() && !query.From.Before(query.To) {
		problems[paramTo] = "list.filter.period_reversed"
	}

	return query, problems
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
