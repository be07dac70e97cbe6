package appio

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits is what IO's gateway says about the Ente's quota with an answer (PagoPA's API Management policy).
type Limits struct {
	// Remaining calls in the present window, over all the Ente's services, keys and applications, where Known.
	Remaining int
	Known     bool
	// Refused tells that this call was one too many, and RetryAfter how long to wait.
	Refused    bool
	RetryAfter time.Duration
}

// refusalPause is how long to wait where a refusal does not say.
const refusalPause = time.Second

func limitsOf(status int, header http.Header, now time.Time) Limits {
	var limits Limits

	remaining, err := strconv.Atoi(strings.TrimSpace(header.Get("X-Rate-Limit-Remaining")))
	if err == nil && remaining >= 0 {
		limits.Remaining, limits.Known = remaining, true
	}

	if status == http.StatusTooManyRequests {
		limits.Refused = true
		limits.RetryAfter = max(retryAfter(header, now), refusalPause)
	}

	return limits
}
