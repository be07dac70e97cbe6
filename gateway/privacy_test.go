package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/workflows"
)

const whyAsked = "Protocollo 4711 del 2026"

func (b bundle) wishOf(code string) gateway.CitizenWish {
	return gateway.CitizenWish{FiscalCode: code, Why: whyAsked}
}

func TestRetentionIsSetByWhoGoverns(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		wanted := notification.Retention{ContentDays: 60, OutcomeDays: 365}

		require.ErrorIs(t, b.SetRetention(t.Context(), b.user(gateway.RoleAdministrator), b.ente.ID, 1, wanted), gateway.ErrForbidden)
		require.NoError(t, b.SetRetention(t.Context(), governor(), b.ente.ID, 1, wanted))
		require.ErrorIs(t, b.SetRetention(t.Context(), governor(), b.ente.ID, 1, wanted), gateway.ErrState, "somebody has changed it since")
		require.ErrorIs(t, b.SetRetention(t.Context(), governor(), newID(t), 1, wanted), gateway.ErrNotFound)

		kept, err := store.Retention(t.Context(), b.ente.ID)
		require.NoError(t, err)
		require.Equal(t, wanted, kept)

		noted := b.notedActs(t, "ente.set_retention")
		require.Len(t, noted, 1)
		require.Equal(t, map[string]string{"content_from": "90", "content_to": "60", "outcome_from": "730", "outcome_to": "365"}, noted[0].Detail)

		for wrong, field := range map[notification.Retention]string{
			{ContentDays: 29, OutcomeDays: 365}:  "content_days",
			{ContentDays: 731, OutcomeDays: 800}: "content_days",
			{ContentDays: 90, OutcomeDays: 179}:  "outcome_days",
			{ContentDays: 90, OutcomeDays: 3651}: "outcome_days",
			{ContentDays: 300, OutcomeDays: 299}: "outcome_days",
		} {
			requireFields(t, b.SetRetention(t.Context(), governor(), b.ente.ID, 2, wrong), map[string]string{field: "range"})
		}
	})
}

func TestRetentionReportsAreForTheirReaders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b, neighbour := newBundle(t, store), newTenant(t, store)
		run := newID(t)
		require.NoError(t, store.BeginRetention(t.Context(), run))
		require.NoError(t, store.NoteRemoved(t.Context(), run, b.ente.ID, notification.RemovedContent, 3))
		require.NoError(t, store.NoteRemoved(t.Context(), run, neighbour.ente.ID, notification.RemovedContent, 4))
		require.NoError(t, store.FinishRetention(t.Context(), run))

		ours, err := b.RetentionRuns(t.Context(), b.user(gateway.RoleAdministrator))
		require.NoError(t, err)
		require.Equal(t, 3, ours[0].Total(notification.RemovedContent))

		all, err := b.RetentionRun(t.Context(), governor(), run)
		require.NoError(t, err)
		require.Equal(t, 7, all.Total(notification.RemovedContent))
		require.Equal(t, b.ente.Name, all.EnteNames[b.ente.ID])

		for _, actor := range []gateway.Actor{b.user(gateway.RoleOperator), b.application(), {}} {
			_, err := b.RetentionRuns(t.Context(), actor)
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.RetentionRun(t.Context(), actor, run)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}
	})
}

// removeContent removes the content of what has ended, as retention does when its time is over.
func (b bundle) removeContent(tb testing.TB) {
	tb.Helper()

	run := newID(tb)
	require.NoError(tb, b.store.BeginRetention(tb.Context(), run))

	_, err := b.store.RemoveContent(tb.Context(), db.Removal{RunID: run, EnteID: b.ente.ID, Before: time.Now().Add(time.Hour)})
	require.NoError(tb, err)
}

func TestRetryOfWhatHasNoContentIsRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		id := b.in(t, notification.StatusFailed, notification.ReasonIOKeyRejected)
		b.removeContent(t)

		view, err := b.Notification(t.Context(), b.user(gateway.RoleOperator), id)
		require.NoError(t, err)
		require.False(t, view.Possible.Retry)
		require.Empty(t, view.MaskedPhone)
		require.NotEmpty(t, view.MaskedFiscalCode)

		err = b.Retry(t.Context(), b.user(gateway.RoleOperator), id)
		require.ErrorIs(t, err, gateway.ErrContentRemoved)
		require.ErrorIs(t, err, gateway.ErrState)
	})
}

func TestOnlyWhoMayAnswersCitizens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.accepted(t)

		for _, actor := range []gateway.Actor{
			b.user(gateway.RoleOperator), b.user(gateway.RoleAuditor), support(), b.application(), {},
		} {
			_, err := b.Citizen(t.Context(), actor, b.wishOf(fiscalCode))
			require.ErrorIs(t, err, gateway.ErrForbidden)
			require.ErrorIs(t, b.ExportCitizen(t.Context(), actor, b.wishOf(fiscalCode), &bytes.Buffer{}), gateway.ErrForbidden)
			_, err = b.StartErasure(t.Context(), actor, gateway.ErasureWish{CitizenWish: b.wishOf(fiscalCode), OpenOnes: notification.OpenWait})
			require.ErrorIs(t, err, gateway.ErrForbidden)
			_, err = b.Erasures(t.Context(), actor, "")
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}

		// An Ente knows of nothing that another one sent, and cannot ask for it either.
		stranger := newTenant(t, store)
		found, err := b.Citizen(t.Context(), stranger.user(gateway.RoleAdministrator), b.wishOf(fiscalCode))
		require.NoError(t, err)
		require.Zero(t, found.Total)

		reaching := b.wishOf(fiscalCode)
		reaching.EnteID = b.ente.ID
		_, err = b.Citizen(t.Context(), stranger.user(gateway.RoleAdministrator), reaching)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		all, err := b.Citizen(t.Context(), governor(), b.wishOf(fiscalCode))
		require.NoError(t, err)
		require.Equal(t, 1, all.Total)
		require.Equal(t, 1, all.Open)
	})
}

func TestACitizensDataIsExported(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		administrator := b.user(gateway.RoleAdministrator)
		one, other := b.accepted(t), b.accepted(t)
		b.accepted(t, func(n *notification.Notification) { n.Recipient.FiscalCode = "VRDNNA85B41F205X" })

		claim, err := store.BeginAttempt(t.Context(), one, notification.ChannelIO, "")
		require.NoError(t, err)
		require.NoError(t, store.RecordProviderEvent(t.Context(), claim.Attempt.ID, "PROCESSED", time.Now()))
		_, err = b.Reveal(t.Context(), administrator, one, whyRevealed)
		require.NoError(t, err)

		var file bytes.Buffer

		require.NoError(t, b.ExportCitizen(t.Context(), administrator, b.wishOf(" rssmra80a01h501u"), &file))

		var dossier gateway.Dossier

		require.NoError(t, json.Unmarshal(file.Bytes(), &dossier))
		require.Equal(t, gateway.DossierFormat, dossier.Format)
		require.Equal(t, fiscalCode, dossier.FiscalCode)
		require.Equal(t, b.ente.Name, dossier.Ente)
		require.Equal(t, 2, dossier.Total)
		require.Len(t, dossier.Notifications, 2)
		require.Equal(t, other, dossier.Notifications[0].ID, "the newest first")

		held := dossier.Notifications[1]
		require.Equal(t, one, held.ID)
		require.Equal(t, phone, held.Phone)
		require.NotNil(t, held.Content)
		require.Len(t, held.Attempts, 1)
		require.Equal(t, "PROCESSED", held.Attempts[0].Events[0].Status)
		require.Len(t, held.Accesses, 1)
		require.Equal(t, "notification.reveal", held.Accesses[0].Act)
		require.Equal(t, whyRevealed, held.Accesses[0].Reason)
		require.NotContains(t, file.String(), administrator.Name, "colleagues at work are no recipients")

		shown, err := b.CitizenDossier(t.Context(), administrator, b.wishOf(fiscalCode))
		require.NoError(t, err)
		require.Equal(t, dossier.Notifications, shown.Notifications)

		noted := b.notedActs(t, "citizen.export")
		require.Len(t, noted, 2)
		require.Equal(t, map[string]string{"why": whyAsked, "format": "json", "notifications": "2"}, noted[1].Detail)
		require.Equal(t, b.ente.ID, noted[1].EnteID)
		require.NotContains(t, fmt.Sprint(noted), fiscalCode)

		var none bytes.Buffer

		require.NoError(t, b.ExportCitizen(t.Context(), newTenant(t, store).user(gateway.RoleAdministrator), b.wishOf(fiscalCode), &none))
		require.NoError(t, json.Unmarshal(none.Bytes(), &dossier))
		require.Zero(t, dossier.Total)
	})
}

func TestARequestNamesAValidCitizenAndAReasonWithoutOne(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		administrator := b.user(gateway.RoleAdministrator)

		for _, test := range []struct {
			wish gateway.CitizenWish
			want string // the field
		}{
			{gateway.CitizenWish{FiscalCode: "RSSMRA80A01H501X", Why: whyAsked}, "fiscal_code"},
			{gateway.CitizenWish{FiscalCode: fiscalCode, Why: "corto"}, "why"},
			{gateway.CitizenWish{FiscalCode: fiscalCode, Why: "lo chiede " + fiscalCode}, "why"},
		} {
			err := b.ExportCitizen(t.Context(), administrator, test.wish, &bytes.Buffer{})

			var fields notification.FieldErrors

			require.ErrorAs(t, err, &fields)
			require.Len(t, fields, 1)
			require.Equal(t, test.want, fields[0].Field)
			require.NotContains(t, err.Error(), fiscalCode)
		}

		_, err := b.StartErasure(t.Context(), administrator, gateway.ErasureWish{CitizenWish: b.wishOf(fiscalCode), OpenOnes: "burn"})
		requireFields(t, err, map[string]string{"open_ones": "unknown"})
		require.Empty(t, b.notedActs(t, "citizen.erase"))
	})
}

func TestAnErasureIsKeptNotedAndStarted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		administrator := b.user(gateway.RoleAdministrator)
		b.accepted(t)

		id, err := b.StartErasure(t.Context(), administrator,
			gateway.ErasureWish{CitizenWish: b.wishOf(fiscalCode), OpenOnes: notification.OpenCancel})
		require.NoError(t, err)
		require.Len(t, b.temporal.starts, 1)
		require.Equal(t, workflows.ErasureID(id), b.temporal.starts[0].GetWorkflowId())
		require.NotContains(t, b.temporal.starts[0].String(), fiscalCode)

		due, err := store.UnstartedErasures(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Empty(t, due)

		noted := b.notedActs(t, "citizen.erase")
		require.Len(t, noted, 1)
		require.Equal(t, id, noted[0].ObjectID)
		require.Equal(t, map[string]string{"why": whyAsked, "open_ones": "cancel", "notifications": "1"}, noted[0].Detail)
		require.NotContains(t, fmt.Sprint(noted), fiscalCode)

		view, err := b.Erasure(t.Context(), administrator, id)
		require.NoError(t, err)
		require.Equal(t, b.ente.Name, view.EnteName)
		require.Equal(t, 1, view.Found)

		page, err := b.Erasures(t.Context(), administrator, "")
		require.NoError(t, err)
		require.Len(t, page.Items, 1)

		var proof bytes.Buffer

		require.NoError(t, b.WriteErasureProof(t.Context(), administrator, id, &proof))
		require.Contains(t, proof.String(), `"why": "`+whyAsked+`"`)
		require.NotContains(t, proof.String(), fiscalCode)

		stranger := newTenant(t, store).user(gateway.RoleAdministrator)
		_, err = b.Erasure(t.Context(), stranger, id)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		theirs, err := b.Erasures(t.Context(), stranger, "")
		require.NoError(t, err)
		require.Empty(t, theirs.Items)

		everywhere, err := b.StartErasure(t.Context(), governor(),
			gateway.ErasureWish{CitizenWish: b.wishOf(fiscalCode), OpenOnes: notification.OpenWait})
		require.NoError(t, err)
		_, err = b.Erasure(t.Context(), administrator, everywhere)
		require.ErrorIs(t, err, gateway.ErrNotFound)
	})
}

// TestAnErasureOutlivesAnAbsentTemporal: it is kept, and the sweep of any server starts it.
func TestAnErasureOutlivesAnAbsentTemporal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)
		b.temporal.onStart = func(*startRequest) (*startResponse, error) { return nil, workflowGone() }

		id, err := b.StartErasure(t.Context(), b.user(gateway.RoleAdministrator), gateway.ErasureWish{
			CitizenWish: b.wishOf(fiscalCode), OpenOnes: notification.OpenWait,
		})
		require.NoError(t, err)

		due, err := store.UnstartedErasures(t.Context(), time.Now().Add(time.Hour), 10)
		require.NoError(t, err)
		require.Len(t, due, 1)
		require.Equal(t, id, due[0].ID)
	})
}
