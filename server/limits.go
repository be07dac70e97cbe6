package server

import (
	"crypto/sha256"
	"math"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/genio-gateway/genio/gateway"
)

const (
	// atOnceSeconds is for how many seconds' worth of requests somebody may save up: applications work in bursts.
	atOnceSeconds = 5
	// limitsRemembered bounds the keys, Enti and addresses that are counted; whoever was forgotten begins anew.
	limitsRemembered = 100_000
	// goodKeysRemembered and goodKeysKept bound the keys that are known to be in force lately.
	goodKeysRemembered = 10_000
	goodKeysKept       = time.Hour

	// ipv6Site is the part of an IPv6 address that a provider gives to one customer.
	ipv6Site = 64
)

// Limits bound the requests to the API, in requests per second; five seconds' worth may come at once. 0: no bound. Each
// server process counts for itself, so that N of them let N times as many through.
type Limits struct {
	// Key is for each API key that has no bound of its own.
	Key int
	// Ente is for all keys of an Ente together.
	Ente int
	// Address is for what comes from one address without a key in force: open operations, and wrong keys.
	Address int
}

// limiter counts requests. It is safe for concurrent use.
type limiter struct {
	limits Limits
	clock  func() time.Time

	mutex   sync.Mutex
	buckets *recent[*rate.Limiter]
	// goodKeys are digests of keys that were in force when they were used last: a neighbour who sends wrong keys from the
	// same address, such as that of an office's router, does not shut them out.
	goodKeys *recent[struct{}]
}

func newLimiter(limits Limits, clock func() time.Time) *limiter {
	return &limiter{
		limits: limits, clock: clock,
		// Whoever kept quiet for as long as a bucket takes to fill up has a full one anyway.
		buckets:  newRecent[*rate.Limiter](limitsRemembered, atOnceSeconds*time.Second),
		goodKeys: newRecent[struct{}](goodKeysRemembered, goodKeysKept),
	}
}

// allowance is what is left of a bound after a request.
type allowance struct {
	limit     int           // requests that may come at once; 0: there is no bound
	remaining int           // of them
	full      time.Duration // until all of them are there again
	wait      time.Duration // until the next request may come; 0: it has been let through
}

// takeOf counts a request of an application, by its key and by its Ente: the one of which less is left is told.
func (l *limiter) takeOf(actor gateway.Actor) allowance {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	now := l.clock()
	perSecond := l.limits.Key

	if actor.RequestsPerSecond > 0 {
		perSecond = actor.RequestsPerSecond
	}

	key := l.bucket("key "+actor.ID, perSecond, now)
	ente := l.bucket("ente "+actor.EnteID, l.limits.Ente, now)

	// What one bound refuses does not count for the other.
	if left := tighter(left(key, now), left(ente, now)); left.wait > 0 {
		return left
	}

	for _, bucket := range []*rate.Limiter{key, ente} {
		if bucket != nil {
			bucket.AllowN(now, 1)
		}
	}

	told := tighter(left(key, now), left(ente, now))
	told.wait = 0

	return told
}

// takeFrom counts a request that comes from an address without a key in force.
func (l *limiter) takeFrom(address string) allowance {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	now := l.clock()

	bucket := l.bucket("address "+siteOf(address), l.limits.Address, now)
	if bucket == nil || bucket.AllowN(now, 1) {
		told := left(bucket, now)
		told.wait = 0

		return told
	}

	return left(bucket, now)
}

// isGood tells whether a key was in force when it was used last.
func (l *limiter) isGood(token string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	_, good := l.goodKeys.get(digestOf(token), l.clock())

	return good
}

// remember notes whether a key is in force.
func (l *limiter) remember(token string, good bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	if good {
		l.goodKeys.put(digestOf(token), struct{}{}, l.clock())
	} else {
		l.goodKeys.forget(digestOf(token))
	}
}

// bucket is the one of that name; nil where there is no bound.
func (l *limiter) bucket(name string, perSecond int, now time.Time) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}

	bucket, known := l.buckets.get(name, now)
	if !known {
		bucket = rate.NewLimiter(rate.Limit(perSecond), perSecond*atOnceSeconds)
		l.buckets.put(name, bucket, now)
	}

	if bucket.Limit() != rate.Limit(perSecond) { // it was changed in the backoffice
		bucket.SetLimitAt(now, rate.Limit(perSecond))
		bucket.SetBurstAt(now, perSecond*atOnceSeconds)
	}

	return bucket
}

// left reads a bucket.
func left(bucket *rate.Limiter, now time.Time) allowance {
	if bucket == nil {
		return allowance{}
	}

	tokens, perSecond := bucket.TokensAt(now), float64(bucket.Limit())

	return allowance{
		limit: bucket.Burst(), remaining: int(max(tokens, 0)),
		full: seconds((float64(bucket.Burst()) - tokens) / perSecond), wait: seconds(max(1-tokens, 0) / perSecond),
	}
}

// tighter is the allowance of which less is left.
func tighter(a, b allowance) allowance {
	switch {
	case a.limit == 0:
		return b
	case b.limit == 0, a.remaining <= b.remaining && a.wait >= b.wait:
		return a
	default:
		return b
	}
}

func seconds(count float64) time.Duration {
	return time.Duration(math.Ceil(count * float64(time.Second)))
}

// siteOf takes the addresses of one IPv6 customer for one.
func siteOf(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || !parsed.Unmap().Is6() {
		return address
	}

	prefix, err := parsed.WithZone("").Prefix(ipv6Site)
	if err != nil {
		return address
	}

	return prefix.String()
}

func digestOf(token string) string {
	sum := sha256.Sum256([]byte(token))

	return string(sum[:])
}
