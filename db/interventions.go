package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// interventionRow is an intervention and, at once, its workflow's outbox: start_due says that it has to be started.
type interventionRow struct {
	ID            string
	EnteID        *string
	Act           notification.InterventionAct
	Choice        string
	Filter        notification.InterventionFilter `gorm:"serializer:json"`
	Why           string
	Status        notification.InterventionStatus
	ByID          string
	ByName        string
	ByRole        string
	ByEnteID      *string
	Matched       int
	Expected      int
	Total         *int
	CreatedAt     time.Time
	StartedAt     *time.Time
	EndedAt       *time.Time
	StoppedByID   string
	StoppedByName string
	StartDue      bool
}

// TableName is GORM's hook.
func (interventionRow) TableName() string { return "interventions" }

func (r interventionRow) intervention() notification.Intervention {
	total := -1
	if r.Total != nil {
		total = *r.Total
	}

	return notification.Intervention{
		ID: r.ID, EnteID: textOrEmpty(r.EnteID), Act: r.Act, Choice: r.Choice, Filter: r.Filter, Why: r.Why, Status: r.Status,
		ByID: r.ByID, ByName: r.ByName, ByRole: r.ByRole, ByEnteID: textOrEmpty(r.ByEnteID),
		Matched: r.Matched, Expected: r.Expected, Total: total, CreatedAt: r.CreatedAt.UTC(),
		StartedAt: timeOrZero(r.StartedAt), EndedAt: timeOrZero(r.EndedAt),
		StoppedByID: r.StoppedByID, StoppedByName: r.StoppedByName,
	}
}

// CreateIntervention keeps an intervention whose workflow has to be started.
func (s *Store) CreateIntervention(ctx context.Context, wanted notification.Intervention) error {
	const doing = "keeping an intervention"

	if err := checkIDs(wanted.ID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := interventionRow{
		ID: wanted.ID, EnteID: optionalText(wanted.EnteID), Act: wanted.Act, Choice: wanted.Choice, Filter: wanted.Filter,
		Why: wanted.Why, Status: notification.InterventionCollecting, ByID: wanted.ByID, ByName: wanted.ByName, ByRole: wanted.ByRole,
		ByEnteID: optionalText(wanted.ByEnteID), Matched: wanted.Matched, Expected: wanted.Expected,
		CreatedAt: stampOr(wanted.CreatedAt, s.now()), StartDue: true,
	}

	return reduce(doing, create(ctx, s, &row))
}

// Intervention reads an intervention.
func (s *Store) Intervention(ctx context.Context, id string) (notification.Intervention, error) {
	row, err := gorm.G[interventionRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Intervention{}, reduce("reading an intervention", err)
	}

	return row.intervention(), nil
}

// InterventionFilter says which interventions are meant. Zero fields do not filter.
type InterventionFilter struct {
	EnteID   string
	Statuses []notification.InterventionStatus
}

// Interventions gives a page of interventions, the newest first, and tells whether there are more after it. The cursor's
// AcceptedAt is the intervention's creation.
func (s *Store) Interventions(
	ctx context.Context, filter InterventionFilter, after Cursor, limit int,
) (page []notification.Intervention, more bool, err error) {
	query := gorm.G[interventionRow](s.gorm).Order("created_at DESC, id DESC").Limit(limit + 1)

	if filter.EnteID != "" {
		query = query.Where("ente_id = ?", filter.EnteID)
	}

	if len(filter.Statuses) > 0 {
		query = query.Where("status IN ?", filter.Statuses)
	}

	if after.ID != "" {
		query = query.Where("(created_at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, false, reduce("listing interventions", err)
	}

	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}

	page = make([]notification.Intervention, len(rows))
	for i, row := range rows {
		page[i] = row.intervention()
	}

	return page, more, nil
}

// UnstartedInterventions lists the interventions whose workflow was not started since before olderThan.
func (s *Store) UnstartedInterventions(ctx context.Context, olderThan time.Time, limit int) ([]notification.Intervention, error) {
	rows, err := gorm.G[interventionRow](s.gorm).Where("start_due AND created_at < ?", stamp(olderThan)).
		Order(columnCreatedAt).Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing interventions to start", err)
	}

	found := make([]notification.Intervention, len(rows))
	for i, row := range rows {
		found[i] = row.intervention()
	}

	return found, nil
}

// MarkInterventionStarted notes that the workflow was started.
func (s *Store) MarkInterventionStarted(ctx context.Context, id string) error {
	updated, err := gorm.G[interventionRow](s.gorm).Where("id = ?", id).Update(ctx, "start_due", false)

	return changedOne("recording an intervention's workflow", updated, err)
}

// StopIntervention ends an intervention by a person's wish. What was done stays done. [ErrConflict] where it has ended.
func (s *Store) StopIntervention(ctx context.Context, id, byID, byName string) error {
	return s.changeIntervention(ctx, "stopping an intervention", id, func(row *interventionRow) error {
		if row.Status.Final() {
			return fmt.Errorf("the intervention has ended: %w", ErrConflict)
		}

		now := s.now()
		row.Status, row.EndedAt, row.StoppedByID, row.StoppedByName, row.StartDue = notification.InterventionStopped, &now, byID, byName, false

		return nil
	})
}

// FinishIntervention notes that every item has been seen to. One that was stopped stays so.
func (s *Store) FinishIntervention(ctx context.Context, id string) error {
	return s.changeIntervention(ctx, "ending an intervention", id, func(row *interventionRow) error {
		if !row.Status.Final() {
			now := s.now()
			row.Status, row.EndedAt = notification.InterventionCompleted, &now
		}

		return nil
	})
}

func (s *Store) changeIntervention(ctx context.Context, doing, id string, change func(row *interventionRow) error) error {
	return s.transaction(ctx, doing, func(tx *gorm.DB) error {
		row, err := gorm.G[interventionRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)
		if err != nil {
			return reduce("locking the intervention", err)
		}

		if err := change(&row); err != nil {
			return err
		}

		_, err = gorm.G[interventionRow](tx).Where("id = ?", id).
			Select("status", "total", "started_at", "ended_at", "stopped_by_id", "stopped_by_name", "start_due").Updates(ctx, row)

		return reduce("changing the intervention", err)
	})
}

// StateCount counts notifications that are alike.
type StateCount struct {
	Status    notification.Status
	Reason    notification.Reason
	EnteID    string
	ServiceID string
	Total     int
	// Phones is how many of them have a phone number, and ContentRemoved of how many the content was removed.
	Phones         int
	ContentRemoved int
}

// CountStates counts the notifications of a filter by status, reason and service.
func (s *Store) CountStates(ctx context.Context, filter Filter) ([]StateCount, error) {
	const doing = "counting notifications by state"

	query, err := s.filtered(s.gorm.WithContext(ctx), filter)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}

	var counts []StateCount

	err = query.Select("status, reason, ente_id, service_id, count(*) AS total, count(phone_hash) AS phones, " +
		"count(content_removed_at) AS content_removed").
		Group("status, reason, ente_id, service_id").Scan(&counts).Error
	if err != nil {
		return nil, reduce(doing, err)
	}

	slices.SortFunc(counts, func(a, b StateCount) int { return b.Total - a.Total })

	return counts, nil
}

// FilterOf is which notifications an intervention is about: those of its filter, as far as its author sees them and its act
// is possible, that were accepted before it was confirmed.
func FilterOf(in notification.Intervention) Filter {
	wanted := in.Filter
	filter := Filter{
		EnteID: wanted.EnteID, ServiceIDs: wanted.ServiceIDs, Statuses: narrowed(wanted.Statuses, in.Act.Statuses()),
		Reasons: narrowed(wanted.Reasons, in.Act.Reasons()), Channel: wanted.Channel, BatchID: wanted.BatchID,
		ExternalReference: wanted.ExternalReference, From: wanted.From, To: wanted.To,
		WithContent: in.Act.NeedsContent(),
	}

	if filter.To.IsZero() || in.CreatedAt.Before(filter.To) {
		filter.To = in.CreatedAt
	}

	return filter
}

// narrowed is what both lists hold, where an empty one holds everything. Where nothing is left, nothing matches.
func narrowed[T ~string](wanted, allowed []T) []T {
	if len(wanted) == 0 || len(allowed) == 0 {
		return slices.Concat(wanted, allowed)
	}

	both := slices.DeleteFunc(slices.Clone(wanted), func(one T) bool { return !slices.Contains(allowed, one) })
	if len(both) == 0 {
		return []T{"-"}
	}

	return both
}

// PurgeInterventions forgets the interventions that ended before a time, with what they did to each notification, and tells how
// many there were.
func (s *Store) PurgeInterventions(ctx context.Context, before time.Time) (int, error) {
	const doing = "forgetting interventions"

	purged := 0

	for {
		var ids []string

		err := s.gorm.WithContext(ctx).Model(&interventionRow{}).Where("ended_at IS NOT NULL AND ended_at < ?", stamp(before)).
			Order("ended_at").Limit(1).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return purged, reduce(doing, err)
		}

		if _, err := gorm.G[interventionItemRow](s.gorm).Where("intervention_id = ?", ids[0]).Delete(ctx); err != nil {
			return purged, reduce(doing, err)
		}

		gone, err := gorm.G[interventionRow](s.gorm).Where("id = ?", ids[0]).Delete(ctx)
		if err != nil {
			return purged, reduce(doing, err)
		}

		purged += gone
	}
}
