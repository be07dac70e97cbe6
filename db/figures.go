package db

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
	_ "time/tzdata" // Italian days on machines that have no time zone data, too

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// Measure is what a figure counts.
type Measure string

// The measures.
const (
	// MeasureOpen counts notifications that have not ended. It is never stored: they are counted as they are.
	MeasureOpen Measure = "open"
	// MeasureSettled counts notifications that have ended, by status, channel and reason.
	MeasureSettled Measure = "settled"
	// MeasureSMSParts counts the parts of SMS that were handed over, whatever became of them: they are billed.
	MeasureSMSParts Measure = "sms_parts"
	// MeasureToIO counts notifications by the time until they were first handed over to IO.
	MeasureToIO Measure = "to_io"
	// MeasureToDelivery counts the delivered ones by channel and by the time until then.
	MeasureToDelivery Measure = "to_delivery"
)

const (
	// nobody stands for the Ente, and for the service, in figures that have none.
	nobody = "00000000-0000-0000-0000-000000000000"

	italianZone = "Europe/Rome"
	// hourLayout is how the hour of acceptance is written, in UTC.
	hourLayout = "2006-01-02 15"

	// figuresAtOnce is how many figures one statement writes: SQLite takes 32,766 parameters.
	figuresAtOnce = 1000
)

// figureRow is one sum of daily_figures.
type figureRow struct {
	Key   figureKey `gorm:"embedded"`
	Total int64
}

// TableName is GORM's hook.
func (figureRow) TableName() string { return "daily_figures" }

// figureKey is what a sum is about.
type figureKey struct {
	EnteID    string               `gorm:"primaryKey"`
	ServiceID string               `gorm:"primaryKey"`
	Measure   Measure              `gorm:"primaryKey"`
	Day       string               `gorm:"primaryKey"` // of acceptance, in Italy
	Status    notification.Status  `gorm:"primaryKey"`
	Channel   notification.Channel `gorm:"primaryKey"`
	Reason    notification.Reason  `gorm:"primaryKey"`
	// Bucket is that of a time, see the migration; 0: no time.
	Bucket int `gorm:"primaryKey;autoIncrement:false"`
}

// changeRow is what a trigger noted of one change.
type changeRow struct {
	ID        int64
	EnteID    string
	ServiceID string
	Hour      string
	Measure   Measure
	Status    notification.Status
	Channel   notification.Channel
	Reason    notification.Reason
	Bucket    int
	Total     int
}

// TableName is GORM's hook.
func (changeRow) TableName() string { return "figure_changes" }

// FoldFigures adds what has changed to the figures, at most so many changes, and tells how many they were. Any number of
// processes may do so at once: each change is taken by one of them, and is gone with the transaction that adds it.
func (s *Store) FoldFigures(ctx context.Context, atMost int) (folded int, err error) {
	err = s.transaction(ctx, "folding the figures", func(tx *gorm.DB) error {
		var changes []changeRow
		if err := takeChanges(tx, atMost).Scan(&changes).Error; err != nil {
			return reduce("taking changes", err)
		}

		folded = len(changes)

		sums, err := s.sums(changes)
		if err != nil {
			return err
		}

		return addFigures(ctx, tx, sums)
	})
	if err != nil {
		return 0, err
	}

	return folded, nil
}

// takeChanges removes the oldest changes and gives them. On PostgreSQL it leaves out what another process is just taking.
func takeChanges(tx *gorm.DB, atMost int) *gorm.DB {
	lock := ""
	if tx.Name() == postgresName {
		lock = " FOR UPDATE SKIP LOCKED"
	}

	return tx.Raw("DELETE FROM figure_changes WHERE id IN (SELECT id FROM figure_changes ORDER BY id LIMIT ?"+lock+") RETURNING *", atMost)
}

// sums adds the changes up, each for its service, its Ente and the whole gateway.
func (s *Store) sums(changes []changeRow) (map[figureKey]int64, error) {
	sums := make(map[figureKey]int64)

	for _, change := range changes {
		day, err := s.dayOf(change.Hour)
		if err != nil {
			return nil, err
		}

		for _, key := range change.keys(day) {
			sums[key] += int64(change.Total)
		}
	}

	return sums, nil
}

// keys are the figures that a change is about.
func (r changeRow) keys(day string) []figureKey {
	key := figureKey{
		EnteID: r.EnteID, ServiceID: r.ServiceID, Measure: r.Measure, Day: day,
		Status: r.Status, Channel: r.Channel, Reason: r.Reason, Bucket: r.Bucket,
	}

	if r.Measure == MeasureToIO {
		return key.above()
	}

	key.Bucket = 0
	keys := append(key.above(), key)

	if r.Measure == MeasureSettled && r.Bucket > 0 {
		took := figureKey{EnteID: r.EnteID, Measure: MeasureToDelivery, Day: day, Channel: r.Channel, Bucket: r.Bucket}
		keys = append(keys, took.above()...)
	}

	return keys
}

// above are the same figures of the whole Ente and of the whole gateway.
func (k figureKey) above() []figureKey {
	ofEnte, ofAll := k, k
	ofEnte.ServiceID = nobody
	ofAll.EnteID, ofAll.ServiceID = nobody, nobody

	return []figureKey{ofEnte, ofAll}
}

// addFigures writes the sums in the order of their keys, in which everybody does: nobody waits in a circle.
func addFigures(ctx context.Context, tx *gorm.DB, sums map[figureKey]int64) error {
	rows := make([]figureRow, 0, len(sums))

	for _, key := range slices.SortedFunc(maps.Keys(sums), compareFigures) {
		if sums[key] != 0 {
			rows = append(rows, figureRow{Key: key, Total: sums[key]})
		}
	}

	if len(rows) == 0 {
		return nil
	}

	add := clause.OnConflict{
		Columns: []clause.Column{
			{Name: columnEnteID},
			{Name: "service_id"},
			{Name: "measure"},
			{Name: "day"},
			{Name: "status"},
			{Name: "channel"},
			{Name: "reason"},
			{Name: "bucket"},
		},
		DoUpdates: clause.Assignments(map[string]any{"total": gorm.Expr("daily_figures.total + excluded.total")}),
	}

	return reduce("adding to the figures", gorm.G[figureRow](tx, add).CreateInBatches(ctx, &rows, figuresAtOnce))
}

func compareFigures(a, b figureKey) int {
	return cmp.Or(cmp.Compare(a.EnteID, b.EnteID), cmp.Compare(a.ServiceID, b.ServiceID), cmp.Compare(a.Measure, b.Measure),
		cmp.Compare(a.Day, b.Day), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Channel, b.Channel),
		cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Bucket, b.Bucket))
}

// BucketTime stands for all times of a bucket: it is off by a tenth at the most. Each bucket reaches a fifth further than the
// one before, in milliseconds, and the time is in its middle.
func BucketTime(bucket int) time.Duration {
	const growth, middle = 1.2, 0.5

	return time.Duration(math.Pow(growth, float64(bucket)-middle) * float64(time.Millisecond))
}

// dayOf is the Italian day of an hour in UTC.
func (s *Store) dayOf(hour string) (string, error) {
	began, err := time.Parse(hourLayout, hour)
	if err != nil {
		return "", fmt.Errorf("reading the hour of a figure: %w", ErrInvalid)
	}

	return began.In(s.italy).Format(time.DateOnly), nil
}
