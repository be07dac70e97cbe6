package server

import (
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
)

// The headers in which every answer tells what is left (AgID, Linee guida sull'interoperabilità tecnica, Raccomandazioni di
// implementazione, RAC_ROBUSTEZZA_001): numbers of requests, and seconds.
const (
	headerRateLimit     = "X-RateLimit-Limit"
	headerRateRemaining = "X-RateLimit-Remaining"
	headerRateReset     = "X-RateLimit-Reset"
)

// admit tells the caller what is left, and refuses a request that is one too many. What was told of another bound before
// does not count any more.
func admit(c echo.Context, left allowance) error {
	header := c.Response().Header()

	if left.limit == 0 {
		for _, name := range []string{headerRateLimit, headerRateRemaining, headerRateReset} {
			header.Del(name)
		}

		return nil
	}

	header.Set(headerRateLimit, strconv.Itoa(left.limit))
	header.Set(headerRateRemaining, strconv.Itoa(left.remaining))
	header.Set(headerRateReset, wholeSeconds(left.full))

	if left.wait <= 0 {
		return nil
	}

	header.Set(echo.HeaderRetryAfter, wholeSeconds(left.wait))

	return fail(ProblemTooManyRequests)
}

func wholeSeconds(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

// limitOpen bounds what an address may ask of the operations that need no key.
func (a *operations) limitOpen(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := admit(c, a.limiter.takeFrom(c.RealIP())); err != nil {
			return err
		}

		return next(c)
	}
}
