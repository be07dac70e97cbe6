package activities_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
	"github.com/genio-gateway/genio/workflows"
)

const (
	// columns are those of the bench's files.
	columns = "Codice fiscale;Cellulare;Nome"
	// addressee is in the files, and so in what is made of them.
	addressee = "Fiordaliso"
)

// batchBench is a bench with a template, and with somebody who starts and cancels notifications.
type batchBench struct {
	bench

	template  notification.Template
	starter   *starter
	canceller *canceller
}

func newBatchBench(t *testing.T, store *db.Store) batchBench {
	t.Helper()

	b := batchBench{bench: newBench(t, store), starter: &starter{store: store}, canceller: &canceller{}}
	b.does.Starter, b.does.Canceller = b.starter, b.canceller
	b.template = notification.Template{
		ID: newID(t), EnteID: b.service.EnteID, Name: "Rinnovi", Version: 1, CreatedAt: time.Now(),
		Italian: notification.TemplateText{
			Subject:  "Rinnovo del documento di ((nome))",
			Markdown: "Gentile ((nome)), il suo documento scade tra trenta giorni. Prenoti un appuntamento in municipio.",
		},
	}
	require.NoError(t, store.CreateTemplate(t.Context(), b.template))

	return b
}

// starter notes what it starts, as the real one does, unless it fails.
type starter struct {
	store *db.Store
	fails bool

	mutex  sync.Mutex
	starts []string
}

// Start starts a notification's workflow.
func (s *starter) Start(ctx context.Context, start db.Start) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if s.fails {
		return errors.New("Temporal is away")
	}

	s.starts = append(s.starts, start.ID)

	return s.store.MarkStarted(ctx, start.ID, start.Run, start.ID)
}

func (s *starter) started() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	return append([]string{}, s.starts...)
}

// canceller notes what it cancels, unless it fails.
type canceller struct {
	failures  int
	cancelled []string
}

// Cancel cancels a notification.
func (c *canceller) Cancel(_ context.Context, notificationID string) error {
	if c.failures > 0 {
		c.failures--

		return errors.New("Temporal is away")
	}

	c.cancelled = append(c.cancelled, notificationID)

	return nil
}

// citizenRow is the row of the n-th citizen of an outcome; their phone may be empty.
func citizenRow(outcome simulator.CitizenOutcome, n int, phone string) string {
	return strings.Join([]string{simulator.FiscalCode(outcome, n), phone, addressee}, ";")
}

// citizenRows are n citizens, whom IO reaches.
func citizenRows(n int) []string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = citizenRow(simulator.CitizenDelivered, i, "")
	}

	return rows
}

func fileOf(header string, rows ...string) string {
	return strings.Join(append([]string{header}, rows...), "\r\n") + "\r\n"
}

// uploaded is a batch whose file nobody has read yet.
func (b batchBench) uploaded(t *testing.T, file string, known ...batch.Column) string {
	t.Helper()

	fresh := db.NewBatch{Batch: notification.Batch{
		ID: newID(t), EnteID: b.service.EnteID, ServiceID: b.service.ID, TemplateID: b.template.ID, TemplateVersion: 1,
		Name: "Rinnovi 2026", FileName: "rinnovi.csv", CreatedBy: newID(t),
	}}

	if len(known) > 0 {
		layout, err := json.Marshal(batch.Layout{Columns: known})
		require.NoError(t, err)

		fresh.Layout = layout
	}

	id, _, err := b.store.CreateBatch(t.Context(), fresh)
	require.NoError(t, err)
	require.NoError(t, b.store.AddBatchChunk(t.Context(), id, 0, []byte(file)))
	require.NoError(t, b.store.UploadedBatch(t.Context(), id, int64(len(file))))

	return id
}

// check reads the file of a batch for the first time.
func (b batchBench) check(t *testing.T, id string) {
	t.Helper()

	_, err := run[any](b.task(t, workflows.ActivityCheckBatch), b.reading(id, 1))
	require.NoError(t, err)
}

func (b batchBench) reading(id string, check int) workflows.BatchCheckInput {
	return workflows.BatchCheckInput{BatchID: id, EnteID: b.service.EnteID, Check: check}
}

// draft is a batch whose file was read, with these rows.
func (b batchBench) draft(t *testing.T, rows ...string) string {
	t.Helper()

	id := b.uploaded(t, fileOf(columns, rows...))
	b.check(t, id)
	require.Equal(t, notification.BatchDraft, b.batch(t, id).Status)

	return id
}

// sending is a batch that was confirmed.
func (b batchBench) sending(t *testing.T, rows ...string) string {
	t.Helper()

	id := b.draft(t, rows...)
	require.NoError(t, b.store.ConfirmBatch(t.Context(), id, 1, time.Time{}, false))

	return id
}

func (b batchBench) batch(t *testing.T, id string) db.StoredBatch {
	t.Helper()

	stored, err := b.store.Batch(t.Context(), id)
	require.NoError(t, err)

	return stored
}

func (b batchBench) rows(t *testing.T, id string, states ...notification.RowState) []db.BatchRow {
	t.Helper()

	rows, err := b.store.BatchRows(t.Context(), id, db.RowFilter{States: states}, 0, batch.MaxRows)
	require.NoError(t, err)

	return rows
}

// move changes a batch's status, whatever it is.
func (b batchBench) move(t *testing.T, id string, to notification.BatchStatus) {
	t.Helper()
	require.NoError(t, b.store.MoveBatch(t.Context(), id, []notification.BatchStatus{b.batch(t, id).Status}, to))
}

// send hands the rows of a batch over that come after one.
func (b batchBench) send(t *testing.T, id string, after int) (workflows.BatchPageResult, error) {
	t.Helper()

	return run[workflows.BatchPageResult](b.task(t, workflows.ActivitySendBatchPage), workflows.BatchPage{BatchID: id, After: after})
}

// sent is send where nothing hinders.
func (b batchBench) sent(t *testing.T, id string, after int) workflows.BatchPageResult {
	t.Helper()

	page, err := b.send(t, id, after)
	require.NoError(t, err)

	return page
}

func idsOf(rows []db.BatchRow) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.NotificationID
	}

	return ids
}
