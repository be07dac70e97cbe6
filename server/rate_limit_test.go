package server_test

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/server"
)

// watch is a clock that goes on when it is told to.
type watch struct {
	mutex sync.Mutex
	now   time.Time
}

func newWatch() *watch { return &watch{now: time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC)} }

func (w *watch) Now() time.Time {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	return w.now
}

func (w *watch) pass(duration time.Duration) {
	w.mutex.Lock()
	defer w.mutex.Unlock()

	w.now = w.now.Add(duration)
}

func limited(limits server.Limits, clock *watch) func(*server.Config) {
	return func(config *server.Config) { config.Limits, config.Clock = limits, clock.Now }
}

// rates are the three headers, and Retry-After.
func (a answer) rates() string {
	return fmt.Sprintf("%s/%s/%s/%s", a.header.Get("X-Ratelimit-Limit"), a.header.Get("X-Ratelimit-Remaining"),
		a.header.Get("X-Ratelimit-Reset"), a.header.Get("Retry-After"))
}

var services = call{method: http.MethodGet, path: "/api/v1/services"} //nolint:gochecknoglobals // never changed

func TestAKeyHasSoManyRequests(t *testing.T) {
	t.Parallel()

	clock := newWatch()
	site := newSite(t, limited(server.Limits{Key: 2}, clock))

	for left := 9; left >= 0; left-- {
		got := site.send(services)
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, fmt.Sprintf("10/%d/%d/", left, (11-left)/2), got.rates())
	}

	got := site.send(services)
	require.Equal(t, http.StatusTooManyRequests, got.status)
	require.Equal(t, "too_many_requests", got.json(t)["code"])
	require.Equal(t, "10/0/5/1", got.rates())

	clock.pass(time.Second)

	// Every answer tells, an error's too.
	got = site.send(call{method: http.MethodGet, path: "/api/v1/notifications/" + foreignID})
	require.Equal(t, http.StatusNotFound, got.status)
	require.Equal(t, "10/1/5/", got.rates())
	require.Equal(t, http.StatusOK, site.send(services).status)
	require.Equal(t, http.StatusTooManyRequests, site.send(services).status)
}

// What is refused is not looked at: nothing of it reaches the gateway.
func TestWhatIsOneTooManyDoesNothing(t *testing.T) {
	t.Parallel()

	site := newSite(t, limited(server.Limits{Key: 1}, newWatch()))
	for range 5 {
		require.Equal(t, http.StatusOK, site.send(services).status)
	}

	got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications", body: validBody})
	require.Equal(t, http.StatusTooManyRequests, got.status)

	submission, _, _ := site.gateway.asked()
	require.Empty(t, submission.ServiceID)
}

// The keys of an Ente share its bound, and those of others have their own.
func TestTheKeysOfAnEnteShareItsBound(t *testing.T) {
	t.Parallel()

	site := newSite(t, limited(server.Limits{Key: 10, Ente: 1}, newWatch()))
	with := func(key string) call {
		c := services
		c.header = map[string]string{"Authorization": "Bearer " + key}

		return c
	}

	for left := 4; left >= 0; left-- {
		got := site.send(with([]string{knownKey, siblingKey}[left%2]))
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, fmt.Sprintf("5/%d/%d/", left, 5-left), got.rates())
	}

	for _, key := range []string{knownKey, siblingKey} {
		require.Equal(t, http.StatusTooManyRequests, site.send(with(key)).status)
	}

	require.Equal(t, "5/4/1/", site.send(with(foreignKey)).rates())
}

// A key may have a bound of its own, above the installation's or below.
func TestAKeyWithABoundOfItsOwn(t *testing.T) {
	t.Parallel()

	clock := newWatch()
	site := newSite(t, limited(server.Limits{Key: 2}, clock))

	site.gateway.perSecond.Store(3)
	require.Equal(t, "15/14/1/", site.send(services).rates())
	site.gateway.perSecond.Store(1)
	require.Equal(t, "5/4/1/", site.send(services).rates())
	site.gateway.perSecond.Store(0)
	clock.pass(time.Minute)
	require.Equal(t, "10/9/1/", site.send(services).rates())
}

func TestWrongKeysFromAnAddress(t *testing.T) {
	t.Parallel()

	clock := newWatch()
	site := newSite(t, limited(server.Limits{Address: 1}, clock))
	wrong := call{method: http.MethodGet, path: "/api/v1/services", header: map[string]string{"Authorization": "Bearer genio_wrong"}}
	without := call{method: http.MethodGet, path: "/api/v1/services", anonymous: true}

	// The first request of a key costs a try as well, because nobody knows it yet.
	got := site.send(services)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "///", got.rates(), "the address's bound is not the key's")

	for _, c := range []call{wrong, without, wrong, without} {
		require.Equal(t, http.StatusUnauthorized, site.send(c).status)
	}

	asked := site.gateway.authenticated.Load()

	for _, c := range []call{wrong, without} {
		got := site.send(c)
		require.Equal(t, http.StatusTooManyRequests, got.status)
		require.Equal(t, "5/0/5/1", got.rates())
	}

	require.Equal(t, asked, site.gateway.authenticated.Load(), "nothing was looked up")

	// A key that was in force lately is not shut out, and neither are other addresses.
	require.Equal(t, http.StatusOK, site.send(services).status)

	clock.pass(time.Second)
	require.Equal(t, http.StatusUnauthorized, site.send(wrong).status)
	require.Equal(t, http.StatusTooManyRequests, site.send(wrong).status)
}

// A key that was in force is no way round the bound once it is not any more.
func TestARevokedKeyIsAWrongOne(t *testing.T) {
	t.Parallel()

	site := newSite(t, limited(server.Limits{Address: 1}, newWatch()))
	require.Equal(t, http.StatusOK, site.send(services).status)

	site.gateway.revoked.Store(true)

	for range 5 {
		require.Equal(t, http.StatusUnauthorized, site.send(services).status)
	}

	require.Equal(t, http.StatusTooManyRequests, site.send(services).status)
}

func TestAddressesHaveABoundEach(t *testing.T) {
	t.Parallel()

	_, loopback, err := net.ParseCIDR("127.0.0.0/8")
	require.NoError(t, err)

	site := newSite(t, limited(server.Limits{Address: 1}, newWatch()), func(config *server.Config) {
		config.TrustedProxies = []*net.IPNet{loopback}
	})
	from := func(forwarded string) int {
		return site.send(call{
			method: http.MethodGet, path: "/api/v1/reasons", anonymous: true, header: map[string]string{"X-Forwarded-For": forwarded},
		}).status
	}

	for number := range 5 {
		require.Equal(t, http.StatusOK, from("192.0.2.7"))
		// The addresses of one customer are one, and what the client claims does not count.
		require.Equal(t, http.StatusOK, from("198.51.100.9, 2001:db8:1:2::"+strconv.Itoa(number)))
	}

	require.Equal(t, http.StatusTooManyRequests, from("192.0.2.7"))
	require.Equal(t, http.StatusTooManyRequests, from("203.0.113.5, 2001:db8:1:2:ffff::1"))
	require.Equal(t, http.StatusOK, from("192.0.2.8"))
	require.Equal(t, http.StatusOK, from("2001:db8:1:3::1"))
}

// However many ask at the same time, no more than the bound are let through.
func TestRequestsAtTheSameTime(t *testing.T) {
	t.Parallel()

	site := newSite(t, limited(server.Limits{Key: 4, Ente: 3}, newWatch()))

	var (
		asking  sync.WaitGroup
		granted atomic.Int32
	)

	for range 40 {
		asking.Go(func() {
			response, err := http.DefaultClient.Do(site.request(services))
			if err == nil && response.StatusCode == http.StatusOK {
				granted.Add(1)
			}

			if err == nil {
				_ = response.Body.Close()
			}
		})
	}

	asking.Wait()
	require.EqualValues(t, 15, granted.Load())
}

func TestWithoutBoundsNothingIsTold(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	require.Equal(t, "///", site.send(services).rates())
	require.Equal(t, "///", site.send(call{method: http.MethodGet, path: "/api/v1/status", anonymous: true}).rates())
}
