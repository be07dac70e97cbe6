package frontend

import (
	"strings"
	"time"

	"github.com/genio-gateway/genio/notification"
)

// words tell what a filter means, for pages that are about it; none where it means everything.
func (s searchForm) words(p page) []fact {
	facts := []fact{
		{Name: "list.recipient", Value: s.Person},
		{Name: "list.status", Value: chosen(s.Statuses)},
		{Name: "list.filter.ente", Value: chosen(s.Enti)},
		{Name: "list.service", Value: chosen(s.Services)},
		{Name: "list.channel", Value: chosen(s.Channels)},
		{Name: "list.reference", Value: s.Reference, Code: true},
		{Name: "detail.batch", Value: chosen(s.Batches)},
		{Name: "search.period.label", Value: s.period(p)},
		{Name: "search.why.label", Value: strings.Join(s.Reasons, " ")},
	}

	var known []fact

	for _, line := range facts {
		if line.Value != "" {
			known = append(known, line)
		}
	}

	return named(known, p)
}

func (s searchForm) period(p page) string {
	if s.Period != "" {
		return p.T("search.period." + s.Period)
	}

	var days []string

	if s.From != "" {
		days = append(days, p.T("search.period.from", dayInWords(s.From, p.Lang)))
	}

	if s.To != "" {
		days = append(days, p.T("search.period.to", dayInWords(s.To, p.Lang)))
	}

	return strings.Join(days, " ")
}

func chosen(choices []choice) string {
	var labels []string

	for _, choice := range choices {
		if choice.Chosen {
			labels = append(labels, choice.Label)
		}
	}

	return strings.Join(labels, ", ")
}

// dayInWords is a day of an address as people of the language write it; what is no day stays as it is.
func dayInWords(day string, lang notification.Lang) string {
	read, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}

	return read.Format(dateLayout(lang))
}
