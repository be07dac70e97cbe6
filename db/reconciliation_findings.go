package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// findingRow is something that did not agree.
type findingRow struct {
	ID               string
	Check            notification.Check `gorm:"column:check_name"`
	Code             notification.FindingCode
	Subject          string
	SubjectID        string
	NotificationID   *string
	EnteID           *string
	Action           notification.FindingAction
	Lasting          bool
	Repairs          int
	Detail           map[string]string `gorm:"serializer:json"`
	FirstSeen        time.Time
	LastSeen         time.Time
	RunID            string
	ResolvedAt       *time.Time
	AcknowledgedAt   *time.Time
	AcknowledgedByID string
	AcknowledgedBy   string
	Note             string
}

// TableName is GORM's hook.
func (findingRow) TableName() string { return "reconciliation_findings" }

func (r findingRow) finding() notification.Finding {
	return notification.Finding{
		ID: r.ID, Check: r.Check, Code: r.Code, Subject: r.Subject, SubjectID: r.SubjectID,
		NotificationID: textOrEmpty(r.NotificationID), EnteID: textOrEmpty(r.EnteID), Action: r.Action, Lasting: r.Lasting,
		Repairs: r.Repairs, Detail: r.Detail, FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), RunID: r.RunID,
		ResolvedAt: timeOrZero(r.ResolvedAt), AcknowledgedAt: timeOrZero(r.AcknowledgedAt),
		AcknowledgedByID: r.AcknowledgedByID, AcknowledgedBy: r.AcknowledgedBy, Note: r.Note,
	}
}

// NoteFinding keeps what a reconciliation found and what came of it, Repaired or Person. What the same check found about the
// same thing before is found again: it keeps its beginning, and an acknowledgement as long as it was not over meanwhile. A
// repair counts once in each run, however often the page of that check is repeated.
// It gives the finding as it then stands.
func (s *Store) NoteFinding(ctx context.Context, found notification.Finding) (kept notification.Finding, err error) {
	err = s.transaction(ctx, "keeping a finding", func(tx *gorm.DB) error {
		now := s.now()
		fresh := findingRow{
			Check: found.Check, Code: found.Code, Subject: found.Subject, SubjectID: found.SubjectID,
			NotificationID: optionalText(found.NotificationID), EnteID: optionalText(found.EnteID), Action: found.Action,
			Lasting: found.Lasting, Detail: found.Detail, FirstSeen: now, LastSeen: now, RunID: found.RunID,
		}

		if fresh.Detail == nil {
			fresh.Detail = map[string]string{}
		}

		known, err := gorm.G[findingRow](tx, clause.Locking{Strength: noKeyUpdate}).
			Where("check_name = ? AND subject_id = ?", found.Check, found.SubjectID).Take(ctx)
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			err = addFinding(ctx, tx, &fresh)
		case err != nil:
			return reduce("reading what was found before", err)
		default:
			fresh = fresh.after(known)
			err = saveFinding(ctx, tx, fresh)
		}

		kept = fresh.finding()

		return err
	})
	if err != nil {
		return notification.Finding{}, err
	}

	return kept, nil
}

func addFinding(ctx context.Context, tx *gorm.DB, row *findingRow) (err error) {
	if row.ID, err = newID(); err != nil {
		return err
	}

	*row = row.counted(findingRow{})

	return reduce("adding a finding", gorm.G[findingRow](tx).Create(ctx, row))
}

// after is what was found now, about the same thing as before.
func (r findingRow) after(known findingRow) findingRow {
	r.ID, r.FirstSeen, r.Repairs, r.ResolvedAt = known.ID, known.FirstSeen, known.Repairs, known.ResolvedAt

	if known.ResolvedAt == nil && known.Code == r.Code {
		r.AcknowledgedAt, r.AcknowledgedByID, r.AcknowledgedBy, r.Note =
			known.AcknowledgedAt, known.AcknowledgedByID, known.AcknowledgedBy, known.Note
	}

	return r.counted(known)
}

// counted adds a repair of this run, if it is one, and says whether the finding is over.
func (r findingRow) counted(known findingRow) findingRow {
	if r.Action != notification.ActionRepaired {
		r.ResolvedAt = nil

		return r
	}

	if known.RunID != r.RunID || known.Action != notification.ActionRepaired {
		r.Repairs++
	}

	seen := r.LastSeen
	r.ResolvedAt = &seen

	return r
}

func saveFinding(ctx context.Context, tx *gorm.DB, row findingRow) error {
	_, err := gorm.G[findingRow](tx).Where("id = ?", row.ID).
		Select("code", "subject", "notification_id", "ente_id", "action", "lasting", "repairs", "detail", "first_seen", "last_seen",
			"run_id", "resolved_at", "acknowledged_at", "acknowledged_by_id", "acknowledged_by", "note").
		Updates(ctx, row)

	return reduce("changing a finding", err)
}

// RepairsOf tells how often a reconciliation before this one has put the same thing right.
func (s *Store) RepairsOf(ctx context.Context, check notification.Check, subjectID, exceptRun string) (int, error) {
	row, err := gorm.G[findingRow](s.gorm).Where("check_name = ? AND subject_id = ?", check, subjectID).Take(ctx)

	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return 0, nil
	case err != nil:
		return 0, reduce("reading what was found before", err)
	case row.RunID == exceptRun && row.Action == notification.ActionRepaired:
		// This very page, which is repeated.
		return row.Repairs - 1, nil
	}

	return row.Repairs, nil
}

// FindingFilter says which findings are meant. Zero fields do not filter.
type FindingFilter struct {
	// Open leaves out what is over or acknowledged.
	Open  bool
	RunID string
}

func (filter FindingFilter) on(tx *gorm.DB) *gorm.DB {
	query := tx.Model(&findingRow{})
	if filter.Open {
		query = query.Where("resolved_at IS NULL AND acknowledged_at IS NULL")
	}

	if filter.RunID != "" {
		query = query.Where("run_id = ?", filter.RunID)
	}

	return query
}

// Findings gives a page of findings, those seen last first, and tells whether there are more after it. The cursor's
// AcceptedAt is LastSeen.
func (s *Store) Findings(
	ctx context.Context, filter FindingFilter, after Cursor, limit int,
) (page []notification.Finding, more bool, err error) {
	var rows []findingRow
	if err := findingPage(s.gorm.WithContext(ctx), filter, after, limit+1).Find(&rows).Error; err != nil {
		return nil, false, reduce("listing findings", err)
	}

	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}

	page = make([]notification.Finding, len(rows))
	for i, row := range rows {
		page[i] = row.finding()
	}

	return page, more, nil
}

func findingPage(tx *gorm.DB, filter FindingFilter, after Cursor, limit int) *gorm.DB {
	query := filter.on(tx).Order("last_seen DESC, id DESC").Limit(limit)
	if after.ID != "" {
		query = query.Where("(last_seen, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query
}

// CountOpenFindings counts those that wait for somebody, no further than atMost.
func (s *Store) CountOpenFindings(ctx context.Context, atMost int) (int, error) {
	var count int64

	open := FindingFilter{Open: true}.on(s.gorm.WithContext(ctx)).Select("id").Limit(atMost)
	err := s.gorm.WithContext(ctx).Table("(?) AS open_findings", open).Count(&count).Error

	return int(count), reduce("counting findings", err)
}

// Finding reads a finding.
func (s *Store) Finding(ctx context.Context, id string) (notification.Finding, error) {
	row, err := gorm.G[findingRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Finding{}, reduce("reading a finding", err)
	}

	return row.finding(), nil
}

// AcknowledgeFinding notes that a person has seen to a finding. [ErrConflict] where it is over or acknowledged already.
func (s *Store) AcknowledgeFinding(ctx context.Context, id, byID, byName, note string) error {
	return s.transaction(ctx, "acknowledging a finding", func(tx *gorm.DB) error {
		row, err := gorm.G[findingRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Take(ctx)
		if err != nil {
			return reduce("locking the finding", err)
		}

		if row.ResolvedAt != nil || row.AcknowledgedAt != nil {
			return fmt.Errorf("nobody has to see to it any more: %w", ErrConflict)
		}

		now := s.now()

		_, err = gorm.G[findingRow](tx).Where("id = ?", id).
			Select("acknowledged_at", "acknowledged_by_id", "acknowledged_by", "note").
			Updates(ctx, findingRow{AcknowledgedAt: &now, AcknowledgedByID: byID, AcknowledgedBy: byName, Note: note})

		return reduce("changing the finding", err)
	})
}
