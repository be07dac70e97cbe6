package gateway

import (
	"math"
	"time"

	"github.com/genio-gateway/genio/notification"
)

const (
	// callsOnIO are those for a citizen on IO: the profile, the message and its status. Who is not there costs the
	// first one only.
	callsOnIO    = 3
	callsNotOnIO = 1

	// ioPace is the share of IO's quota that GeNIO uses.
	ioPace = 0.98

	// rateWindow is how far back the rate of a batch under way is measured, and rateSettles how much of it has to have
	// gone by: the first notifications take as long as one notification takes.
	rateWindow  = time.Minute
	rateSettles = 15 * time.Second
)

// forecastBasis is what a forecast is made of.
type forecastBasis struct {
	batch    notification.Batch
	progress notification.BatchProgress
	// ioCalls is how many calls IO allows the Ente in notification.IOWindow.
	ioCalls int
	// fallsBack tells that the service sends an SMS to whom IO does not reach.
	fallsBack bool
	// partPriceMicros is what one part of an SMS costs, in millionths of a euro; 0: not known.
	partPriceMicros int64
	// settled is how many notifications ended within rateWindow before now.
	settled int
	now     time.Time
}

// forecast says what sending the batch will take, or, while it is sent, when it will be through.
func (b forecastBasis) forecast() Forecast {
	shares := b.shares()
	toSend := float64(b.progress.ToSend)
	calls := toSend * (shares.onIO*callsOnIO + (1-shares.onIO)*callsNotOnIO)
	perSecond := float64(b.ioCalls) * ioPace / notification.IOWindow.Seconds()

	result := Forecast{ToSend: b.progress.ToSend, Sampled: shares.sampled}

	if calls > 0 && perSecond > 0 {
		seconds := calls / perSecond
		result.Duration = time.Duration(math.Ceil(seconds)) * time.Second
		result.Rate = toSend / seconds * time.Minute.Seconds()
	}

	b.addSMS(&result, shares)
	b.addEnd(&result)

	return result
}

// shares are those of the rows whose citizens are reached on IO, are not and have a phone, or are not and have none.
// Where nobody was asked, all of them are the most that there can be, and add up to more than one.
type shares struct {
	sampled                    bool
	onIO, notOnIO, unreachable float64
}

func (b forecastBasis) shares() shares {
	sample := b.batch.Sample

	known := float64(sample.OnIO + sample.NotOnIO + sample.Unreachable)
	if sample.State == notification.SampleDone && known > 0 {
		return shares{
			sampled:     true,
			onIO:        float64(sample.OnIO) / known,
			notOnIO:     float64(sample.NotOnIO) / known,
			unreachable: float64(sample.Unreachable) / known,
		}
	}

	if b.batch.Counts.Good == 0 {
		return shares{onIO: 1}
	}

	withPhone := min(1, float64(b.batch.Counts.WithPhone)/float64(b.batch.Counts.Good))

	return shares{onIO: 1, notOnIO: withPhone, unreachable: 1 - withPhone}
}

// addSMS rounds up what costs money. The parts of one SMS are those of the file's average.
func (b forecastBasis) addSMS(result *Forecast, shares shares) {
	toSend := float64(b.progress.ToSend)

	if !b.fallsBack {
		result.Unreachable = ceil(toSend * min(1, shares.notOnIO+shares.unreachable))

		return
	}

	result.SMS = ceil(toSend * shares.notOnIO)
	result.Unreachable = min(b.progress.ToSend-result.SMS, ceil(toSend*shares.unreachable))

	if counts := b.batch.Counts; counts.WithPhone > 0 {
		result.SMSParts = ceil(float64(result.SMS) * float64(counts.SMSParts) / float64(counts.WithPhone))
	}

	result.CostMicros = int64(result.SMSParts) * b.partPriceMicros
}

// ceil forgives what floating point adds to a whole number.
func ceil(number float64) int {
	const rounding = 1e-9

	return int(math.Ceil(number - rounding))
}

// addEnd knows an end only for a batch that has its time. What a person holds back is not waited for.
func (b forecastBasis) addEnd(result *Forecast) {
	switch b.batch.Status {
	case notification.BatchScheduled:
		result.EndsAt = b.batch.SendAt.Add(result.Duration)
	case notification.BatchSending:
		b.measure(result)

		open := float64(b.progress.Queued + b.progress.InProgress)
		if result.Rate > 0 {
			result.EndsAt = b.now.Add(time.Duration(open / result.Rate * float64(time.Minute))).Truncate(time.Second)
		}
	case notification.BatchChecking, notification.BatchMapping, notification.BatchUnreadable, notification.BatchDraft,
		notification.BatchPaused, notification.BatchCompleted, notification.BatchCancelled, notification.BatchDiscarded:
	}
}

// measure puts the rate that is seen in the place of the one that was expected, once there is something to see.
func (b forecastBasis) measure(result *Forecast) {
	if b.batch.StartedAt.IsZero() || b.settled == 0 {
		return
	}

	under := min(b.now.Sub(b.batch.StartedAt), rateWindow)
	if under < rateSettles {
		return
	}

	result.Rate = float64(b.settled) / under.Minutes()
}
