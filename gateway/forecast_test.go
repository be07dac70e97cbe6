package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// forecastNow is a whole second, as the ends of forecasts are.
func forecastNow() time.Time { return time.Date(2026, time.December, 1, 10, 0, 0, 0, time.UTC) }

// tenThousand is a draft of 10,000 good rows, of which half have a phone, and whose SMS have two parts.
func tenThousand() gateway.ForecastBasis {
	return gateway.ForecastBasis{
		Batch: notification.Batch{
			Status: notification.BatchDraft,
			Counts: notification.BatchCounts{Rows: 10_000, Good: 10_000, WithPhone: 5_000, SMSParts: 10_000},
		},
		Progress:        notification.BatchProgress{ToSend: 10_000, Queued: 10_000},
		IOCalls:         notification.DefaultIOCalls,
		FallsBack:       true,
		PartPriceMicros: 70_000, // 7 cents
		Now:             forecastNow(),
	}
}

func sampled(onIO, notOnIO, unreachable int) func(*gateway.ForecastBasis) {
	return func(b *gateway.ForecastBasis) {
		b.Batch.Sample = notification.BatchSample{
			State: notification.SampleDone, Asked: onIO + notOnIO + unreachable,
			OnIO: onIO, NotOnIO: notOnIO, Unreachable: unreachable,
		}
	}
}

func sending(started time.Duration, settled int) func(*gateway.ForecastBasis) {
	return func(b *gateway.ForecastBasis) {
		b.Batch.Status = notification.BatchSending
		b.Batch.StartedAt = forecastNow().Add(-started)
		b.Progress.Queued, b.Progress.InProgress, b.Progress.DeliveredIO = 3_000, 1_000, 6_000
		b.Settled = settled
	}
}

// IO's usual quota is 150 calls in 5 seconds. At 98 % of it these are 29.4 calls a second: three for a citizen on IO.
func TestForecast(t *testing.T) {
	t.Parallel()

	const perMinute = 29.4 * 60

	cases := map[string]struct {
		changes []func(*gateway.ForecastBasis)
		want    gateway.Forecast
	}{
		"nobody was asked": {
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3,
				SMS: 5_000, SMSParts: 10_000, Unreachable: 5_000, CostMicros: 700_000_000,
			},
		},
		"a sample that is under way counts for nothing": {
			changes: []func(*gateway.ForecastBasis){sampled(1, 1, 0), func(b *gateway.ForecastBasis) {
				b.Batch.Sample.State = notification.SampleRunning
			}},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3,
				SMS: 5_000, SMSParts: 10_000, Unreachable: 5_000, CostMicros: 700_000_000,
			},
		},
		"a sample to which IO gave no answer counts for nothing": {
			changes: []func(*gateway.ForecastBasis){sampled(0, 0, 0)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3,
				SMS: 5_000, SMSParts: 10_000, Unreachable: 5_000, CostMicros: 700_000_000,
			},
		},
		"three in four are on IO": {
			changes: []func(*gateway.ForecastBasis){sampled(150, 40, 10)},
			// 7,500 × 3 + 2,500 calls.
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 851 * time.Second, Rate: perMinute / 2.5, Sampled: true,
				SMS: 2_000, SMSParts: 4_000, Unreachable: 500, CostMicros: 280_000_000,
			},
		},
		"all are on IO": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Sampled: true,
			},
		},
		"thirds of the money are rounded up": {
			changes: []func(*gateway.ForecastBasis){sampled(2, 1, 0)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 794 * time.Second, Rate: perMinute / (7. / 3), Sampled: true,
				SMS: 3_334, SMSParts: 6_668, CostMicros: 466_760_000,
			},
		},
		"the service sends no SMS": {
			changes: []func(*gateway.ForecastBasis){sampled(150, 40, 10), func(b *gateway.ForecastBasis) { b.FallsBack = false }},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 851 * time.Second, Rate: perMinute / 2.5, Sampled: true, Unreachable: 2_500,
			},
		},
		"the service sends no SMS and nobody was asked": {
			changes: []func(*gateway.ForecastBasis){func(b *gateway.ForecastBasis) { b.FallsBack = false }},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Unreachable: 10_000,
			},
		},
		"no price": {
			changes: []func(*gateway.ForecastBasis){func(b *gateway.ForecastBasis) { b.PartPriceMicros = 0 }},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3,
				SMS: 5_000, SMSParts: 10_000, Unreachable: 5_000,
			},
		},
		"a larger quota": {
			changes: []func(*gateway.ForecastBasis){func(b *gateway.ForecastBasis) { b.IOCalls = 1_500 }},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 103 * time.Second, Rate: perMinute * 10 / 3,
				SMS: 5_000, SMSParts: 10_000, Unreachable: 5_000, CostMicros: 700_000_000,
			},
		},
		"nothing to send": {
			changes: []func(*gateway.ForecastBasis){func(b *gateway.ForecastBasis) {
				b.Progress, b.Batch.Counts = notification.BatchProgress{}, notification.BatchCounts{Bad: 3}
			}},
		},
		"scheduled": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), func(b *gateway.ForecastBasis) {
				b.Batch.Status, b.Batch.SendAt = notification.BatchScheduled, forecastNow().Add(time.Hour)
			}},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Sampled: true,
				EndsAt: forecastNow().Add(time.Hour + 1_021*time.Second),
			},
		},
		"sending, with a rate to be seen": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), sending(time.Hour, 500)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: 500, Sampled: true,
				EndsAt: forecastNow().Add(8 * time.Minute),
			},
		},
		"sending for half a minute": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), sending(30*time.Second, 200)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: 400, Sampled: true,
				EndsAt: forecastNow().Add(10 * time.Minute),
			},
		},
		"just begun": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), sending(5*time.Second, 100)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Sampled: true,
				// 4,000 at 588 a minute.
				EndsAt: forecastNow().Add(408 * time.Second),
			},
		},
		"sending, and nothing has ended of late": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), sending(time.Hour, 0)},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Sampled: true,
				EndsAt: forecastNow().Add(408 * time.Second),
			},
		},
		"paused: nobody knows": {
			changes: []func(*gateway.ForecastBasis){sampled(200, 0, 0), sending(time.Hour, 500), func(b *gateway.ForecastBasis) {
				b.Batch.Status = notification.BatchPaused
			}},
			want: gateway.Forecast{
				ToSend: 10_000, Duration: 1_021 * time.Second, Rate: perMinute / 3, Sampled: true,
			},
		},
	}

	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			basis := tenThousand()
			for _, change := range test.changes {
				change(&basis)
			}

			got := basis.Forecast()

			require.InDelta(t, test.want.Rate, got.Rate, 0.001)

			got.Rate = test.want.Rate
			require.Equal(t, test.want, got)
		})
	}
}
