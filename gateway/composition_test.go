package gateway_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func (b bundle) composition(key string) gateway.Composition {
	written := gateway.Composition{Submission: b.submission()}
	written.IdempotencyKey = key

	return written
}

func TestACompositionIsShownAndNotStored(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		b.SMSPartPriceMicros = 70_000
		author := b.user(gateway.RoleOperator)

		view, err := b.PreviewComposition(t.Context(), author, b.composition("one"))
		require.NoError(t, err)
		require.Empty(t, view.Errors)
		require.Equal(t, "•••••••••••••01U", view.MaskedFiscalCode)
		require.NotContains(t, view.MaskedPhone, "123456")
		require.Equal(t, b.ente.Name+": "+subject, view.SMS.Text)
		require.Equal(t, 1, view.SMS.Parts)
		require.EqualValues(t, 70_000, view.SMSCostMicros)
		require.Equal(t, b.service.Name, view.ServiceName)
		require.Empty(t, view.Repeats.ID)
		require.Zero(t, b.total(t))

		receipt, err := b.SubmitComposition(t.Context(), author, b.composition("one"))
		require.NoError(t, err)

		again, err := b.SubmitComposition(t.Context(), author, b.composition("one"))
		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: receipt.ID, Replayed: true}, again)
		require.Equal(t, 1, b.total(t))

		view, err = b.PreviewComposition(t.Context(), author, b.composition("two"))
		require.NoError(t, err)
		require.Equal(t, receipt.ID, view.Repeats.ID, "the same was sent to the same citizen")

		other := b.composition("two")
		other.Content.Markdown += " Saluti."
		view, err = b.PreviewComposition(t.Context(), author, other)
		require.NoError(t, err)
		require.Empty(t, view.Repeats.ID)
	})
}

func TestACompositionSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))

	wrong := b.composition("one")
	wrong.FiscalCode, wrong.Content.Subject, wrong.Phone = "RSSMRA80A01H501A", "corto", "055 123456"
	wrong.Content.Payment = &notification.Payment{NoticeNumber: "12", AmountCents: 100}

	view, err := b.PreviewComposition(t.Context(), b.user(gateway.RoleOperator), wrong)
	require.NoError(t, err)
	require.Equal(t, "corto", view.Content.Subject)

	var fields []string
	for _, field := range view.Errors {
		fields = append(fields, field.Field+" "+field.Code)
	}

	require.ElementsMatch(t, []string{
		"recipient.fiscal_code check_character", "recipient.phone not_mobile", "content.subject too_short",
		"content.payment.notice_number format",
	}, fields)

	_, err = b.SubmitComposition(t.Context(), b.user(gateway.RoleOperator), wrong)
	require.Error(t, err)
	require.Zero(t, b.total(t))

	_, err = b.PreviewComposition(t.Context(), b.user(gateway.RoleAuditor), wrong)
	require.ErrorIs(t, err, gateway.ErrForbidden)
	_, err = b.SubmitComposition(t.Context(), b.user(gateway.RoleAuditor), wrong)
	require.ErrorIs(t, err, gateway.ErrForbidden)
}

func TestACompositionGoesToTheCitizenOfAnotherNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		earlier := b.accepted(t)
		author := b.user(gateway.RoleOperator)

		like := b.composition("one")
		like.FiscalCode, like.Phone, like.Like = "", "", earlier

		receipt, err := b.SubmitComposition(t.Context(), author, like)
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, b.stored(t, receipt.ID).Recipient)

		retyped := b.composition("two")
		retyped.FiscalCode, retyped.Phone, retyped.Like = provisionalCode, "", earlier

		receipt, err = b.SubmitComposition(t.Context(), author, retyped)
		require.NoError(t, err)
		require.Equal(t, notification.Recipient{FiscalCode: provisionalCode}, b.stored(t, receipt.ID).Recipient,
			"the earlier citizen's phone is not another's")

		foreign := newTenant(t, store)
		like.IdempotencyKey = "three"
		_, err = b.SubmitComposition(t.Context(), foreign.user(gateway.RoleOperator), like)
		require.ErrorIs(t, err, gateway.ErrNotFound, "whoever does not see a notification cannot write to its citizen")

		like.ServiceID = foreign.service.ID
		_, err = b.SubmitComposition(t.Context(), support(), like)
		require.ErrorContains(t, err, "recipient.fiscal_code", "no citizen goes from one Ente to another")
	})
}

func TestATestGoesToWhoeverSendsIt(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		author := b.account(t, "olga@comune.example").Actor()

		own, err := b.TestRecipient(t.Context(), author)
		require.NoError(t, err)
		require.Equal(t, gateway.TestRecipient{}, own)

		test := b.composition("one")
		test.FiscalCode, test.SendAt = provisionalCode, time.Now().Add(time.Hour)

		_, err = b.SendTest(t.Context(), author, test)
		require.ErrorIs(t, err, gateway.ErrState)

		require.ErrorContains(t, b.KeepTestRecipient(t.Context(), author, notification.Recipient{FiscalCode: "RSSMRA80A01H501A"}),
			"recipient.fiscal_code")
		require.NoError(t, b.KeepTestRecipient(t.Context(), author,
			notification.Recipient{FiscalCode: "rssmra80a01 h501u", Phone: phoneAsWritten}))

		own, err = b.TestRecipient(t.Context(), author)
		require.NoError(t, err)
		require.Equal(t, "•••••••••••••01U", own.MaskedFiscalCode)

		receipt, err := b.SendTest(t.Context(), author, test)
		require.NoError(t, err)

		sent := b.stored(t, receipt.ID)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, sent.Recipient)
		require.Equal(t, subject, sent.Content.Subject, "the content is that of any other")
		require.Regexp(t, "^"+gateway.TestReferencePrefix+"[0-9a-f]{10}$", sent.ExternalReference)
		require.Zero(t, sent.SendAt)

		again, err := b.SendTest(t.Context(), author, test)
		require.NoError(t, err)
		require.Equal(t, gateway.Receipt{ID: receipt.ID, Replayed: true}, again)

		require.NoError(t, b.ForgetTestRecipient(t.Context(), author))
		_, err = b.SendTest(t.Context(), author, test)
		require.ErrorIs(t, err, gateway.ErrState)

		for _, other := range []gateway.Actor{b.application(), b.user(gateway.RoleAuditor)} {
			_, err = b.TestRecipient(t.Context(), other)
			require.ErrorIs(t, err, gateway.ErrForbidden)
			require.ErrorIs(t, b.KeepTestRecipient(t.Context(), other, notification.Recipient{}), gateway.ErrForbidden)
			require.ErrorIs(t, b.ForgetTestRecipient(t.Context(), other), gateway.ErrForbidden)
			_, err = b.SendTest(t.Context(), other, test)
			require.ErrorIs(t, err, gateway.ErrForbidden)
		}
	})
}
