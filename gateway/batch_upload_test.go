package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// fileOf is what is stored of a batch's file.
func (b bundle) fileOf(t *testing.T, id string) []byte {
	t.Helper()

	file, err := b.store.OpenBatchFile(t.Context(), id)
	require.NoError(t, err)

	content, err := io.ReadAll(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	return content
}

// batches counts every batch of every Ente.
func (b bundle) batches(t *testing.T) int {
	t.Helper()

	page, more, err := b.store.Batches(t.Context(), db.BatchFilter{}, db.Cursor{}, 100)
	require.NoError(t, err)
	require.False(t, more)

	return len(page)
}

func TestAnUploadIsKeptAndWaitsForItsCheck(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		actor := b.user(gateway.RoleOperator)
		upload := b.upload(t)

		// More than two pieces, which are read as a slow network brings them.
		content := bytes.Repeat([]byte(taxFile), 600<<10/len(taxFile))
		upload.File = iotest.HalfReader(bytes.NewReader(content))

		view, err := b.UploadBatch(t.Context(), actor, upload)

		require.NoError(t, err)
		require.Equal(t, notification.BatchChecking, view.Status)
		require.Equal(t, "TARI 2026", view.Name)
		require.Equal(t, "tari.csv", view.FileName)
		require.EqualValues(t, len(content), view.FileSize)
		require.Equal(t, notification.PriorityBulk, view.Priority)
		require.Equal(t, actor.ID, view.CreatedBy)
		require.Equal(t, b.ente.ID, view.EnteID)
		require.Equal(t, b.ente.Name, view.EnteName)
		require.Equal(t, b.service.Name, view.ServiceName)
		require.Equal(t, "TARI", view.TemplateName)
		require.Equal(t, 1, view.TemplateVersion)
		require.Equal(t, []string{"nome"}, view.Placeholders)
		require.Equal(t, gateway.BatchPossible{Discard: true}, view.Possible)
		require.Equal(t, content, b.fileOf(t, view.ID))

		starts, err := store.UnstartedBatches(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Equal(t, []db.BatchStart{{
			BatchID: view.ID, EnteID: b.ente.ID, Step: db.BatchStepCheck, Check: 1, Priority: notification.PriorityBulk,
		}}, starts)
	})
}

func TestAnUploadIsNamedAfterItsFile(t *testing.T) {
	t.Parallel()

	cases := map[string]struct{ name, fileName, want, wantFile string }{
		"own name":           {" IMU 2026 ", "tari.csv", "IMU 2026", "tari.csv"},
		"file's name":        {"", "tari 2026.csv", "tari 2026", "tari 2026.csv"},
		"no ending":          {"", "tari", "tari", "tari"},
		"a folder":           {"", "uffici/tributi/tari.csv", "tari", "tari.csv"},
		"a folder elsewhere": {"", `C:\Documenti\tari.xlsx`, "tari", "tari.xlsx"},
		"a long name":        {"", strings.Repeat("è", 120) + ".csv", strings.Repeat("è", 100), strings.Repeat("è", 120) + ".csv"},
		"a very long name":   {"TARI", strings.Repeat("è", 300), "TARI", strings.Repeat("è", 127)},
		"control characters": {"", "ta\x00ri\n.csv", "tari", "tari.csv"},
		"Latin-1":            {"", "citt\xe0.csv", "citt", "citt.csv"},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				upload := b.upload(t)
				upload.Name, upload.FileName = test.name, test.fileName

				view, err := b.UploadBatch(t.Context(), b.application(), upload)

				require.NoError(t, err)
				require.Equal(t, test.want, view.Name)
				require.Equal(t, test.wantFile, view.FileName)
			})
		}
	})
}

func TestAnUploadNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		change      func(*gateway.BatchUpload)
		field, code string
	}{
		"unknown service":   {func(u *gateway.BatchUpload) { u.ServiceID = uuid.NewString() }, "service_id", "unknown"},
		"unknown template":  {func(u *gateway.BatchUpload) { u.TemplateID = uuid.NewString() }, "template_id", "unknown"},
		"no template's id":  {func(u *gateway.BatchUpload) { u.TemplateID = "tari" }, "template_id", "unknown"},
		"unknown version":   {func(u *gateway.BatchUpload) { u.TemplateVersion = 2 }, "template_version", "unknown"},
		"no name":           {func(u *gateway.BatchUpload) { u.Name, u.FileName = "", "" }, "name", "required"},
		"long name":         {func(u *gateway.BatchUpload) { u.Name = strings.Repeat("è", 101) }, "name", "too_long"},
		"lines in a name":   {func(u *gateway.BatchUpload) { u.Name = "a\nb" }, "name", "characters"},
		"a citizen's name":  {func(u *gateway.BatchUpload) { u.Name = "TARI " + fiscalCode }, "name", "personal_data"},
		"a citizen's file":  {func(u *gateway.BatchUpload) { u.Name, u.FileName = "", fiscalCode+".csv" }, "name", "personal_data"},
		"a file of someone": {func(u *gateway.BatchUpload) { u.FileName = "tari_" + fiscalCode + ".csv" }, "file", "personal_data"},
		"priority":          {func(u *gateway.BatchUpload) { u.Priority = "asap" }, "priority", "unknown"},
		"key":               {func(u *gateway.BatchUpload) { u.IdempotencyKey = "a key" }, "Idempotency-Key", "characters"},
		"unknown field": {func(u *gateway.BatchUpload) {
			u.Columns = map[string]batch.Field{"Cellulare": "mobile"}
		}, "columns", "unknown"},
		"another template's placeholder": {func(u *gateway.BatchUpload) {
			u.Columns = map[string]batch.Field{"Cellulare": batch.Value("cognome")}
		}, "columns", "unknown"},
		"empty file": {func(u *gateway.BatchUpload) { u.File = strings.NewReader("") }, "file", "required"},
		"too large a file": {func(u *gateway.BatchUpload) {
			u.File = io.LimitReader(zeros{}, batch.MaxBytes+1)
		}, "file", "too_large"},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				upload := b.upload(t)
				test.change(&upload)

				_, err := b.UploadBatch(t.Context(), b.application(), upload)

				requireFields(t, err, map[string]string{test.field: test.code}, fiscalCode, "asap", "a key", "mobile", "cognome")
				require.Zero(t, b.batches(t), "nothing is left of it")
			})
		}
	})
}

// zeros never end.
type zeros struct{}

func (zeros) Read(target []byte) (int, error) {
	clear(target)

	return len(target), nil
}

func TestAFileOfTheLargestSize(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	upload := b.upload(t)
	upload.File = io.LimitReader(zeros{}, batch.MaxBytes)

	view, err := b.UploadBatch(t.Context(), b.application(), upload)

	require.NoError(t, err)
	require.EqualValues(t, batch.MaxBytes, view.FileSize)
}

func TestAnUploadNamesEveryFieldAtOnceAndReadsNoFile(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.UploadBatch(t.Context(), b.application(), gateway.BatchUpload{
			ServiceID: uuid.NewString(), TemplateID: uuid.NewString(), Priority: "asap", IdempotencyKey: "a key",
			File: iotest.ErrReader(errBrokenPipe),
		})

		requireFields(t, err, map[string]string{
			"service_id": "unknown", "name": "required", "priority": "unknown", "Idempotency-Key": "characters",
		})

		_, err = b.UploadBatch(t.Context(), b.application(), gateway.BatchUpload{
			ServiceID: b.service.ID, TemplateID: uuid.NewString(), Name: "a\nb", File: iotest.ErrReader(errBrokenPipe),
		})

		requireFields(t, err, map[string]string{"template_id": "unknown", "name": "characters"})
	})
}

func TestAnUploadNeedsATemplateInUseOfTheSameEnte(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		upload := b.upload(t)
		upload.TemplateID = foreign.taxTemplate(t, store).ID

		_, err := b.UploadBatch(t.Context(), system(), upload)
		requireFields(t, err, map[string]string{"template_id": "unknown"})

		upload = b.upload(t)
		require.NoError(t, store.ArchiveTemplate(t.Context(), upload.TemplateID))

		_, err = b.UploadBatch(t.Context(), b.application(), upload)
		requireFields(t, err, map[string]string{"template_id": "archived"})
	})
}

func TestWhoMayUpload(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		bound, elsewhere := b.application(), b.application()
		bound.ServiceIDs = []string{b.service.ID}
		elsewhere.ServiceIDs = []string{newService(t, store, b.ente.ID).ID}

		for _, actor := range []gateway.Actor{
			b.application(), bound, b.user(gateway.RoleOperator), b.user(gateway.RoleAdministrator), support(), system(),
		} {
			_, err := b.UploadBatch(t.Context(), actor, b.upload(t))
			require.NoError(t, err)
		}

		_, err := b.UploadBatch(t.Context(), b.user(gateway.RoleAuditor), b.upload(t))
		require.ErrorIs(t, err, gateway.ErrForbidden)

		for _, actor := range []gateway.Actor{elsewhere, foreign.application(), foreign.user(gateway.RoleOperator)} {
			_, err := b.UploadBatch(t.Context(), actor, b.upload(t))
			require.Error(t, err)

			var fields notification.FieldErrors

			require.ErrorAs(t, err, &fields)
			require.Equal(t, "service_id", fields[0].Field)
			require.Equal(t, "unknown", fields[0].Code)
		}
	})
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	t.Parallel()

	// net/http says the first of a body, and mime/multipart of a part, that ends too early; io.ReadFull says it of any
	// last piece.
	for _, fault := range []error{io.ErrUnexpectedEOF, errBrokenPipe} {
		t.Run(fault.Error(), func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, store *db.Store) {
				b := newBundle(t, store)
				upload := b.upload(t)
				upload.IdempotencyKey = "42"
				upload.File = io.MultiReader(strings.NewReader(taxFile), iotest.ErrReader(fault))

				_, err := b.UploadBatch(t.Context(), b.application(), upload)
				require.ErrorIs(t, err, fault)
				require.Zero(t, b.batches(t))

				upload.File = strings.NewReader(taxFile)
				_, err = b.UploadBatch(t.Context(), b.application(), upload)
				require.NoError(t, err, "the key is free")
			})
		})
	}
}

func TestAnEnteMayNotFillTheDatabase(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		upload := b.upload(t)

		var last string

		for range 100 {
			last = newID(t)
			_, _, err := store.CreateBatch(t.Context(), db.NewBatch{Batch: notification.Batch{
				ID: last, EnteID: b.ente.ID, ServiceID: b.service.ID, TemplateID: upload.TemplateID, TemplateVersion: 1,
			}})
			require.NoError(t, err)
		}

		_, err := b.UploadBatch(t.Context(), b.application(), upload)
		requireFields(t, err, map[string]string{"file": "too_many"})

		unsent, err := store.UnsentBatches(t.Context(), b.ente.ID)
		require.NoError(t, err)
		require.Equal(t, 100, unsent, "nothing is left of what was refused")

		other := newTenant(t, store)
		elsewhere := b.upload(t)
		elsewhere.ServiceID, elsewhere.TemplateID = other.service.ID, other.taxTemplate(t, store).ID

		_, err = b.UploadBatch(t.Context(), other.application(), elsewhere)
		require.NoError(t, err, "another Ente has its own")

		require.NoError(t, store.DiscardBatch(t.Context(), last))

		_, err = b.UploadBatch(t.Context(), b.application(), upload)
		require.NoError(t, err)
	})
}

func TestColumnsThatAnApplicationKnowsAreKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		upload := b.upload(t)
		upload.Columns = map[string]batch.Field{
			"CF contribuente": batch.FieldFiscalCode, "Contribuente": batch.Value("nome"), "Note": "",
		}

		view, err := b.UploadBatch(t.Context(), b.application(), upload)
		require.NoError(t, err)

		var layout batch.Layout

		require.NoError(t, json.Unmarshal(b.storedBatch(t, view.ID).Layout, &layout))
		require.Equal(t, batch.Layout{Columns: []batch.Column{
			{Header: "CF contribuente", Field: batch.FieldFiscalCode},
			{Header: "Contribuente", Field: batch.Value("nome")},
			{Header: "Note"},
		}}, layout)
	})
}

func TestARepeatedUploadGivesTheFirstAnswer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		upload := b.upload(t)
		upload.IdempotencyKey = "42"

		first, err := b.UploadBatch(t.Context(), b.application(), upload)
		require.NoError(t, err)

		again := upload
		again.File = strings.NewReader(taxFile + taxpayer(1) + ";;Ugo\r\n")

		second, err := b.UploadBatch(t.Context(), b.application(), again)
		require.NoError(t, err)
		require.Equal(t, first.ID, second.ID)
		require.Equal(t, 1, b.batches(t), "nothing is left of the repetition")

		other := upload
		other.File = strings.NewReader(taxFile + taxpayer(2) + ";;Ugo\r\n")

		_, err = b.UploadBatch(t.Context(), b.application(), other)
		require.ErrorIs(t, err, gateway.ErrIdempotencyConflict, "another file")

		renamed := again
		renamed.Name, renamed.File = "TARI 2027", strings.NewReader(taxFile+taxpayer(1)+";;Ugo\r\n")

		_, err = b.UploadBatch(t.Context(), b.application(), renamed)
		require.ErrorIs(t, err, gateway.ErrIdempotencyConflict, "another name")
		require.Equal(t, 1, b.batches(t))
	})
}

func TestConcurrentRepetitionsOfAnUploadAreOneBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const repetitions = 6

		b := newBundle(t, store)
		upload := b.upload(t)
		upload.IdempotencyKey = "42"

		var group sync.WaitGroup

		ids, errs := make([]string, repetitions), make([]error, repetitions)

		for i := range repetitions {
			group.Go(func() {
				own := upload
				own.File = strings.NewReader(taxFile)

				var view gateway.BatchView

				view, errs[i] = b.UploadBatch(t.Context(), b.application(), own)
				ids[i] = view.ID
			})
		}

		group.Wait()
		require.NoError(t, errors.Join(errs...))

		for _, id := range ids {
			require.Equal(t, ids[0], id)
		}

		require.Equal(t, 1, b.batches(t))
	})
}
