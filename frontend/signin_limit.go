package frontend

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Guessing a password from one address gets five tries and then one each twenty seconds. An address as a
// whole, which may be a whole office behind one router, gets three times that, and then one each two seconds.
const (
	accountTries     = 5
	accountInterval  = 20 * time.Second
	addressTries     = 15
	addressInterval  = 2 * time.Second
	limitsRemembered = 10_000

	// The way to the provider and back guesses nothing, and a whole office may take it at the same time.
	providerTries    = 100
	providerInterval = 500 * time.Millisecond
	limitsKept       = time.Hour

	// A link that invites is opened, filled in and sent; a whole office may do so at the same time. Its token cannot be guessed, but
	// each look at one asks the database.
	invitationTries    = 30
	invitationInterval = 2 * time.Second

	// ipv6Site is the part of an IPv6 address that a provider gives to one customer.
	ipv6Site = 64
)

// signInLimits slows down whoever guesses passwords. It remembers digests, not addresses or accounts.
type signInLimits struct {
	mutex     sync.Mutex
	clock     func() time.Time
	accounts  *recent[*rate.Limiter]
	addresses *recent[*rate.Limiter]
}

func newSignInLimits(clock func() time.Time) *signInLimits {
	return &signInLimits{
		clock:     clock,
		accounts:  newRecent[*rate.Limiter](limitsRemembered, limitsKept),
		addresses: newRecent[*rate.Limiter](limitsRemembered, limitsKept),
	}
}

// take counts one try and returns how long to wait before the next; 0 where the try may go ahead.
func (l *signInLimits) take(address, email string) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	now := l.clock()
	site := siteOf(address)

	// A refused flood of invented accounts leaves no trace: it would push the spent ones out of memory.
	if !limiterOf(l.addresses, digest(site), now, addressInterval, addressTries).AllowN(now, 1) {
		return addressInterval
	}

	byAccount := limiterOf(l.accounts, digest(site, strings.ToLower(strings.TrimSpace(email))), now, accountInterval, accountTries)
	if !byAccount.AllowN(now, 1) {
		return accountInterval
	}

	return 0
}

// takeInvitation counts a look at an invitation, whether it is there or not.
func (l *signInLimits) takeInvitation(address string) time.Duration {
	return l.takeStep("invitation", address, invitationInterval, invitationTries)
}

// takeProvider counts a step on the way to the provider and back: each leaves a session or a line in the audit log, and needs
// no account.
func (l *signInLimits) takeProvider(address string) time.Duration {
	return l.takeStep("provider", address, providerInterval, providerTries)
}

// takeStep counts a step of a kind that needs no account.
func (l *signInLimits) takeStep(kind, address string, every time.Duration, tries int) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	now := l.clock()
	if !limiterOf(l.addresses, digest(kind, siteOf(address)), now, every, tries).AllowN(now, 1) {
		return every
	}

	return 0
}

// forgive gives the tries back to somebody who knew the password after all.
func (l *signInLimits) forgive(address, email string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()

	key := digest(siteOf(address), strings.ToLower(strings.TrimSpace(email)))
	l.accounts.replace(key, rate.NewLimiter(rate.Every(accountInterval), accountTries))
}

func limiterOf(known *recent[*rate.Limiter], key string, now time.Time, every time.Duration, tries int) *rate.Limiter {
	if limiter, found := known.get(key, now); found {
		return limiter
	}

	limiter := rate.NewLimiter(rate.Every(every), tries)
	known.add(key, limiter, now)

	return limiter
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

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))

	return string(sum[:])
}
