package gateway

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// board is a dashboard that is being put together.
type board struct {
	Dashboard

	days                                map[string]*Outcomes
	failed, notDelivered                map[notification.Reason]int
	toIO, toDeliveryOnIO, toDeliverySMS map[int]int // by bucket
}

func newBoard(enteID string, days []time.Time) board {
	made := board{
		Dashboard: Dashboard{EnteID: enteID, Days: make([]DayFigures, len(days))},
		days:      make(map[string]*Outcomes, len(days)),
		failed:    map[notification.Reason]int{}, notDelivered: map[notification.Reason]int{},
		toIO: map[int]int{}, toDeliveryOnIO: map[int]int{}, toDeliverySMS: map[int]int{},
	}

	for i, day := range days {
		made.Days[i].Day = day
		made.days[day.Format(time.DateOnly)] = &made.Days[i].Outcomes
	}

	return made
}

func (b *board) add(figure db.Figure) {
	switch figure.Measure {
	case db.MeasureToIO:
		b.toIO[figure.Bucket] += figure.Total

		return
	case db.MeasureToDelivery:
		b.addDelivery(figure)

		return
	case db.MeasureSettled:
		// What is not folded yet tells an end and its time in one.
		if figure.Bucket > 0 {
			b.addDelivery(figure)
		}
	case db.MeasureOpen, db.MeasureSMSParts:
	}

	day, known := b.days[figure.Day]
	if !known {
		return
	}

	if figure.Measure == db.MeasureSMSParts {
		day.SMSParts += figure.Total

		return
	}

	*counterOf(day, figure) += figure.Total

	switch figure.Status {
	case notification.StatusFailed:
		b.failed[figure.Reason] += figure.Total
	case notification.StatusNotDelivered:
		b.notDelivered[figure.Reason] += figure.Total
	default:
	}
}

func (b *board) addDelivery(figure db.Figure) {
	if figure.Channel == notification.ChannelSMS {
		b.toDeliverySMS[figure.Bucket] += figure.Total
	} else {
		b.toDeliveryOnIO[figure.Bucket] += figure.Total
	}
}

func counterOf(outcomes *Outcomes, figure db.Figure) *int {
	switch figure.Status {
	case notification.StatusDelivered:
		if figure.Channel == notification.ChannelSMS {
			return &outcomes.DeliveredBySMS
		}

		return &outcomes.DeliveredOnIO
	case notification.StatusNotDelivered:
		return &outcomes.NotDelivered
	case notification.StatusFailed:
		return &outcomes.Failed
	case notification.StatusExpired:
		return &outcomes.Expired
	case notification.StatusCancelled:
		return &outcomes.Cancelled
	case notification.StatusOnHold:
		return &outcomes.OnHold
	case notification.StatusScheduled:
		return &outcomes.Scheduled
	case notification.StatusAccepted, notification.StatusInProgress:
		return &outcomes.InProgress
	default:
		return &outcomes.InProgress
	}
}

func (o Outcomes) plus(other Outcomes) Outcomes {
	o.DeliveredOnIO += other.DeliveredOnIO
	o.DeliveredBySMS += other.DeliveredBySMS
	o.NotDelivered += other.NotDelivered
	o.Failed += other.Failed
	o.Expired += other.Expired
	o.Cancelled += other.Cancelled
	o.OnHold += other.OnHold
	o.Scheduled += other.Scheduled
	o.InProgress += other.InProgress
	o.SMSParts += other.SMSParts

	return o
}

func (b *board) addOpen(states []db.OpenState) {
	for _, state := range states {
		b.Open = append(b.Open, OpenCount{
			ReasonCount: ReasonCount{Reason: state.Reason, Count: state.Total}, Status: state.Status, Oldest: state.Oldest,
		})
	}

	slices.SortFunc(b.Open, func(a, b OpenCount) int {
		return cmp.Or(compareCounts(a.ReasonCount, b.ReasonCount), cmp.Compare(a.Status, b.Status))
	})
}

func (b *board) finished() Dashboard {
	b.Failed, b.NotDelivered = sortedCounts(b.failed), sortedCounts(b.notDelivered)
	b.ToIO, b.ToDeliveryOnIO, b.ToDeliveryBySMS = timesOf(b.toIO), timesOf(b.toDeliveryOnIO), timesOf(b.toDeliverySMS)

	return b.Dashboard
}

// compareCounts puts the most first.
func compareCounts(a, b ReasonCount) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
}

// timesOf reads the median and the 95th percentile, each by its nearest rank, out of numbers by bucket.
func timesOf(buckets map[int]int) Times {
	const median, mostOf = 0.5, 0.95

	times := Times{}
	for _, count := range buckets {
		times.Count += count
	}

	times.Median, times.P95 = quantile(buckets, times.Count, median), quantile(buckets, times.Count, mostOf)

	return times
}

func quantile(buckets map[int]int, count int, share float64) time.Duration {
	rank := int(math.Ceil(float64(count) * share))

	for _, bucket := range slices.Sorted(maps.Keys(buckets)) {
		if rank -= buckets[bucket]; rank <= 0 && buckets[bucket] > 0 {
			return db.BucketTime(bucket)
		}
	}

	return 0
}
