package activities

import (
	"context"
	"strconv"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
)

const (
	hoursOfADay = 24
	// recentDays are compared each time, and of the others before them one after the other, a day each hour.
	recentDays = 3
	olderDays  = 87
)

// sums compares, day by day, what the figures keep with a recount, and what was accepted with what has ended and what is open.
// Each day is read in one statement and so as of one moment: a difference is beyond doubt at once.
func (c *comparison) sums(ctx context.Context) error {
	now := time.Now()
	offset, _ := strconv.Atoi(c.page.Cursor) // none: today
	older := recentDays + int(now.Unix()/int64(time.Hour/time.Second))%olderDays

	ago := offset
	if offset == recentDays {
		ago = older
	}

	day := now.Add(-time.Duration(ago) * hoursOfADay * time.Hour)

	rows, err := c.Store.SumsOfDay(ctx, day)
	if err != nil {
		return storeFault("comparing the figures", err)
	}

	activity.RecordHeartbeat(ctx)

	name := c.Store.ItalianDay(day)
	differs := make(map[string]*ofEnte)

	for _, row := range rows {
		one, known := differs[row.EnteID]
		if !known {
			one = &ofEnte{byState: map[stateOfSum]int{}}
			differs[row.EnteID] = one
		}

		one.add(row)
	}

	for enteID, one := range differs {
		c.result.Looked += one.counted + one.open

		if err := c.sumOf(ctx, name, enteID, one); err != nil {
			return err
		}

		if offset < recentDays {
			c.result.Sums = c.result.Sums.Add(one.sums(name))
		}
	}

	if offset < recentDays {
		c.result.Next = strconv.Itoa(offset + 1)
	}

	return nil
}

// stateOfSum is what a sum is about.
type stateOfSum struct {
	status  notification.Status
	channel notification.Channel
	reason  notification.Reason
}

// ofEnte are the sums of an Ente's notifications of one day.
type ofEnte struct {
	kept, counted, open, scheduled, onHold int
	// byState is how many more are counted than kept.
	byState map[stateOfSum]int
}

func (o *ofEnte) add(row db.SumRow) {
	state := stateOfSum{row.Status, row.Channel, row.Reason}

	switch {
	case row.Source == db.SumKept:
		o.kept += row.Total
		o.byState[state] -= row.Total
	case row.Open:
		o.open += row.Total
	default:
		o.counted += row.Total
		o.byState[state] += row.Total
	}

	switch row.Status {
	case notification.StatusScheduled:
		o.scheduled += row.Total
	case notification.StatusOnHold:
		o.onHold += row.Total
	default:
	}
}

// difference is how many notifications are in another state by the figures than by the count: one that is under another
// state makes one too many there and one too few here.
func (o *ofEnte) difference() int {
	more, less := 0, 0

	for _, by := range o.byState {
		more += max(by, 0)
		less += max(-by, 0)
	}

	return max(more, less)
}

func (o *ofEnte) sums(day string) notification.Sums {
	return notification.Sums{
		Since: day, Accepted: o.counted + o.open, Settled: o.counted, Kept: o.kept, Open: o.open,
		Scheduled: o.scheduled, OnHold: o.onHold,
	}
}

func (c *comparison) sumOf(ctx context.Context, day, enteID string, sums *ofEnte) error {
	difference := sums.difference()
	if difference == 0 {
		return nil
	}

	before := c.result.Difference

	err := c.found(ctx, notification.Finding{
		Code: notification.FindingFiguresDiffer, Subject: notification.SubjectDay, SubjectID: day + "/" + enteID, EnteID: enteID,
		Action: notification.ActionPerson,
		Detail: map[string]string{
			"kept": strconv.Itoa(sums.kept), "counted": strconv.Itoa(sums.counted), "difference": strconv.Itoa(difference),
		},
	})

	if c.result.Difference > before {
		// Here the notifications count, and not the days.
		c.result.Difference = before + difference
	}

	return err
}
