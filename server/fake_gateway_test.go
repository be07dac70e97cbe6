package server_test

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	knownKey       = "genio_test_Zm9yLXRlc3RzLW9ubHk"
	boundKey       = "genio_test_Ym91bmQtdG8tYW4tYWRkcmVzcw"
	boundAddress   = "192.0.2.7" // from which alone boundKey may be used
	siblingKey     = "genio_test_c2FtZS1lbnRl"
	foreignKey     = "genio_test_YW5vdGhlci1lbnRl"
	knownID        = "01934f40-1f6a-7c3e-8f55-1f4b1d3a9e77"
	foreignID      = "01934f40-1f6a-7c3e-8f55-000000000000"
	serviceID      = "01934f3e-6c1a-7d52-9c3b-5b8f2f1f4a10"
	keyID          = "01934f3e-0000-7d52-9c3b-5b8f2f1f4a10"
	enteID         = "01934f3e-1111-7d52-9c3b-5b8f2f1f4a10"
	validSignature = "signed-by-the-provider"
)

// gatewayInMemory answers as the gateway does, so that only HTTP is under test. It notes what it was asked.
type gatewayInMemory struct {
	failure error // given by every use case but authentication
	panics  bool
	health  gateway.Health
	reach   gateway.Reachability

	keyExpires time.Time // of the known key; zero: never

	perSecond     atomic.Int32 // the known key's own bound
	revoked       atomic.Bool  // the known key
	authenticated atomic.Int32 // keys that were looked up

	changeView func(*gateway.View) // of the known notification; nil: it stays as it is

	content string                      // of the tables
	counts  bool                        // keep of a file its size alone
	began   func()                      // called before a file is read
	results func() []gateway.BulkResult // of a bulk; nil: all accepted

	mutex       sync.Mutex
	upload      upload
	bulk        gateway.Bulk
	batches     gateway.BatchQuery
	rows        gateway.RowQuery
	draft       gateway.TemplateDraft
	submission  gateway.Submission
	query       gateway.Query
	actor       gateway.Actor
	acts        []string
	callback    string
	healthAsked int
}

func newGateway() *gatewayInMemory {
	return &gatewayInMemory{health: gateway.Health{Database: true, Temporal: true}, reach: gateway.Reachability{ReachableOnIO: true}}
}

func (g *gatewayInMemory) note(actor gateway.Actor, change func()) error {
	if g.panics {
		panic("something broke")
	}

	g.mutex.Lock()
	defer g.mutex.Unlock()

	g.actor = actor

	change()

	return g.failure
}

func (g *gatewayInMemory) asked() (gateway.Submission, gateway.Query, []string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	return g.submission, g.query, g.acts
}

func (g *gatewayInMemory) Submit(_ context.Context, actor gateway.Actor, submission gateway.Submission) (gateway.Receipt, error) {
	err := g.note(actor, func() { g.submission = submission })

	return gateway.Receipt{ID: knownID, Replayed: submission.IdempotencyKey == "used-before"}, err
}

func (g *gatewayInMemory) Notification(_ context.Context, actor gateway.Actor, id string) (gateway.View, error) {
	if err := g.note(actor, func() {}); err != nil {
		return gateway.View{}, err
	}

	if id != knownID {
		return gateway.View{}, gateway.ErrNotFound
	}

	return g.view(), nil
}

func (g *gatewayInMemory) view() gateway.View {
	view := viewOfNotification()
	if g.changeView != nil {
		g.changeView(&view)
	}

	return view
}

func (g *gatewayInMemory) Notifications(_ context.Context, actor gateway.Actor, query gateway.Query) (gateway.Page, error) {
	if err := g.note(actor, func() { g.query = query }); err != nil {
		return gateway.Page{}, err
	}

	if query.Cursor == "broken" {
		return gateway.Page{}, notification.FieldErrors{{
			Field: "cursor", Code: "invalid", Message: "is not a cursor of ours", Messaggio: "non è un nostro cursore",
		}}
	}

	return gateway.Page{Items: []gateway.View{g.view()}, Next: "bmV4dA"}, nil
}

func (g *gatewayInMemory) Timeline(_ context.Context, actor gateway.Actor, id string) (notification.Timeline, error) {
	if err := g.note(actor, func() {}); err != nil {
		return notification.Timeline{}, err
	}

	if id != knownID {
		return notification.Timeline{}, gateway.ErrNotFound
	}

	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

	return notification.Timeline{Source: notification.TimelineFromHistory, Entries: []notification.Entry{
		{At: at, Kind: notification.EntryAccepted, State: notification.EntryDone},
		{
			At: at, Kind: notification.EntryProfile, State: notification.EntryNegative,
			Reason: notification.ReasonIOProfileNotFound, Tries: 2, LastReason: notification.ReasonIOUnavailable, Run: 1,
		},
		{At: at, Kind: notification.EntrySentSMS, State: notification.EntryRunning, NextTry: at.Add(time.Minute), Until: at.Add(time.Hour)},
		{At: at, Kind: notification.EntrySettled, State: notification.EntryDone, Status: notification.StatusDelivered},
	}}, nil
}

func (g *gatewayInMemory) act(actor gateway.Actor, id, what string) error {
	if id != knownID {
		return gateway.ErrNotFound
	}

	return g.note(actor, func() { g.acts = append(g.acts, what) })
}

func (g *gatewayInMemory) Cancel(_ context.Context, actor gateway.Actor, id string, reason notification.Reason) error {
	return g.act(actor, id, "cancel "+string(reason))
}

func (g *gatewayInMemory) Hold(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "hold")
}

func (g *gatewayInMemory) Resume(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "resume")
}

func (g *gatewayInMemory) Decide(_ context.Context, actor gateway.Actor, id string, decision gateway.Decision) error {
	return g.act(actor, id, "decide "+string(decision))
}

func (g *gatewayInMemory) Retry(_ context.Context, actor gateway.Actor, id string) error {
	return g.act(actor, id, "retry")
}

func (g *gatewayInMemory) CheckRecipient(_ context.Context, actor gateway.Actor, _, _ string) (gateway.Reachability, error) {
	return g.reach, g.note(actor, func() {})
}

func (g *gatewayInMemory) Services(_ context.Context, actor gateway.Actor) ([]notification.Service, error) {
	return []notification.Service{
		{ID: serviceID, EnteID: enteID, Name: "Tributi", Active: true, Policy: notification.DefaultPolicy(), MaxPaymentCents: 500_000},
		{ID: knownID, EnteID: enteID, Name: "Solo IO", Policy: notification.Policy{OnUncertain: notification.UncertainHold}},
	}, g.note(actor, func() {})
}

func (g *gatewayInMemory) AuthenticateKey(_ context.Context, token, address string) (gateway.Actor, error) {
	g.authenticated.Add(1)

	switch token {
	case knownKey:
		if g.revoked.Load() {
			return gateway.Actor{}, gateway.ErrUnauthenticated
		}

		return gateway.Actor{
			Kind: gateway.ActorApplication, ID: keyID, EnteID: enteID, KeyExpiresAt: g.keyExpires,
			RequestsPerSecond: int(g.perSecond.Load()),
		}, nil
	case siblingKey:
		return gateway.Actor{Kind: gateway.ActorApplication, ID: "sibling", EnteID: enteID}, nil
	case foreignKey:
		return gateway.Actor{Kind: gateway.ActorApplication, ID: "foreign", EnteID: "another"}, nil
	case boundKey:
		if address != boundAddress {
			return gateway.Actor{}, gateway.ErrAddressRefused
		}

		return gateway.Actor{Kind: gateway.ActorApplication, ID: keyID, EnteID: enteID}, nil
	}

	return gateway.Actor{}, gateway.ErrUnauthenticated
}

func (g *gatewayInMemory) RecordTwilioStatus(_ context.Context, requestURI string, form url.Values, signature string) error {
	if signature != validSignature {
		return gateway.ErrUnauthenticated
	}

	if form.Get("MessageSid") == "" {
		return gateway.ErrNotFound
	}

	return g.note(gateway.Actor{}, func() { g.callback = requestURI + " " + form.Get("MessageStatus") })
}

func (g *gatewayInMemory) Health(context.Context) gateway.Health {
	g.mutex.Lock()
	defer g.mutex.Unlock()

	g.healthAsked++

	return g.health
}

func (g *gatewayInMemory) Ready(context.Context) error {
	if !g.health.Database {
		return gateway.ErrUnavailable
	}

	return nil
}

func viewOfNotification() gateway.View {
	accepted := time.Date(2026, 12, 1, 9, 0, 0, 0, time.FixedZone("CET", 3600))

	return gateway.View{
		Notification: notification.Notification{
			ID: knownID, EnteID: enteID, ServiceID: serviceID, ExternalReference: "TARI-2026-000123",
			Content:  notification.Content{Subject: "Un oggetto riservato", Markdown: "Un testo riservato"},
			Priority: notification.PriorityNormal, Status: notification.StatusDelivered,
			Reason: notification.ReasonSMSDelivered, Channel: notification.ChannelSMS,
			AcceptedAt: accepted, SettledAt: accepted.Add(time.Minute), Run: 1,
			Attempts: []notification.Attempt{
				{
					ID: serviceID, Channel: notification.ChannelIO, Ordinal: 1,
					Status: notification.AttemptSkipped, Reason: notification.ReasonIOProfileNotFound,
				},
				{
					ID: keyID, Channel: notification.ChannelSMS, Ordinal: 1, Status: notification.AttemptDelivered,
					ProviderID: "SM0123", ProviderStatus: "delivered", Calls: 1, Segments: 2,
					StartedAt: accepted, SentAt: accepted, SettledAt: accepted,
				},
			},
		},
		ServiceName: "Tributi", MaskedFiscalCode: "BNC***********5X", MaskedPhone: "+39*******567",
		Possible: gateway.Possible{Cancel: true, Retry: true},
	}
}
