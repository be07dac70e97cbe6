package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Page sizes of Twilio's lists.
const (
	defaultPageSize = 50
	maxPageSize     = 1000
)

// fetchSMS is Twilio's GET Messages/{sid}.json.
func (s *Simulator) fetchSMS(c echo.Context) error {
	sid, isJSON := strings.CutSuffix(c.Param("sid"), ".json")

	message, found := s.smsOutbox.get(sid)
	if !isJSON || !found || message.account != c.Param("account") {
		return answerTwilioNotFound(c)
	}

	return c.JSON(http.StatusOK, message.resource(time.Now()))
}

// smsPage is one page of Twilio's list of messages.
type smsPage struct {
	Messages        []smsResource `json:"messages"`
	FirstPageURI    string        `json:"first_page_uri"`
	NextPageURI     *string       `json:"next_page_uri"`
	PreviousPageURI *string       `json:"previous_page_uri"`
	URI             string        `json:"uri"`
	Page            int           `json:"page"`
	PageSize        int           `json:"page_size"`
	Start           int           `json:"start"`
	End             int           `json:"end"`
}

// listSMS is Twilio's GET Messages.json, newest first, filtered by To, From and DateSent. A message that is not sent
// yet is filtered by the date of its creation.
func (s *Simulator) listSMS(c echo.Context) error {
	query := c.QueryParams()

	sentWithin, err := dateSentFilter(query)
	if err != nil {
		return answerTwilioError(c, http.StatusBadRequest, http.StatusBadRequest, "The DateSent filter is not a date.")
	}

	now := time.Now()
	account, to, from := c.Param("account"), query.Get("To"), query.Get("From")
	found := s.smsOutbox.matching(func(message sms) bool {
		return message.account == account && (to == "" || message.form.to == to) &&
			(from == "" || message.form.from == from) && sentWithin(message, now)
	})

	return c.JSON(http.StatusOK, pageOf(found, account, query, now))
}

// dateSentFilter reads DateSent, DateSent< and DateSent>, whose URL form is "DateSent>=2026-01-31". Both limits are
// inclusive.
func dateSentFilter(query url.Values) (func(sms, time.Time) bool, error) {
	var earliest, latest time.Time

	for _, name := range []string{"DateSent", "DateSent>", "DateSent<"} {
		text := query.Get(name)
		if text == "" {
			continue
		}

		from, to, err := parseDateOrMoment(text)
		if err != nil {
			return nil, fmt.Errorf("reading a date filter: %w", err)
		}

		if name != "DateSent<" {
			earliest = from
		}

		if name != "DateSent>" {
			latest = to
		}
	}

	return func(message sms, now time.Time) bool {
		at := message.sentAt(now)
		if at.IsZero() {
			at = message.createdAt
		}

		at = at.Truncate(time.Second) // as the resource shows it

		return !at.Before(earliest) && (latest.IsZero() || !at.After(latest))
	}, nil
}

// parseDateOrMoment gives the first and last moment that a text means: a date alone is the whole day in UTC.
func parseDateOrMoment(text string) (first, last time.Time, err error) {
	if day, notADay := time.Parse(time.DateOnly, text); notADay == nil {
		return day, day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
	}

	moment, notAMoment := time.Parse(time.RFC3339, text)
	if notAMoment != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("parsing a date or a moment: %w", notAMoment)
	}

	return moment, moment, nil
}

func pageOf(found []sms, account string, query url.Values, now time.Time) smsPage {
	size := boundedNumber(query.Get("PageSize"), defaultPageSize, 1, maxPageSize)
	number := boundedNumber(query.Get("Page"), 0, 0, len(found))
	start := min(number*size, len(found))
	end := min(start+size, len(found))

	page := smsPage{
		Messages: make([]smsResource, 0, end-start), Page: number, PageSize: size, Start: start, End: max(start, end-1),
		FirstPageURI: pageURI(account, query, 0, size), URI: pageURI(account, query, number, size),
	}
	for _, message := range found[start:end] {
		page.Messages = append(page.Messages, message.resource(now))
	}

	if end < len(found) {
		page.NextPageURI = orNull(pageURI(account, query, number+1, size))
	}

	if number > 0 {
		page.PreviousPageURI = orNull(pageURI(account, query, number-1, size))
	}

	return page
}

func boundedNumber(text string, fallback, lowest, highest int) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		return fallback
	}

	return min(max(number, lowest), highest)
}

// pageURI is relative to the API's host, as Twilio's is.
func pageURI(account string, query url.Values, page, size int) string {
	next := url.Values{"Page": {strconv.Itoa(page)}, "PageSize": {strconv.Itoa(size)}}

	for _, name := range []string{"To", "From", "DateSent", "DateSent<", "DateSent>"} {
		if query.Has(name) {
			next.Set(name, query.Get(name))
		}
	}

	return fmt.Sprintf("/%s/Accounts/%s/Messages.json?%s", twilioAPIVersion, account, next.Encode())
}
