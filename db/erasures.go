package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/genio-gateway/genio/notification"
)

// erasureRow is a request for an erasure and, at once, its workflow's outbox.
type erasureRow struct {
	ID            string
	EnteID        *string
	FiscalCode    sql.Null[[]byte]
	Why           string
	OpenOnes      notification.OpenChoice
	Status        notification.ErasureStatus
	ByID          string
	ByName        string
	CreatedAt     time.Time
	EndedAt       *time.Time
	StartDue      bool
	Found         int
	Notifications int
	BatchRows     int
	Checks        int
	Waiting       int
	Drafts        []string `gorm:"serializer:json"`
}

// TableName is GORM's hook.
func (erasureRow) TableName() string { return "erasures" }

func (r erasureRow) erasure() notification.Erasure {
	return notification.Erasure{
		ID: r.ID, EnteID: textOrEmpty(r.EnteID), Why: r.Why, OpenOnes: r.OpenOnes, Status: r.Status, ByID: r.ByID, ByName: r.ByName,
		CreatedAt: r.CreatedAt.UTC(), EndedAt: timeOrZero(r.EndedAt), Found: r.Found, Waiting: r.Waiting, Drafts: r.Drafts,
		Erased: notification.ErasedCounts{Notifications: r.Notifications, BatchRows: r.BatchRows, Checks: r.Checks},
	}
}

// CreateErasure keeps a request whose workflow has to be started, with the citizen's fiscal code encrypted.
func (s *Store) CreateErasure(ctx context.Context, wanted notification.Erasure, fiscalCode string) error {
	const doing = "keeping an erasure"

	if err := checkIDs(wanted.ID); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	sealed, err := s.keys.seal(columnErasure, wanted.ID, fiscalCode)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}

	row := erasureRow{
		ID: wanted.ID, EnteID: optionalText(wanted.EnteID), FiscalCode: sql.Null[[]byte]{V: sealed, Valid: true}, Why: wanted.Why,
		OpenOnes: wanted.OpenOnes, Status: notification.ErasureRunning, ByID: wanted.ByID, ByName: wanted.ByName,
		CreatedAt: stampOr(wanted.CreatedAt, s.now()), StartDue: true, Found: wanted.Found, Drafts: []string{},
	}

	return reduce(doing, create(ctx, s, &row))
}

// Erasure reads a request, without the citizen.
func (s *Store) Erasure(ctx context.Context, id string) (notification.Erasure, error) {
	row, err := gorm.G[erasureRow](s.gorm).Omit("fiscal_code").Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Erasure{}, reduce("reading an erasure", err)
	}

	return row.erasure(), nil
}

// ErasureSubject reads a request with the fiscal code of the citizen; the empty one once it is completed.
func (s *Store) ErasureSubject(ctx context.Context, id string) (notification.Erasure, string, error) {
	const doing = "reading an erasure's citizen"

	row, err := gorm.G[erasureRow](s.gorm).Where("id = ?", id).Take(ctx)
	if err != nil {
		return notification.Erasure{}, "", reduce(doing, err)
	}

	if !row.FiscalCode.Valid {
		return row.erasure(), "", nil
	}

	var fiscalCode string
	if err := s.keys.unseal(columnErasure, id, row.FiscalCode.V, &fiscalCode); err != nil {
		return notification.Erasure{}, "", fmt.Errorf("%s: %w", doing, err)
	}

	return row.erasure(), fiscalCode, nil
}

// Erasures gives a page of requests, the newest first, and tells whether there are more; of one Ente, where it is named. The
// cursor's AcceptedAt is the request's creation.
func (s *Store) Erasures(
	ctx context.Context, enteID string, after Cursor, limit int,
) (page []notification.Erasure, more bool, err error) {
	query := gorm.G[erasureRow](s.gorm).Omit("fiscal_code").Order("created_at DESC, id DESC").Limit(limit + 1)

	if enteID != "" {
		query = query.Where("ente_id = ?", enteID)
	}

	if after.ID != "" {
		query = query.Where("(created_at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, false, reduce("listing erasures", err)
	}

	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}

	return erasures(rows), more, nil
}

func erasures(rows []erasureRow) []notification.Erasure {
	found := make([]notification.Erasure, len(rows))
	for i, row := range rows {
		found[i] = row.erasure()
	}

	return found
}

// UnstartedErasures lists the requests whose workflow was not started since before olderThan.
func (s *Store) UnstartedErasures(ctx context.Context, olderThan time.Time, limit int) ([]notification.Erasure, error) {
	rows, err := gorm.G[erasureRow](s.gorm).Omit("fiscal_code").Where("start_due AND created_at < ?", stamp(olderThan)).
		Order(columnCreatedAt).Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing erasures to start", err)
	}

	return erasures(rows), nil
}

// MarkErasureStarted notes that the workflow was started.
func (s *Store) MarkErasureStarted(ctx context.Context, id string) error {
	updated, err := gorm.G[erasureRow](s.gorm).Where("id = ?", id).Update(ctx, "start_due", false)

	return changedOne("recording an erasure's workflow", updated, err)
}

// FinishErasure ends a request and forgets whom it was about. One that has ended stays as it is.
func (s *Store) FinishErasure(ctx context.Context, id string) error {
	now := s.now()

	_, err := gorm.G[erasureRow](s.gorm).Where("id = ? AND status = ?", id, notification.ErasureRunning).
		Select("status", "fiscal_code", "ended_at", "waiting", "start_due").
		Updates(ctx, erasureRow{Status: notification.ErasureCompleted, EndedAt: &now})

	return reduce("ending an erasure", err)
}

// NoteErasure notes what a request waits for.
func (s *Store) NoteErasure(ctx context.Context, id string, waiting int, drafts []string) error {
	_, err := gorm.G[erasureRow](s.gorm).Where("id = ? AND status = ?", id, notification.ErasureRunning).
		Select("waiting", "drafts").Updates(ctx, erasureRow{Waiting: waiting, Drafts: slices.Clip(append([]string{}, drafts...))})

	return reduce("noting what an erasure waits for", err)
}

// citizen is which notifications a request is about: what is accepted later is not.
func citizen(of notification.Erasure, fiscalCode string) Filter {
	return Filter{EnteID: of.EnteID, FiscalCode: fiscalCode, To: of.CreatedAt.Add(resolution)}
}

// EraseSettled erases the settled notifications of a request's citizen, some at a time, and tells how many they were; 0: none is
// left.
func (s *Store) EraseSettled(ctx context.Context, of notification.Erasure, fiscalCode string) (erased int, err error) {
	err = s.transaction(ctx, "erasing notifications", func(tx *gorm.DB) error {
		query, err := s.filtered(locking(tx), citizen(of, fiscalCode))
		if err != nil {
			return err
		}

		var rows []notificationRow
		if err := query.Where("settled_at IS NOT NULL").Order("accepted_at DESC, id DESC").Limit(retentionPage).Find(&rows).Error; err != nil {
			return reduce("listing notifications to erase", err)
		}

		for _, row := range rows {
			if err := s.erase(ctx, tx, row); err != nil {
				return err
			}
		}

		erased = len(rows)

		return addErased(ctx, tx, of.ID, "notifications", erased)
	})
	if err != nil {
		return 0, err
	}

	return erased, nil
}

// addErased adds to a request's count, within the transaction that erases.
func addErased(ctx context.Context, tx *gorm.DB, id, column string, erased int) error {
	if erased == 0 {
		return nil
	}

	err := tx.WithContext(ctx).Model(&erasureRow{}).Where("id = ?", id).
		UpdateColumn(column, gorm.Expr(column+" + ?", erased)).Error

	return reduce("counting what was erased", err)
}

// OpenOfCitizen lists the open notifications of a request's citizen after an id.
func (s *Store) OpenOfCitizen(
	ctx context.Context, of notification.Erasure, fiscalCode, after string, limit int,
) ([]string, error) {
	const doing = "listing open notifications"

	query, err := s.filtered(s.gorm.WithContext(ctx), citizen(of, fiscalCode))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}

	if after != "" {
		query = query.Where("id > ?", after)
	}

	var ids []string

	err = query.Where("settled_at IS NULL").Order("id").Limit(limit).Pluck("id", &ids).Error

	return ids, reduce(doing, err)
}

// CountOpenOfCitizen counts the open notifications of a request's citizen.
func (s *Store) CountOpenOfCitizen(ctx context.Context, of notification.Erasure, fiscalCode string) (int, error) {
	const doing = "counting open notifications"

	query, err := s.filtered(s.gorm.WithContext(ctx), citizen(of, fiscalCode))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}

	var open int64

	err = query.Where("settled_at IS NULL").Count(&open).Error

	return int(open), reduce(doing, err)
}

// EraseChecks removes the questions about a request's citizen that nobody took up, and tells how many there were. They are few:
// each lives for as long as IO takes to answer.
func (s *Store) EraseChecks(ctx context.Context, of notification.Erasure, fiscalCode string) (erased int, err error) {
	query := gorm.G[recipientCheckRow](s.gorm).Where("created_at <= ?", of.CreatedAt)
	if of.EnteID != "" {
		query = query.Where("ente_id = ?", of.EnteID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return 0, reduce("listing recipient checks", err)
	}

	for _, row := range rows {
		var asked string
		if err := s.keys.unseal(columnFiscalCode, row.ID, row.FiscalCode, &asked); err != nil || asked != fiscalCode {
			continue // what cannot be decrypted is nobody's any more
		}

		err := s.transaction(ctx, "erasing a recipient check", func(tx *gorm.DB) error {
			removed, err := gorm.G[recipientCheckRow](tx).Where("id = ?", row.ID).Delete(ctx)
			if err != nil {
				return reduce("removing the check", err)
			}

			erased += removed

			return addErased(ctx, tx, of.ID, "checks", removed)
		})
		if err != nil {
			return erased, err
		}
	}

	return erased, nil
}

// KeptBatches lists the batches of a request's Enti that still have their rows, the oldest first, after a batch.
func (s *Store) KeptBatches(
	ctx context.Context, of notification.Erasure, after Cursor, limit int,
) ([]StoredBatch, error) {
	query := gorm.G[batchRow](s.gorm).Where("NOT emptied AND created_at <= ?", stamp(of.CreatedAt)).
		Order("created_at, id").Limit(limit)

	if of.EnteID != "" {
		query = query.Where("ente_id = ?", of.EnteID)
	}

	if after.ID != "" {
		query = query.Where("(created_at, id) > (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	rows, err := query.Find(ctx)
	if err != nil {
		return nil, reduce("listing batches with rows", err)
	}

	kept := make([]StoredBatch, len(rows))
	for i, row := range rows {
		kept[i] = row.batch()
	}

	return kept, nil
}

// EraseBatchRow takes the citizen out of a row of a batch that has ended, and out of the notification that the row became. The
// row itself stays, so that the batch's counts do. Of a batch that is under way only a row that was not handed to delivery yet
// can be erased, where reject says so: it joins those that are not sent. False: not yet.
func (s *Store) EraseBatchRow(
	ctx context.Context, of notification.Erasure, batchID string, number int, reject bool,
) (erased bool, err error) {
	err = s.transaction(ctx, "erasing a row", func(tx *gorm.DB) error {
		batch, err := lockBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}

		row, err := gorm.G[fileRow](tx, clause.Locking{Strength: noKeyUpdate}).
			Where("batch_id = ? AND number = ?", batchID, number).Take(ctx)
		if err != nil {
			return reduce("locking the row", err)
		}

		if batch.Status.Final() {
			erased, err = s.eraseOfRow(ctx, tx, of, textOrEmpty(row.NotificationID))
		} else if reject || row.State == notification.RowBad {
			erased, err = withdraw(ctx, tx, batch, &row)
		}

		if err != nil || !erased {
			return err
		}

		if err := s.blank(ctx, tx, row); err != nil {
			return err
		}

		return addErased(ctx, tx, of.ID, "batch_rows", 1)
	})
	if err != nil {
		return false, err
	}

	return erased, nil
}

// eraseOfRow erases the notification that a row became, as long as it is settled; where there is none nothing is left to do.
func (s *Store) eraseOfRow(ctx context.Context, tx *gorm.DB, of notification.Erasure, id string) (done bool, err error) {
	if id == "" {
		return true, nil
	}

	rows, err := gorm.G[notificationRow](tx, clause.Locking{Strength: noKeyUpdate}).Where("id = ?", id).Find(ctx)
	if err != nil || len(rows) == 0 || rows[0].ErasedAt != nil {
		return err == nil, reduce("locking the row's notification", err)
	}

	if rows[0].SettledAt == nil {
		return false, nil
	}

	if err := s.erase(ctx, tx, rows[0]); err != nil {
		return false, err
	}

	return true, addErased(ctx, tx, of.ID, "notifications", 1)
}

// withdraw takes a row out of those that a batch under way sends, unless it was handed to delivery already.
func withdraw(ctx context.Context, tx *gorm.DB, batch batchRow, row *fileRow) (withdrawn bool, err error) {
	if row.State == notification.RowBad {
		return true, nil
	}

	if err := rejectRow(ctx, tx, batch.ID, row.Number, nil); err != nil {
		return false, err
	}

	now, err := gorm.G[fileRow](tx).Where("batch_id = ? AND number = ?", batch.ID, row.Number).Take(ctx)
	if err != nil {
		return false, reduce("reading the row again", err)
	}

	if *row = now; row.State != notification.RowBad {
		return false, nil
	}

	return true, recount(ctx, tx, batch)
}

// blank leaves an empty row, encrypted as any other.
func (s *Store) blank(ctx context.Context, tx *gorm.DB, row fileRow) (err error) {
	row.ContentHash, row.Repairs = sql.Null[[]byte]{}, nil

	if row.Payload, err = s.keys.seal(columnPayload, partID(row.BatchID, row.Number), rowSecret{Payload: []byte("{}")}); err != nil {
		return err
	}

	_, err = gorm.G[fileRow](tx).Where("batch_id = ? AND number = ?", row.BatchID, row.Number).
		Select("payload", "content_hash", "repairs").Updates(ctx, row)

	return reduce("emptying the row", err)
}

// PurgeErasures forgets the completed requests that were made before a time and tells how many there were.
func (s *Store) PurgeErasures(ctx context.Context, before time.Time) (int, error) {
	purged, err := gorm.G[erasureRow](s.gorm).
		Where("created_at < ? AND status = ?", stamp(before), notification.ErasureCompleted).Delete(ctx)

	return purged, reduce("forgetting erasures", err)
}
