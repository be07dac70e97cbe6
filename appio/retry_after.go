package appio

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what an answer may ask for. IO's window is five seconds; an hour long wish can only be
// a mistake, and would hold messages back for nothing.
const maxRetryAfter = 10 * time.Minute

// retryAfter reads how long the answer asks to wait: IO's gateway says it in its own header, in seconds;
// others on the way use the standard one, in seconds or as a date (RFC 9110, section 10.2.3). It is 0 where
// there is none that can be read, and never longer than maxRetryAfter.
func retryAfter(header http.Header, now time.Time) time.Duration {
	for _, name := range []string{"X-Rate-Limit-Retry-After", "Retry-After"} {
		value := strings.TrimSpace(header.Get(name))

		wait, ok := seconds(value)
		if !ok {
			wait, ok = untilDate(value, header.Get("Date"), now)
		}

		if ok {
			return min(max(wait, 0), maxRetryAfter)
		}
	}

	return 0
}

func seconds(value string) (time.Duration, bool) {
	count, err := strconv.ParseUint(value, 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return maxRetryAfter, true
	}

	return time.Duration(count) * time.Second, err == nil
}

// untilDate measures from the answer's own date where it has one: the two clocks need not agree.
func untilDate(value, date string, now time.Time) (time.Duration, bool) {
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}

	answered, err := http.ParseTime(date)
	if err == nil {
		now = answered
	}

	return until.Sub(now), true
}
