package db_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"gorm.io/gorm"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// secrets must not be found at rest.
func secrets() []string {
	return []string{
		fiscalCode, phone, strings.TrimPrefix(phone, "+39"), subject, markdown, "301000000000000001", ioKey, otherKey,
		"session-token", "data of the session", "chiave-RSSMRA80A01H501U", "answer about RSSMRA80A01H501U",
		manageKey, "Servizio ancora segreto",
		"webhook-secret-of-the-ente", "avvisi.comune.example",
		"TOTPSECRETTOTPSECRET", "abcd-recovery-code", "subject-RSSMRA80A01H501U",
	}
}

// storeEverything uses each place where personal data or a secret is given to the store.
func storeEverything(t *testing.T, store *db.Store) {
	t.Helper()

	f := newTenant(t, store)
	submission := f.submission(t)
	submission.IdempotencyKey = "chiave-RSSMRA80A01H501U"
	_, _, err := store.Submit(t.Context(), submission)
	require.NoError(t, err)
	require.NoError(t, store.CreateRecipientCheck(t.Context(),
		db.RecipientCheck{ID: newID(t), EnteID: f.ente.ID, ServiceID: f.service.ID, FiscalCode: fiscalCode}))
	person := newUser(t, store, f)
	require.NoError(t, store.SetSecondFactor(t.Context(), person.ID, "TOTPSECRETTOTPSECRET", 1, []string{"abcd-recovery-code"}))
	require.NoError(t, store.LinkIdentity(t.Context(), person.ID, "https://id.example", "subject-RSSMRA80A01H501U"))
	require.NoError(t, store.Sessions().CommitCtx(t.Context(), "session-token", []byte("data of the session"), farFuture()))
	require.NoError(t, store.SetServiceKeys(t.Context(), f.service.ID, notification.ServiceKeys{Primary: otherKey, Secondary: ioKey}))

	require.NoError(t, store.KeepTestRecipient(t.Context(), person.ID, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}))
	storeBatch(t, f)
	f.webhook(t, func(w *notification.Webhook) { w.Previous = []byte("webhook-secret-of-the-ente") })
	f.asked(t)

	id := f.begunImport(t)
	require.NoError(t, store.SetManageKey(t.Context(), f.ente.ID, manageKey))
	require.NoError(t, store.StageServices(t.Context(), id, []db.StagedService{{IOServiceID: "01JSTAGED", Name: "Servizio ancora segreto"}}))
	require.NoError(t, store.StageKeys(t.Context(), id, "01JSTAGED", notification.ServiceKeys{Primary: ioKey, Secondary: otherKey}, ""))
}

// storeBatch keeps a file and its rows, a confirmed batch's notifications, and a bulk.
func storeBatch(t *testing.T, f tenant) {
	t.Helper()

	upload := f.upload(t)
	upload.IdempotencyKey, upload.RequestHash = "chiave-RSSMRA80A01H501U", []byte(fiscalCode)
	_, _, err := f.store.CreateBatch(t.Context(), upload)
	require.NoError(t, err)

	f.drafted(t, good, bad, duplicate)

	id, rows := f.confirmed(t, false, good)
	rows[0].ContentHash = []byte(fiscalCode + markdown)
	f.accept(t, id, rows...)

	bulk := f.bulk(t, "chiave-RSSMRA80A01H501U", "chiave-RSSMRA80A01H501U")
	bulk.IdempotencyKey, bulk.RequestHash = "chiave-RSSMRA80A01H501U", []byte(fiscalCode)
	bulk.Answer = func([]db.BulkItem) ([]byte, error) { return []byte("answer about RSSMRA80A01H501U"), nil }
	_, _, err = f.store.SubmitBulk(t.Context(), bulk)
	require.NoError(t, err)
}

func TestSQLiteFileHoldsNoSecret(t *testing.T) {
	t.Parallel()

	url := dbtest.SQLite(t)
	storeEverything(t, dbtest.OpenWith(t, db.Config{URL: url}))

	files, err := filepath.Glob(strings.TrimPrefix(url, "sqlite://") + "*")
	require.NoError(t, err)

	var content []byte

	for _, file := range files {
		part, err := os.ReadFile(file)
		require.NoError(t, err)

		content = append(content, part...)
	}

	require.True(t, bytes.Contains(content, []byte("pratica-42")), "what is not secret must be found, or this test proves nothing")

	for _, secret := range secrets() {
		require.False(t, bytes.Contains(content, []byte(secret)), secret)
	}
}

func TestPostgresHoldsNoSecret(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EnginePostgres)
	storeEverything(t, store)

	var dump strings.Builder

	for _, row := range db.Rows() {
		var tuples []string

		// The default output of bytea, hexadecimal digits, would hide what it holds.
		require.NoError(t, store.ORM().Transaction(func(tx *gorm.DB) error {
			if err := tx.Exec("SET LOCAL bytea_output = 'escape'").Error; err != nil {
				return err
			}

			statement := &gorm.Statement{DB: tx}
			if err := statement.Parse(row); err != nil {
				return err
			}

			return tx.Raw("SELECT CAST(t AS text) FROM " + statement.Schema.Table + " t").Scan(&tuples).Error
		}))
		fmt.Fprintln(&dump, tuples)
	}

	require.Contains(t, dump.String(), "pratica-42", "what is not secret must be found, or this test proves nothing")

	for _, secret := range secrets() {
		require.NotContains(t, dump.String(), secret)
	}
}

// TestCiphertextsAreBoundToTheirRows: whoever can write to the database cannot pass one citizen's data off
// as another's.
func TestCiphertextsAreBoundToTheirRows(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		one, other := f.accepted(t), f.accepted(t)
		require.NoError(t, store.ORM().Exec(
			"UPDATE notifications SET recipient = (SELECT recipient FROM notifications WHERE id = ?) WHERE id = ?", one, other).Error)

		_, err := store.Notification(t.Context(), one)
		require.NoError(t, err)
		_, err = store.Notification(t.Context(), other)
		require.ErrorIs(t, err, db.ErrUndecryptable)
		_, err = store.Begin(t.Context(), other, firstRun())
		require.ErrorIs(t, err, db.ErrUndecryptable)
		_, _, err = store.List(t.Context(), db.Filter{}, db.Cursor{}, 10)
		require.ErrorIs(t, err, db.ErrUndecryptable)
	})
}

func TestErrorsAndLogsHoldNoValue(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		core, logs := observer.New(zap.DebugLevel)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Log: zap.New(core)})

		const secret = "RSSMRA80A01H501U"

		ente := notification.Ente{ID: newID(t), Name: secret, FiscalCode: secret}
		require.NoError(t, store.CreateEnte(t.Context(), ente))

		twin := ente
		twin.ID = newID(t)

		_, notFound := store.Ente(t.Context(), secret)
		errs := []error{
			store.CreateEnte(t.Context(), twin),
			store.CreateUser(t.Context(), db.User{ID: newID(t), Email: secret, Role: secret}),
			store.UpdateEnte(t.Context(), notification.Ente{ID: secret}),
			notFound,
		}

		require.NoError(t, store.ORM().Exec("ALTER TABLE users RENAME TO gone").Error)

		_, unexpected := store.UserByEmail(t.Context(), secret)
		errs = append(errs, unexpected)

		for _, err := range errs {
			require.Error(t, err)
			require.NotContains(t, strings.ToUpper(fmt.Sprintf("%+v", err)), secret)
		}

		failed := logs.FilterMessage("database statement failed").AllUntimed()
		require.NotEmpty(t, failed)

		last := fmt.Sprint(failed[len(failed)-1].ContextMap())
		require.Contains(t, last, "email = "+map[dbtest.Engine]string{"sqlite": "?", "postgres": "$1 "}[engine])

		for _, entry := range logs.AllUntimed() {
			require.NotContains(t, strings.ToUpper(fmt.Sprint(entry.Message, entry.ContextMap())), secret)
		}
	})
}
