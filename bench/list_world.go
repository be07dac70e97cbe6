package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"github.com/google/uuid"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// What the invented region looks like.
const (
	enteCount      = 330
	serviceCount   = 800
	citizenCount   = 200_000
	worldDays      = 90
	batchChance    = 0.001
	batchMost      = 1300
	sharedOneIn    = 60 // have the reference that very many have
	referenceOfAll = "AVVISO-TARI-2026"

	// What is typical.
	ioDelivery  = 5 * time.Second
	smsDelivery = 30 * time.Second

	// The last of them are still under way.
	recentShare = 0.002
)

// world is an invented region: Enti of very different size, their services, and three months of notifications.
type world struct {
	store  *db.Store
	keys   *db.Keys
	count  int
	now    time.Time
	random *rand.Rand

	enti     []notification.Ente
	services []notification.Service
	weights  []float64 // of services, summed up
	policy   []byte
	batches  []worldBatch
	samples  []sample
}

// worldBatch is a file that was sent.
type worldBatch struct {
	id      uuid.UUID
	service int
	size    int
	at      time.Time
	left    int
}

// sample is a notification that the measured pages ask for.
type sample struct {
	id, reference, fiscalCode string
	service                   int
}

func newWorld(store *db.Store, keys *db.Keys, count int) *world {
	return &world{
		store: store, keys: keys, count: count, now: time.Now().UTC().Truncate(time.Microsecond),
		random: rand.New(rand.NewPCG(2026, 11)), //nolint:gosec,mnd // an invented world, the same each time.
	}
}

// found takes on Enti and services. The first Enti have the most.
func (w *world) found(ctx context.Context) error {
	for i := range enteCount {
		ente := notification.Ente{
			ID: newUUID(w.now, w.random).String(), Name: fmt.Sprintf("Comune di Prova %03d", i+1), FiscalCode: fmt.Sprintf("%011d", i+1),
			Active: true, CreatedAt: w.now.AddDate(0, 0, -worldDays),
		}
		if err := w.store.CreateEnte(ctx, ente); err != nil {
			return fmt.Errorf("creating an Ente: %w", err)
		}

		w.enti = append(w.enti, ente)
	}

	total := 0.0

	for i := range serviceCount {
		ente := i
		if i >= enteCount {
			ente = int(math.Pow(w.random.Float64(), 2) * enteCount)
		}

		service := notification.Service{
			ID: newUUID(w.now, w.random).String(), EnteID: w.enti[ente].ID, Name: fmt.Sprintf("Servizio %03d", i+1), Active: true,
			Policy: notification.DefaultPolicy(), MaxPaymentCents: notification.MaxPaymentCents, SMSSender: "COMUNE",
			CreatedAt: w.now.AddDate(0, 0, -worldDays),
		}
		if err := w.store.CreateService(ctx, service, notification.ServiceKeys{Primary: "key"}); err != nil {
			return fmt.Errorf("creating a service: %w", err)
		}

		total += (0.2 + w.random.Float64()) / float64(ente+3) //nolint:mnd // a few services have the most.
		w.services, w.weights = append(w.services, service), append(w.weights, total)
	}

	policy, err := json.Marshal(notification.DefaultPolicy())
	w.policy = policy

	return err //nolint:wrapcheck // a policy can always be encoded.
}

func (w *world) someService() int {
	wanted := w.random.Float64() * w.weights[len(w.weights)-1]

	return min(sort.SearchFloat64s(w.weights, wanted), len(w.services)-1)
}

// newUUID is one of version 7 for a time.
func newUUID(at time.Time, random *rand.Rand) uuid.UUID {
	var id uuid.UUID

	milli := uint64(at.UnixMilli())
	high, low := random.Uint64(), random.Uint64()

	for i := range 6 {
		id[i] = byte(milli >> (8 * (5 - i))) //nolint:gosec,mnd // one byte after the other.
	}

	for i := range 8 {
		id[8+i] = byte(low >> (8 * i)) //nolint:gosec,mnd // as above.
	}

	id[6], id[7] = 0x70|byte(high)&0x0f, byte(high>>8) //nolint:gosec,mnd // as above.
	id[8] = 0x80 | id[8]&0x3f                          //nolint:mnd // as above.

	return id
}

// ending is how a notification ends, or where it is.
type ending struct {
	share   float64
	status  notification.Status
	reason  notification.Reason
	channel notification.Channel
}

// endings are the shares of an invented world.
func endings() []ending {
	return []ending{
		{0.62, notification.StatusDelivered, notification.ReasonIODelivered, notification.ChannelIO},
		{0.20, notification.StatusDelivered, notification.ReasonSMSDelivered, notification.ChannelSMS},
		{0.06, notification.StatusNotDelivered, notification.ReasonSMSNoPhone, ""},
		{0.03, notification.StatusNotDelivered, notification.ReasonSMSUnreachable, ""},
		{0.02, notification.StatusNotDelivered, notification.ReasonSMSUnknownNumber, ""},
		{0.01, notification.StatusNotDelivered, notification.ReasonSMSOptedOut, ""},
		{0.012, notification.StatusFailed, notification.ReasonIOKeyRejected, ""},
		{0.006, notification.StatusFailed, notification.ReasonIOUnavailable, ""},
		{0.004, notification.StatusFailed, notification.ReasonSMSUnconfirmed, ""},
		{0.002, notification.StatusFailed, notification.ReasonIOMessageRefused, ""},
		{0.0005, notification.StatusFailed, notification.ReasonInternalError, ""},
		{0.02, notification.StatusCancelled, notification.ReasonPaid, ""},
		{0.005, notification.StatusCancelled, notification.ReasonCancelledByEnte, ""},
		{0.01, notification.StatusExpired, notification.ReasonExpired, ""},
		{0.0005, notification.StatusOnHold, notification.ReasonIOOutcomeUncertain, ""},
		{0.0001, notification.StatusOnHold, notification.ReasonHeldByOperator, ""},
	}
}

func underWayEndings() []ending {
	return []ending{
		{0.5, notification.StatusInProgress, "", ""},
		{0.2, notification.StatusAccepted, "", ""},
		{0.3, notification.StatusScheduled, "", ""},
	}
}

func (w *world) someEnding(of []ending) ending {
	wanted := w.random.Float64()

	for _, one := range of {
		if wanted -= one.share; wanted < 0 {
			return one
		}
	}

	return of[0]
}

// took is how long something takes: mostly about as long as typical, now and then much longer.
func (w *world) took(typical time.Duration) time.Duration {
	return time.Duration(float64(typical) * math.Exp(w.random.NormFloat64())).Truncate(time.Microsecond)
}

// invented is a notification with its attempts.
type invented struct {
	notification.Notification

	uuid, batch uuid.UUID
	ofBatch     bool
}

// notification invents the i-th of all, in the order of their acceptance.
func (w *world) notification(i int) invented {
	age := time.Duration(float64(worldDays*24*time.Hour) * (1 - float64(i)/float64(w.count)))
	at := w.now.Add(-age).Truncate(time.Microsecond)
	made := invented{uuid: newUUID(at, w.random)}
	service := w.someService()

	if last := len(w.batches) - 1; last >= 0 && w.batches[last].left > 0 {
		w.batches[last].left--

		service, made.ofBatch, made.batch = w.batches[last].service, true, w.batches[last].id
	} else if w.random.Float64() < batchChance {
		size := 1 + w.random.IntN(batchMost)
		w.batches = append(w.batches, worldBatch{id: newUUID(at, w.random), service: service, size: size, at: at, left: size})
	}

	became := w.someEnding(endings())
	if float64(i) > float64(w.count)*(1-recentShare) && w.random.IntN(2) == 0 {
		became = w.someEnding(underWayEndings())
	}

	reference := fmt.Sprintf("PRT-%07d", i)
	if i%sharedOneIn == 0 {
		reference = referenceOfAll
	}

	made.Notification = notification.Notification{
		ID: made.uuid.String(), EnteID: w.services[service].EnteID, ServiceID: w.services[service].ID, ExternalReference: reference,
		Recipient: notification.Recipient{
			FiscalCode: simulator.FiscalCode(simulator.CitizenDelivered, w.random.IntN(citizenCount)), Phone: "+393330000000",
		},
		Content: notification.Content{
			Subject:  "Avviso di pagamento TARI",
			Markdown: "È disponibile l'avviso di pagamento della tassa sui rifiuti. Può pagare direttamente dall'app IO, entro la scadenza.",
		},
		Priority: notification.PriorityNormal, Status: became.status, Reason: became.reason, Channel: became.channel, AcceptedAt: at, Run: 1,
	}

	w.live(&made.Notification)

	if i%(1+w.count/5000) == 0 {
		w.samples = append(w.samples, sample{id: made.ID, reference: reference, fiscalCode: made.Recipient.FiscalCode, service: service})
	}

	return made
}

// live gives the notification the attempts that its end tells of.
func (w *world) live(n *notification.Notification) {
	if n.Status == notification.StatusAccepted || n.Status == notification.StatusScheduled {
		return
	}

	called := n.AcceptedAt.Add(w.took(time.Second))
	io := notification.Attempt{
		Channel: notification.ChannelIO, Status: notification.AttemptSkipped, Reason: notification.ReasonIOProfileNotFound,
		StartedAt: called, SettledAt: called,
	}

	if n.Channel == notification.ChannelIO || n.Status == notification.StatusInProgress {
		io = notification.Attempt{Channel: notification.ChannelIO, Status: notification.AttemptSent, StartedAt: called, SentAt: called, Calls: 1}
	}

	end := called.Add(w.took(ioDelivery))

	if n.Channel == notification.ChannelIO {
		io.Status, io.Reason, io.SettledAt = notification.AttemptDelivered, notification.ReasonIODelivered, end
	}

	n.Attempts = []notification.Attempt{io}

	if n.Channel == notification.ChannelSMS || n.Status == notification.StatusNotDelivered {
		sent := called.Add(w.took(time.Second))
		end = sent.Add(w.took(smsDelivery))
		n.Attempts = append(n.Attempts, notification.Attempt{
			Channel: notification.ChannelSMS, Status: notification.AttemptDelivered, Reason: n.Reason, StartedAt: sent, SentAt: sent,
			SettledAt: end, Calls: 1, Segments: 1 + w.random.IntN(2),
		})
	}

	if n.Status.Final() {
		n.SettledAt = end
	}
}
