package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// AuditEntry says who did what to what. Entries are never changed, and not removed for five years: the database refuses it.
type AuditEntry struct {
	ID string // UUID version 7
	At time.Time

	ActorKind string // application, user, system, or nobody where nobody was known
	ActorID   string
	ActorName string
	// Address is where the request came from; empty where nobody knows.
	Address string

	// EnteID is whose the object is; empty: nobody's in particular.
	EnteID     string
	Action     string // such as "service.update"
	ObjectKind string // such as "service"
	ObjectID   string
	// Detail has what else matters, such as a reason or the names of changed fields. Nothing of a citizen, no secret.
	Detail map[string]string
}

type auditRow struct {
	ID         string
	At         time.Time
	ActorKind  string
	ActorID    string
	ActorName  string
	Address    string
	EnteID     *string
	Action     string
	ObjectKind string
	ObjectID   string
	Detail     map[string]string `gorm:"serializer:json"`
}

// TableName is GORM's hook.
func (auditRow) TableName() string { return "audit_entries" }

func (r auditRow) entry() AuditEntry {
	return AuditEntry{
		ID: r.ID, At: r.At.UTC(), ActorKind: r.ActorKind, ActorID: r.ActorID, ActorName: r.ActorName, Address: r.Address,
		EnteID: textOrEmpty(r.EnteID), Action: r.Action, ObjectKind: r.ObjectKind, ObjectID: r.ObjectID, Detail: r.Detail,
	}
}

// Audit adds an entry to the audit log. An entry without a time happened now.
func (s *Store) Audit(ctx context.Context, entry AuditEntry) error {
	id, err := newID()
	if err != nil {
		return fmt.Errorf("noting an act: %w", err)
	}

	detail := entry.Detail
	if detail == nil {
		detail = map[string]string{}
	}

	row := auditRow{
		ID: id, At: stampOr(entry.At, s.now()), ActorKind: entry.ActorKind, ActorID: entry.ActorID, ActorName: entry.ActorName,
		Address: entry.Address, EnteID: optionalText(entry.EnteID), Action: entry.Action, ObjectKind: entry.ObjectKind,
		ObjectID: entry.ObjectID, Detail: detail,
	}

	return reduce("noting an act", create(ctx, s, &row))
}

// AuditFilter says which entries are meant. A zero field does not filter.
type AuditFilter struct {
	EnteID string
	// ActorIDs: any of them. ActorName is a part of a name, in whatever case, of people whose ids nobody knows.
	ActorIDs  []string
	ActorName string
	Action    string
	// Group is the beginning of an action, before its dot, such as "service".
	Group    string
	ObjectID string
	Address  string
	From, To time.Time // in [From, To)
}

// auditGroup is an action without what follows its dot, as the log's indexes have it: both engines know rtrim.
const auditGroup = "rtrim(action, 'abcdefghijklmnopqrstuvwxyz_')"

// AuditLog lists one page of entries, the newest first, and tells whether there are more. The cursor is the time and the
// id of the last entry of the page before.
func (s *Store) AuditLog(ctx context.Context, filter AuditFilter, after Cursor, limit int) ([]AuditEntry, bool, error) {
	var rows []auditRow
	if err := filter.page(s.gorm.WithContext(ctx), after, limit).Find(&rows).Error; err != nil {
		return nil, false, reduce("reading the audit log", err)
	}

	more := len(rows) > limit
	entries := make([]AuditEntry, min(len(rows), limit))

	for i := range entries {
		entries[i] = rows[i].entry()
	}

	return entries, more, nil
}

// page asks for one row more than the page holds, to learn whether there is another page.
func (f AuditFilter) page(from *gorm.DB, after Cursor, limit int) *gorm.DB {
	query := from.Model(&auditRow{}).Order("at DESC, id DESC").Limit(limit + 1)

	for _, equal := range []struct{ condition, value string }{
		{"ente_id = ?", f.EnteID},
		{"action = ?", f.Action},
		{"object_id = ?", f.ObjectID},
		{"address = ?", f.Address},
	} {
		if equal.value != "" {
			query = query.Where(equal.condition, equal.value)
		}
	}

	if f.Group != "" {
		query = query.Where(auditGroup+" = ?", f.Group+".")
	}

	if len(f.ActorIDs) > 0 {
		query = query.Where("actor_id IN ?", f.ActorIDs)
	}

	if f.ActorName != "" {
		part := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(f.ActorName))
		query = query.Where(`lower(actor_name) LIKE ? ESCAPE '\'`, "%"+part+"%")
	}

	if !f.From.IsZero() {
		query = query.Where("at >= ?", stamp(f.From))
	}

	if !f.To.IsZero() {
		query = query.Where("at < ?", stamp(f.To))
	}

	if after.ID != "" {
		query = query.Where("(at, id) < (?, ?)", stamp(after.AcceptedAt), after.ID)
	}

	return query
}

// PurgeAudit removes the entries of before a time and tells how many there were. [ErrInvalid] for a time within the last five
// years.
func (s *Store) PurgeAudit(ctx context.Context, before time.Time) (int, error) {
	return s.purge(ctx, "removing old audit entries", oldRows{model: &auditRow{}, since: "at", before: before})
}
