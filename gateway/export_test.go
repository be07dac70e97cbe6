package gateway

import (
	"context"
	"io"
	"time"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

// OccupyHashing takes every turn to work on a password, until they are released.
func (g *Gateway) OccupyHashing() (release func()) {
	var giveBack []func()

	for range cap(g.hashing) {
		if back, err := g.hashing.take(context.Background()); err == nil {
			giveBack = append(giveBack, back)
		}
	}

	return func() {
		for _, back := range giveBack {
			back()
		}
	}
}

// NobodysHash is the hash that stands in where there is no account.
func NobodysHash() string { return nobodysHash() }

// ForecastBasis is what a forecast is made of, to be written down in a test's table.
type ForecastBasis struct {
	Batch           notification.Batch
	Progress        notification.BatchProgress
	IOCalls         int
	FallsBack       bool
	PartPriceMicros int64
	Settled         int
	Now             time.Time
}

// Forecast is the forecast.
func (b ForecastBasis) Forecast() Forecast {
	return forecastBasis{
		batch: b.Batch, progress: b.Progress, ioCalls: b.IOCalls, fallsBack: b.FallsBack,
		partPriceMicros: b.PartPriceMicros, settled: b.Settled, now: b.Now,
	}.forecast()
}

// WriteTable writes rows of texts as reports do; a text behind a # is a number.
func WriteTable(w io.Writer, format TableFormat, rows ...[]string) error {
	writes, err := newTable(w, format, "Prova & \"prova\"")
	if err != nil {
		return err
	}

	for _, row := range rows {
		cells := texts(row...)

		for i, value := range row {
			if len(value) > 1 && value[0] == '#' {
				cells[i] = cell{text: value[1:], number: true}
			}
		}

		if err := writes.write(cells); err != nil {
			return err
		}
	}

	return writes.close()
}

// ColumnLetters is what spreadsheets call a column.
func ColumnLetters(column int) string { return columnLetters(column) }

// AcceptingAt is Accepting at a moment.
func (s *Starter) AcceptingAt(count int, at time.Time) (done func()) { return s.way.accept(count, at) }

// FreeAt tells whether a start may begin at a moment.
func (s *Starter) FreeAt(at time.Time) bool { return s.way.freeAt(at.UnixNano()) }

// OfferSince is Offer of something that has waited since then.
func (s *Starter) OfferSince(start db.Start, since time.Time) { s.backlog.pushSince(start, since) }
