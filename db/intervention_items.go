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

type interventionItemRow struct {
	InterventionID string
	Number         int
	NotificationID string
	State          notification.ItemState
	Code           string
	At             *time.Time
}

// TableName is GORM's hook.
func (interventionItemRow) TableName() string { return "intervention_items" }

// InterventionItem is one notification of an intervention.
type InterventionItem struct {
	Number         int
	NotificationID string
	// Begun tells that the act was begun before, by a worker that did not live to note its end.
	Begun bool
}

// CollectItems lists more of an intervention's notifications, after those that it has already, and tells whether these
// were the last. It may be repeated. No more than most are listed in all. Once
// the intervention has ended nothing more is listed.
func (s *Store) CollectItems(ctx context.Context, id string, filter Filter, page, most int) (done bool, err error) {
	const doing = "collecting an intervention's notifications"

	err = s.Together(ctx, func(store *Store) error {
		return store.changeIntervention(ctx, doing, id, func(row *interventionRow) error {
			if row.Status != notification.InterventionCollecting {
				done = true

				return nil
			}

			done, err = store.collect(ctx, row, filter, page, most)

			return err
		})
	})

	return done, err
}

func (s *Store) collect(ctx context.Context, row *interventionRow, filter Filter, page, most int) (done bool, err error) {
	last, cursor, err := s.lastCollected(ctx, row.ID)
	if err != nil {
		return false, err
	}

	query, err := s.pageOf(s.gorm.WithContext(ctx), filter, cursor, min(page, most-last))
	if err != nil {
		return false, err
	}

	var ids []string
	if err := query.Pluck("id", &ids).Error; err != nil {
		return false, reduce("listing notifications", err)
	}

	// One more is asked for than the page holds.
	more := len(ids) > min(page, most-last)
	if more {
		ids = ids[:len(ids)-1]
	}

	items := make([]interventionItemRow, len(ids))
	for i, notificationID := range ids {
		items[i] = interventionItemRow{
			InterventionID: row.ID, Number: last + i + 1, NotificationID: notificationID, State: notification.ItemWaiting,
		}
	}

	if len(items) > 0 {
		if err := s.gorm.WithContext(ctx).CreateInBatches(items, collectInsert).Error; err != nil {
			return false, reduce("listing items", err)
		}
	}

	total := last + len(items)
	if done = !more || total >= most; done {
		now := s.now()
		row.Status, row.Total, row.StartedAt = notification.InterventionRunning, &total, &now
	}

	return done, nil
}

// collectInsert is how many items one statement writes.
const collectInsert = 500

func (s *Store) lastCollected(ctx context.Context, id string) (number int, cursor Cursor, err error) {
	last, err := gorm.G[interventionItemRow](s.gorm).Where("intervention_id = ?", id).Order("number DESC").Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, Cursor{}, nil
	}

	if err != nil {
		return 0, Cursor{}, reduce("reading the last item", err)
	}

	head, err := s.Head(ctx, last.NotificationID)

	return last.Number, Cursor{AcceptedAt: head.AcceptedAt, ID: head.ID}, err
}

// ItemsToDo lists the next items after a number that are not seen to yet.
func (s *Store) ItemsToDo(ctx context.Context, id string, after, limit int) ([]InterventionItem, error) {
	rows, err := gorm.G[interventionItemRow](s.gorm).
		Where("intervention_id = ? AND number > ? AND state IN ?", id, after,
			[]notification.ItemState{notification.ItemWaiting, notification.ItemActing}).
		Order("number").Limit(limit).Find(ctx)
	if err != nil {
		return nil, reduce("listing items to do", err)
	}

	items := make([]InterventionItem, len(rows))
	for i, row := range rows {
		items[i] = InterventionItem{
			Number: row.Number, NotificationID: row.NotificationID, Begun: row.State == notification.ItemActing,
		}
	}

	return items, nil
}

// BeginItem notes that the act is about to be done. [ErrConflict] where the intervention was stopped, or the item has been
// seen to.
func (s *Store) BeginItem(ctx context.Context, id string, number int) error {
	return s.transaction(ctx, "beginning an item", func(tx *gorm.DB) error {
		intervention, err := gorm.G[interventionRow](tx, clause.Locking{Strength: "SHARE"}).Where("id = ?", id).Take(ctx)
		if err != nil {
			return reduce("locking the intervention", err)
		}

		if intervention.Status != notification.InterventionRunning {
			return fmt.Errorf("the intervention does not run: %w", ErrConflict)
		}

		updated, err := gorm.G[interventionItemRow](tx).
			Where("intervention_id = ? AND number = ? AND state IN ?", id, number,
				[]notification.ItemState{notification.ItemWaiting, notification.ItemActing}).
			Update(ctx, "state", notification.ItemActing)
		if err == nil && updated == 0 {
			return fmt.Errorf("the item was seen to: %w", ErrConflict)
		}

		return reduce("changing the item", err)
	})
}

// EndItem notes what became of an item. Waiting puts it back: nothing was done.
func (s *Store) EndItem(ctx context.Context, id string, number int, state notification.ItemState, code string) error {
	now := s.now()

	updated, err := s.change(ctx, func(tx *gorm.DB) (int, error) {
		return gorm.G[interventionItemRow](tx).Where("intervention_id = ? AND number = ?", id, number).
			Select("state", "code", "at").Updates(ctx, interventionItemRow{State: state, Code: code, At: &now})
	})

	return changedOne("ending an item", updated, err)
}

// ItemCount counts the items of an intervention that are alike.
type ItemCount struct {
	State notification.ItemState
	Code  string
	Total int
}

// CountItems counts the items of an intervention by what became of them.
func (s *Store) CountItems(ctx context.Context, id string) ([]ItemCount, error) {
	var counts []ItemCount

	err := s.gorm.WithContext(ctx).Model(&interventionItemRow{}).Where("intervention_id = ?", id).
		Select("state, code, count(*) AS total").Group("state, code").Order("state, code").Scan(&counts).Error

	return counts, reduce("counting an intervention's items", err)
}

// InterventionOnNotification is what an intervention did to one notification.
type InterventionOnNotification struct {
	InterventionID string
	Act            notification.InterventionAct
	Why            string
	ByName         string
	At             time.Time
}

// InterventionsOn lists what interventions did to a notification, the oldest first.
func (s *Store) InterventionsOn(ctx context.Context, notificationID string) ([]InterventionOnNotification, error) {
	var found []InterventionOnNotification

	err := s.gorm.WithContext(ctx).Table("intervention_items AS items").
		Joins("JOIN interventions ON interventions.id = items.intervention_id").
		Where("items.notification_id = ? AND items.state = ?", notificationID, notification.ItemDone).
		Select("items.intervention_id, interventions.act, interventions.why, interventions.by_name, items.at").
		Order("items.at").Scan(&found).Error

	return found, reduce("reading the interventions on a notification", err)
}
