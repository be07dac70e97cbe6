package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"github.com/genio-gateway/genio/notification"
)

// Rows are the models of every table, for the drift test.
func Rows() []any {
	return []any{
		&enteRow{}, &serviceRow{}, &apiKeyRow{}, &userRow{}, &sessionRow{}, &notificationRow{}, &attemptRow{}, &runRow{},
		&idempotencyRow{}, &recipientCheckRow{}, &timelineRow{}, &providerEventRow{},
		&templateRow{}, &templateVersionRow{}, &batchRow{}, &chunkRow{}, &fileRow{}, &bulkRow{},
		&auditRow{},
		&keyStateRow{},
		&manageKeyRow{}, &serviceImportRow{}, &stagedServiceRow{},
		&figureRow{}, &changeRow{},
		&savedFilterRow{},
		&pauseRow{}, &interventionRow{}, &interventionItemRow{},
		&testRecipientRow{},
		&reconciliationRow{}, &findingRow{},
		&webhookRow{}, &webhookDeliveryRow{},
		&retentionRunRow{}, &retentionCountRow{}, &erasureRow{},
		&membershipRow{}, &invitationRow{}, &secondFactorRow{}, &recoveryCodeRow{}, &identityRow{},
	}
}

// MigrateTo brings a database up to an earlier schema.
func MigrateTo(ctx context.Context, databaseURL string, version int64) error {
	return migrate(databaseURL, func(provider *goose.Provider) error {
		_, err := provider.UpTo(ctx, version)

		return err
	})
}

// CheckURL tells whether a database URL can be understood.
func CheckURL(raw string) error {
	_, err := parseURL(raw)

	return err
}

// ORM is the store's GORM handle.
func (s *Store) ORM() *gorm.DB { return s.gorm }

// PageStatement is what List would ask, with its parameters.
func (s *Store) PageStatement(ctx context.Context, filter Filter, after Cursor, limit int) (string, []any, error) {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	query, err := s.pageOf(dry, filter, after, limit)
	if err != nil {
		return "", nil, err
	}

	var rows []notificationRow

	statement := query.Find(&rows).Statement

	return statement.SQL.String(), statement.Vars, nil
}

// Statement is one with its parameters.
type Statement struct {
	SQL        string
	Parameters []any
}

func statementOf(tx *gorm.DB) Statement {
	return Statement{SQL: tx.Statement.SQL.String(), Parameters: tx.Statement.Vars}
}

// UnstartedStatements are what Unstarted and CountUnstarted would ask.
func (s *Store) UnstartedStatements(ctx context.Context, olderThan time.Time, limit int) (oldest, inTurns, count Statement) {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	var rows []notificationRow

	return statementOf(oldestUnstarted(dry, olderThan, limit).Find(&rows)),
		statementOf(inTurn(dry, olderThan, limit).Find(&rows)),
		statementOf(countUnstarted(dry, olderThan, limit).Find(&rows))
}

// PurgeStatements are what each purge would ask, by the index it is to use.
func (s *Store) PurgeStatements(ctx context.Context, before time.Time) map[string][]Statement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})
	statements := make(map[string][]Statement)

	for index, old := range map[string]oldRows{
		"sessions_expires_at":         expiredSessions(before),
		"idempotency_keys_created_at": oldIdempotencyKeys(before),
		"recipient_checks_created_at": oldRecipientChecks(before),
		"bulk_requests_created_at":    oldBulkRequests(before),
	} {
		var ends []time.Time

		statements[index] = []Statement{statementOf(old.firstBatchEnd(dry).Find(&ends)), statementOf(old.remove(dry))}
	}

	return statements
}

// BatchStatements are what is asked about batches often, by name.
func (s *Store) BatchStatements(ctx context.Context, enteID, id string, before, since time.Time) map[string]Statement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	var (
		batches []batchRow
		rows    []fileRow
		counts  []statusCount
		loads   []BatchLoad
		ids     []string
		count   int64
	)

	bad := RowFilter{States: []notification.RowState{notification.RowBad}}

	return map[string]Statement{
		"due":      statementOf(dueBatches(dry, before, 100).Find(&batches)),
		"kept":     statementOf(keptBatches(dry, before).Limit(1).Pluck("id", &ids)),
		"newest":   statementOf(batchPage(dry, BatchFilter{}, Cursor{}, 25).Find(&batches)),
		"of Ente":  statementOf(batchPage(dry, BatchFilter{EnteID: enteID}, Cursor{}, 25).Find(&batches)),
		"next":     statementOf(batchPage(dry, BatchFilter{EnteID: enteID}, Cursor{AcceptedAt: before, ID: id}, 25).Find(&batches)),
		"keys":     statementOf(forgetKeys(dry, before)),
		"load":     statementOf(batchLoad(dry, id).Find(&loads)),
		"progress": statementOf(batchProgress(dry, id).Find(&counts)),
		"settled":  statementOf(settledSince(dry, id, since).Count(&count)),
		"open":     statementOf(openOfBatch(dry, id, id, 500).Pluck("id", &ids)),
		"all rows": statementOf(RowFilter{}.page(dry, id, 100, 50).Find(&rows)),
		"bad rows": statementOf(bad.page(dry, id, 100, 50).Find(&rows)),
		"repaired": statementOf(RowFilter{Repaired: true}.page(dry, id, 100, 25).Find(&rows)),
		"by state": statementOf(countRows(dry, id).Find(&counts)),
		"repeated": statementOf(markRepeated(dry, batchRow{ID: id, EnteID: enteID}, since)),
	}
}

// AuditStatement is what AuditLog would ask.
func (s *Store) AuditStatement(ctx context.Context, filter AuditFilter, after Cursor, limit int) Statement {
	var rows []auditRow

	return statementOf(filter.page(s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx}), after, limit).Find(&rows))
}

// SentSinceStatement is what SentSince would ask, with one index key.
func (s *Store) SentSinceStatement(ctx context.Context, enteID string, since time.Time) Statement {
	var rows []notificationRow

	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})

	return statementOf(sentSince(dry, enteID, [][]byte{[]byte("hash")}, since).Find(&rows))
}

// PurgeBatch is how many rows a purge removes at once.
const PurgeBatch = purgeBatch

// UnarchivedCondition must match its partial index.
const UnarchivedCondition = unarchived

// FigureStatements are what is asked for figures and counts, by name.
func (s *Store) FigureStatements(ctx context.Context, enteID, serviceID string, from, to time.Time) map[string]Statement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})
	period := Filter{EnteID: enteID, ServiceIDs: []string{serviceID}, From: from, To: to}

	var (
		figures []Figure
		counts  []statusCount
		states  []OpenState
	)

	return map[string]Statement{
		"figures of all":     statementOf(s.figures(dry, FigureFilter{From: from, To: to}).Find(&figures)),
		"figures of an Ente": statementOf(s.figures(dry, FigureFilter{EnteID: enteID, From: from, To: to}).Find(&figures)),
		"counts of all":      statementOf(s.countFigures(dry, Filter{}).Find(&counts)),
		"counts of an Ente":  statementOf(s.countFigures(dry, Filter{EnteID: enteID}).Find(&counts)),
		"counts of a period": statementOf(s.countFigures(dry, period).Find(&counts)),
		"open of all":        statementOf(openStates(dry, "").Find(&states)),
		"open of an Ente":    statementOf(openStates(dry, enteID).Find(&states)),
	}
}

// CountByStatus counts the notifications of each status, one by one, to compare the figures with. A status that none has is
// left out.
func (s *Store) CountByStatus(ctx context.Context, filter Filter) (map[notification.Status]int, error) {
	const doing = "counting notifications"

	query, err := s.filtered(s.gorm.WithContext(ctx), filter)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}

	var rows []struct {
		Status notification.Status
		Total  int
	}

	if err := query.Select("status, count(*) AS total").Group("status").Scan(&rows).Error; err != nil {
		return nil, reduce(doing, err)
	}

	counts := make(map[notification.Status]int, len(rows))
	for _, row := range rows {
		counts[row.Status] = row.Total
	}

	return counts, nil
}

// IndexedStatement is one with the index that it is to use.
type IndexedStatement struct {
	Statement

	Index string
}

// ReconciliationStatements are what a reconciliation asks about notifications and attempts, by name.
func (s *Store) ReconciliationStatements(ctx context.Context, at time.Time, id string) map[string]IndexedStatement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})
	after := Cursor{AcceptedAt: at, ID: id}
	recent := CallFilter{From: at.Add(-time.Hour), To: at}

	var (
		runs   []OpenRun
		handed []Call
		rows   []SumRow
	)

	return map[string]IndexedStatement{
		"open":       {statementOf(openRuns(dry, notification.StatusOnHold, at, Cursor{}, 200).Find(&runs)), "notifications_status"},
		"next":       {statementOf(openRuns(dry, notification.StatusOnHold, at, after, 200).Find(&runs)), "notifications_status"},
		"calls":      {statementOf(calls(dry, recent, Cursor{}, 200).Find(&handed)), "attempts_called"},
		"next calls": {statementOf(calls(dry, recent, after, 200).Find(&handed)), "attempts_called"},
		"sums":       {statementOf(s.sumsOfDay(dry, at.AddDate(0, 0, 5)).Find(&rows)), "notifications_newest"},
	}
}

// ProtectedColumns are the columns that are told of in the list of protected tables.
func ProtectedColumns() []string {
	var columns []string

	for _, table := range protectedTables() {
		for _, column := range append(table.columns(), table.marked...) {
			columns = append(columns, table.name+"."+column)
		}
	}

	return columns
}

// CountedColumns are those that are told of, in order, as far as KeyUses counts them: a marked hash and those beside it have
// one mark.
func CountedColumns() []string {
	var columns []string

	for _, table := range protectedTables() {
		names := table.columns()
		if len(table.marked) > 0 {
			names = append(names, table.marked[0])
		}

		for _, column := range names {
			columns = append(columns, table.name+"."+column)
		}
	}

	slices.Sort(columns)

	return columns
}

// RetentionStatements are what a retention run asks for, by the index it is to use.
func (s *Store) RetentionStatements(ctx context.Context, enteID string, before time.Time) map[string]Statement {
	dry := s.gorm.Session(&gorm.Session{DryRun: true, Context: ctx})
	removal := Removal{EnteID: enteID, Before: before}

	var (
		rows []notificationRow
		ids  []string
	)

	return map[string]Statement{
		"notifications_content_due": statementOf(removal.due(dry, holdsContent).Select("id", "recipient").Find(&rows)),
		"notifications_outcome_due": statementOf(removal.due(dry, holdsOutcome).Pluck("id", &ids)),
	}
}

// Waiting tells how many transactions wait to be committed together.
func (s *Store) Waiting() int {
	s.group.mutex.Lock()
	defer s.group.mutex.Unlock()

	return len(s.group.waiting)
}

// Exec runs a statement as it is.
func (s *Store) Exec(statement string) error { return s.gorm.Exec(statement).Error }

// HoldSubmissions lets single submissions wait, so that they are written together once release is called.
func (s *Store) HoldSubmissions(ctx context.Context) (release func()) {
	return s.holdSubmissions(ctx, func([]*joined[*submitted]) {})
}

// LoseCommit is HoldSubmissions with a first commit whose answer is lost.
func (s *Store) LoseCommit(ctx context.Context) (release func()) {
	//nolint:contextcheck // each has a context of its own.
	return s.holdSubmissions(ctx, func(all []*joined[*submitted]) { _ = s.insertNew(all) })
}

func (s *Store) holdSubmissions(ctx context.Context, before func([]*joined[*submitted])) (release func()) {
	entered, leave := make(chan struct{}), make(chan struct{})
	hold := sync.OnceFunc(func() { close(entered); <-leave })

	go func() {
		//nolint:contextcheck // each has a context of its own.
		_ = s.submissions.do(ctx, nil, func(all []*joined[*submitted]) {
			hold()

			if all[0].what != nil {
				before(all)
				s.writeSubmissions(all)
			}
		})
	}()

	<-entered

	return func() { close(leave) }
}

// WaitingSubmissions tells how many wait to be written together.
func (s *Store) WaitingSubmissions() int {
	s.submissions.mutex.Lock()
	defer s.submissions.mutex.Unlock()

	return len(s.submissions.waiting)
}

// SQLiteConnector opens connections that keep so many statements.
func SQLiteConnector(source string, few int) driver.Connector { return sqliteConnector{source, few} }

// KeptStatements are the queries whose statements a connection keeps, the latest first.
func KeptStatements(conn any) (queries []string) {
	keeping, _ := conn.(*keepingConn)

	for one := keeping.statements.latest.Front(); one != nil; one = one.Next() {
		kept, _ := one.Value.(keptStatement)
		queries = append(queries, kept.query)
	}

	return queries
}

// EachRow puts a query to a connection, as database/sql does, and visits the integers that it finds.
func EachRow(conn any, query string, visit func(int) error) error {
	keeping, _ := conn.(*keepingConn)

	rows, err := keeping.QueryContext(context.Background(), query, nil)
	if err != nil {
		return err
	}

	for found := []driver.Value{nil}; err == nil; {
		if err = rows.Next(found); err == nil {
			number, _ := found[0].(int64)
			err = visit(int(number))
		}
	}

	if errors.Is(err, io.EOF) {
		err = nil
	}

	return errors.Join(err, rows.Close())
}
