package gateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	// defaultDays is the period that a dashboard tells about where none is asked for, and maxDays the longest.
	defaultDays = 30
	maxDays     = 366
)

// DashboardQuery asks for the figures of an Ente or of the whole gateway.
type DashboardQuery struct {
	// EnteID: empty is all that the actor sees.
	EnteID string
	// Days is how many Italian days, today included; 0: 30.
	Days int
	// Now is when it is asked; zero: now.
	Now time.Time
}

// Dashboard is what became of the notifications accepted in a period.
type Dashboard struct {
	EnteID string // empty: the whole gateway
	// Days are the period's, the oldest first, also those without any notification; the last one is today.
	Days []DayFigures
	// Failed and NotDelivered are the period's, by reason, the most frequent first.
	Failed, NotDelivered []ReasonCount
	// ToIO is the time from acceptance until IO had the message, the others the time until the channel confirmed the
	// delivery. Where a notification was to be sent later, time counts from there.
	ToIO, ToDeliveryOnIO, ToDeliveryBySMS Times
	// Open is what has not ended, whenever it was accepted, the most first.
	Open []OpenCount
	// PartPriceMicros is what one part of an SMS costs, in millionths of a euro; 0: not known.
	PartPriceMicros int64
	// Unused tells that nothing was ever accepted.
	Unused bool
}

// DayFigures is what became of the notifications accepted on one day.
type DayFigures struct {
	Outcomes

	Day time.Time // its beginning in Italy
}

// Outcomes counts notifications by what became of them.
type Outcomes struct {
	DeliveredOnIO, DeliveredBySMS, NotDelivered, Failed, Expired, Cancelled int
	OnHold, Scheduled, InProgress                                           int // have not ended
	// SMSParts were handed over, whatever became of them.
	SMSParts int
}

// Accepted is how many notifications there are.
func (o Outcomes) Accepted() int {
	return o.DeliveredOnIO + o.DeliveredBySMS + o.NotDelivered + o.Failed + o.Expired + o.Cancelled + o.OnHold + o.Scheduled + o.InProgress
}

// Delivered is how many were delivered, on whichever channel.
func (o Outcomes) Delivered() int { return o.DeliveredOnIO + o.DeliveredBySMS }

// ReasonCount is how many notifications ended, or wait, for a reason.
type ReasonCount struct {
	Reason notification.Reason
	Count  int
}

// OpenCount is how many notifications wait for what.
type OpenCount struct {
	ReasonCount

	Status notification.Status
	// Oldest is about when the first of them was accepted, to the hour.
	Oldest time.Time
}

// Times are how long something took: half of Count no longer than Median, 95 of 100 no longer than P95. Both are off by a tenth
// at the most.
type Times struct {
	Count       int
	Median, P95 time.Duration
}

// Total is that of all days.
func (d Dashboard) Total() (total Outcomes) {
	for _, day := range d.Days {
		total = total.plus(day.Outcomes)
	}

	return total
}

// Today is the last day.
func (d Dashboard) Today() Outcomes {
	if len(d.Days) == 0 {
		return Outcomes{}
	}

	return d.Days[len(d.Days)-1].Outcomes
}

// Dashboard reads the figures that the actor may see.
func (g *Gateway) Dashboard(ctx context.Context, actor Actor, query DashboardQuery) (Dashboard, error) {
	if !actor.May(PermissionRead) || len(actor.ServiceIDs) > 0 {
		return Dashboard{}, ErrForbidden
	}

	enteID, err := g.enteOfFigures(ctx, actor, query.EnteID)
	if err != nil {
		return Dashboard{}, err
	}

	days, err := query.period()
	if err != nil {
		return Dashboard{}, err
	}

	board := newBoard(enteID, days)
	board.PartPriceMicros = g.SMSPartPriceMicros

	figures, err := g.Store.Figures(ctx, db.FigureFilter{EnteID: enteID, From: days[0], To: days[len(days)-1].AddDate(0, 0, 1)})
	if err != nil {
		return Dashboard{}, storeError("reading the figures", err)
	}

	for _, figure := range figures {
		board.add(figure)
	}

	states, err := g.Store.OpenStates(ctx, enteID)
	if err != nil {
		return Dashboard{}, storeError("reading what is open", err)
	}

	board.addOpen(states)

	if board.Unused, err = g.unused(ctx, enteID, &board); err != nil {
		return Dashboard{}, err
	}

	return board.finished(), nil
}

// enteOfFigures is whose figures are asked for; empty: everybody's.
func (g *Gateway) enteOfFigures(ctx context.Context, actor Actor, wished string) (string, error) {
	switch {
	case wished == "" && !actor.seesEveryEnte():
		wished = actor.EnteID
	case wished == "":
		return "", nil
	}

	if !actor.SeesEnte(wished) {
		return "", ErrNotFound
	}

	if _, err := g.Store.Ente(ctx, wished); err != nil {
		return "", storeError("reading the Ente", err)
	}

	return wished, nil
}

// period are the days asked for, the oldest first.
func (q DashboardQuery) period() ([]time.Time, error) {
	count := q.Days
	if count == 0 {
		count = defaultDays
	}

	if count < 1 || count > maxDays {
		return nil, invalid("days", "range", "1 to 366", "da 1 a 366")
	}

	italy, err := time.LoadLocation(italianZone)
	if err != nil {
		return nil, fmt.Errorf("loading the Italian time zone: %w", err)
	}

	now := q.Now
	if now.IsZero() {
		now = time.Now()
	}

	year, month, today := now.In(italy).Date()

	days := make([]time.Time, count)
	for i := range days {
		days[i] = time.Date(year, month, today-count+1+i, 0, 0, 0, 0, italy)
	}

	return days, nil
}

// unused tells whether nothing was ever accepted, which the period's figures often rule out.
func (g *Gateway) unused(ctx context.Context, enteID string, board *board) (bool, error) {
	if len(board.Open) > 0 || board.Total().Accepted() > 0 {
		return false, nil
	}

	counts, err := g.Store.Counts(ctx, db.Filter{EnteID: enteID}, 1)
	if err != nil {
		return false, storeError("counting notifications", err)
	}

	return len(counts.ByStatus) == 0, nil
}

// CountLimit is how far notifications are counted where no figure tells their number.
const CountLimit = 10_000

func sortedCounts(counts map[notification.Reason]int) []ReasonCount {
	sorted := make([]ReasonCount, 0, len(counts))

	for reason, count := range counts {
		if count > 0 {
			sorted = append(sorted, ReasonCount{Reason: reason, Count: count})
		}
	}

	slices.SortFunc(sorted, compareCounts)

	return sorted
}
