package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/client"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	benchPassword = "bench-bench-bench" //nolint:gosec // of accounts that go with the run.
	// warmUps come before each page's measured requests.
	warmUps = 10
	// deepPage is how far into the list the measured pages begin, and deepPages how many they are.
	deepPage  = 20
	deepPages = 20
	// largeServices are those at the beginning, which have the most notifications.
	largeServices = 10
	// someDays bounds the periods that are asked for.
	someDays = 10
	// smsPrice is what a part of an SMS costs, in millionths of a euro.
	smsPrice = 45_000

	half, goalPercent = 50, 95
)

// officePages is the backoffice over HTTP, on the loopback address, with two people signed in.
type officePages struct {
	world  *world
	server *httptest.Server
	random *rand.Rand

	temporal          client.Client
	support, operator *http.Client
}

// openPages starts the real pages over the real use cases. Temporal is away: no measured page needs it.
func openPages(ctx context.Context, w *world) (*officePages, error) {
	temporal, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	if err != nil {
		return nil, fmt.Errorf("preparing the Temporal client: %w", err)
	}

	log := zap.NewNop()
	does := gateway.New(gateway.Config{
		Store: w.store, Temporal: temporal, Starter: gateway.NewStarter(w.store, temporal, log), Log: log, SMSPartPriceMicros: smsPrice,
	})

	pages, err := frontend.New(frontend.Config{Gateway: does, Sessions: w.store.Sessions(), Log: log})
	if err != nil {
		return nil, fmt.Errorf("preparing the pages: %w", err)
	}

	p := &officePages{
		world: w, temporal: temporal,
		server: httptest.NewServer(pages.Handler()), //nolint:contextcheck // each request brings its own.
		random: rand.New(rand.NewPCG(4, 2026)),      //nolint:gosec,mnd // the same questions each time.
	}

	if p.support, err = p.signIn(ctx, does, gateway.Account{Email: "assistenza@bench.example", Role: gateway.RoleSupport}); err != nil {
		return nil, err
	}

	p.operator, err = p.signIn(ctx, does, gateway.Account{
		Email: "operatore@bench.example", Role: gateway.RoleOperator, EnteID: w.enti[0].ID,
	})

	return p, err
}

func (p *officePages) close() {
	p.server.Close()
	p.temporal.Close()
}

func (p *officePages) signIn(ctx context.Context, does *gateway.Gateway, wish gateway.Account) (*http.Client, error) {
	wish.Name = "Bench"
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: benchName, Name: benchName}

	if _, err := does.CreateAccount(ctx, system, wish, benchPassword); err != nil {
		return nil, fmt.Errorf("creating an account: %w", err)
	}

	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("making a cookie jar: %w", err)
	}

	browser := &http.Client{Jar: jar}
	_, err = p.post(ctx, browser, "/signin", url.Values{"email": {wish.Email}, "password": {benchPassword}})

	return browser, err
}

func (p *officePages) get(ctx context.Context, browser *http.Client, path string) (string, error) {
	return p.ask(ctx, browser, http.MethodGet, path, http.NoBody)
}

func (p *officePages) post(ctx context.Context, browser *http.Client, path string, form url.Values) (string, error) {
	return p.ask(ctx, browser, http.MethodPost, path, strings.NewReader(form.Encode()))
}

// ask gives the page to which the browser comes in the end.
func (p *officePages) ask(ctx context.Context, browser *http.Client, method, path string, body io.Reader) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, p.server.URL+path, body)
	if err != nil {
		return "", fmt.Errorf("asking: %w", err)
	}

	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")

	response, err := browser.Do(request)
	if err != nil {
		return "", fmt.Errorf("asking: %w", err)
	}

	defer func() { _ = response.Body.Close() }()

	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("reading a page: %w", err)
	}

	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: %s %s: %d", errStatus, method, path, response.StatusCode)
	}

	return string(text), nil
}

// measured is a page, and how the next request for it is made.
type measured struct {
	name string
	ask  func(ctx context.Context) (string, error)
	// shows is what each answer holds, so that no empty page is measured.
	shows string
}

var errWrongPage = errors.New("the page does not show what it should")

// measure asks for each page, one request after the other, as one person does.
func (p *officePages) measure(ctx context.Context, requests int, figures *table) error {
	all, err := p.pages(ctx)
	if err != nil {
		return err
	}

	for _, page := range all {
		times, err := page.measure(ctx, requests)
		if err != nil {
			return err
		}

		most := quantileOf(times, goalPercent)
		figures.add(page.name, "p95 ≤ 100 ms", most <= pageGoal, "p50 %s, p95 %s, max %s",
			inMillis(quantileOf(times, half)), inMillis(most), inMillis(times[len(times)-1]))
	}

	return nil
}

// measure gives how long each request took, the shortest first.
func (m measured) measure(ctx context.Context, requests int) ([]time.Duration, error) {
	progressf("measuring %s", m.name)

	var times []time.Duration

	for i := range warmUps + requests {
		var text string

		took, err := timed(func() (err error) {
			text, err = m.ask(ctx)

			return err
		})
		if err != nil {
			return nil, err
		}

		if !strings.Contains(text, m.shows) {
			return nil, fmt.Errorf("%w: %s", errWrongPage, m.name)
		}

		if i >= warmUps {
			times = append(times, took)
		}
	}

	slices.Sort(times)

	return times, nil
}

func quantileOf(sorted []time.Duration, percent int) time.Duration {
	const hundred = 100

	return sorted[min(len(sorted)-1, len(sorted)*percent/hundred)]
}

func inMillis(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

// The pages of which it is also measured how they grow.
const (
	pageFirst     = "list, all Enti, first page"
	pageStatus    = "… by one status"
	pageEnte      = "… by Ente"
	pageSearch    = "search by codice fiscale: form, redirect, list"
	pageOne       = "a notification"
	pageDashboard = "dashboard of the whole gateway"
)

const (
	tableRow  = `role="rowheader"`
	chartSign = `class="genio-chart"`
)

func (p *officePages) pages(ctx context.Context) ([]measured, error) {
	deep, err := p.deepPages(ctx)
	if err != nil {
		return nil, err
	}

	fixed := func(path string) func() string { return func() string { return path } }
	page := func(name, shows string, path func() string) measured {
		return measured{name: name, shows: shows, ask: func(ctx context.Context) (string, error) { return p.get(ctx, p.support, path()) }}
	}
	ofEnte := func(name, shows string, path func() string) measured {
		return measured{name: name, shows: shows, ask: func(ctx context.Context) (string, error) { return p.get(ctx, p.operator, path()) }}
	}

	return []measured{
		page(pageFirst, tableRow, fixed("/notifications")),
		page("… pages 20 to 40", tableRow, func() string { return deep[p.random.IntN(len(deep))] }),
		page(pageStatus, tableRow, func() string { return "/notifications?status=" + string(p.someStatus()) }),
		page("… by two statuses", "", func() string {
			return "/notifications?status=" + string(p.someStatus()) + "&status=" + string(p.someStatus())
		}),
		page("… by status and reason", tableRow, fixed("/notifications?status=failed&reason=io_key_rejected")),
		page("… by a rare reason", tableRow, fixed("/notifications?status=failed&reason=internal_error")),
		page(pageEnte, "", func() string { return "/notifications?ente=" + p.some().EnteID }),
		page("… by Ente and service", "", func() string { return "/notifications?ente=" + p.some().EnteID + "&service=" + p.some().ID }),
		page("… by Ente, service, status, channel and period", "", p.everyFilter),
		page("… by a rare status of a large service", "", func() string {
			return "/notifications?service=" + p.large().ID + "&status=on_hold"
		}),
		page("… by channel", tableRow, fixed("/notifications?channel=sms")),
		page("… by period", tableRow, func() string { return "/notifications?" + p.somePeriod() }),
		page("… by status and a period long ago", "", func() string { return "/notifications?status=failed&" + p.oldPeriod() }),
		page("… of a batch", tableRow, func() string {
			return "/notifications?batch=" + p.world.batches[p.random.IntN(len(p.world.batches)-1)].id.String()
		}),
		page("… by reference", tableRow, func() string { return "/notifications?reference=" + p.sample().reference }),
		page("… by a reference that very many have", tableRow, fixed("/notifications?reference="+referenceOfAll)),
		{name: pageSearch, shows: tableRow, ask: func(ctx context.Context) (string, error) {
			return p.post(ctx, p.support, "/notifications/search", url.Values{"fiscal_code": {p.sample().fiscalCode}})
		}},
		page(pageOne, "Avviso di pagamento TARI", func() string { return "/notifications/" + p.sample().id }),
		page(pageDashboard, chartSign, fixed("/dashboard")),
		page("… of 90 days", chartSign, fixed("/dashboard?days=90")),
		page("… of an Ente", "", func() string { return "/dashboard?days=90&ente=" + p.some().EnteID }),
		page("batches", tableRow, fixed("/batches")),
		ofEnte("list of the largest Ente, as its operator", tableRow, fixed("/notifications")),
		ofEnte("… by one status", "", func() string { return "/notifications?status=" + string(p.someStatus()) }),
		ofEnte("dashboard of the largest Ente, as its operator", chartSign, fixed("/dashboard")),
		ofEnte("its batches", "", fixed("/batches")),
	}, nil
}

var nextLink = regexp.MustCompile(`<a class="[^"]*genio-pager__next" href="([^"]+)"`)

// deepPages turns the list's pages, as a person would, to learn the addresses of those far behind.
func (p *officePages) deepPages(ctx context.Context) ([]string, error) {
	var deep []string

	path := "/notifications"

	for number := 1; number < deepPage+deepPages; number++ {
		text, err := p.get(ctx, p.support, path)
		if err != nil {
			return nil, err
		}

		next := nextLink.FindStringSubmatch(text)
		if next == nil {
			return nil, fmt.Errorf("%w: no page %d", errWrongPage, number+1)
		}

		if path = html.UnescapeString(next[1]); number+1 >= deepPage {
			deep = append(deep, path)
		}
	}

	return deep, nil
}

func (p *officePages) some() notification.Service { return p.world.services[p.world.someService()] }

func (p *officePages) large() notification.Service {
	return p.world.services[p.random.IntN(largeServices)]
}

func (p *officePages) sample() sample { return p.world.samples[p.random.IntN(len(p.world.samples))] }

func (p *officePages) someStatus() notification.Status {
	all := notification.Statuses()

	return all[p.random.IntN(len(all))]
}

func (p *officePages) somePeriod() string {
	from := p.world.now.AddDate(0, 0, -p.random.IntN(worldDays-2)-1)
	to := from.AddDate(0, 0, p.random.IntN(someDays))

	return "from=" + from.Format(time.DateOnly) + "&to=" + to.Format(time.DateOnly)
}

func (p *officePages) oldPeriod() string {
	from := p.world.now.AddDate(0, 0, -worldDays+1)

	return "from=" + from.Format(time.DateOnly) + "&to=" + from.AddDate(0, 0, 1+p.random.IntN(someDays)).Format(time.DateOnly)
}

func (p *officePages) everyFilter() string {
	service := p.some()

	return "/notifications?ente=" + service.EnteID + "&service=" + service.ID + "&status=delivered&channel=sms&" + p.somePeriod()
}
