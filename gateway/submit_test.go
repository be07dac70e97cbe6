package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

func TestSubmitStoresANormalisedNotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		submission := b.submission()
		submission.FiscalCode = " rss mra 80a01 h501u "
		before := time.Now()

		receipt, err := b.Submit(t.Context(), b.application(), submission)

		require.NoError(t, err, "Temporal is away, which costs no request")
		require.False(t, receipt.Replayed)

		n := b.stored(t, receipt.ID)
		require.Equal(t, notification.Recipient{FiscalCode: fiscalCode, Phone: phone}, n.Recipient)
		require.Equal(t, "Comune di Prova: "+subject, n.Content.SMSText, "the text is fixed at submission")
		require.Equal(t, markdown, n.Content.Markdown)
		require.Equal(t, b.ente.ID, n.EnteID)
		require.Equal(t, b.service.ID, n.ServiceID)
		require.Equal(t, "pratica-42", n.ExternalReference)
		require.Equal(t, notification.PriorityNormal, n.Priority)
		require.Equal(t, notification.DefaultPolicy(), n.Policy)
		require.Equal(t, notification.StatusAccepted, n.Status)
		require.Equal(t, 1, n.Run)
		require.WithinRange(t, n.AcceptedAt, before.Add(-time.Second), time.Now().Add(time.Second))
	})
}

func TestSubmitKeepsTheSMSTextOfItsTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		derived, err := b.Submit(t.Context(), b.application(), b.submission())
		require.NoError(t, err)

		own := b.submission()
		own.Content.SMSText = "Rinnovi la carta"
		chosen, err := b.Submit(t.Context(), b.application(), own)
		require.NoError(t, err)

		renamed := b.ente
		renamed.Name = "Comune di Prova e Riprova"
		require.NoError(t, store.UpdateEnte(t.Context(), renamed))

		require.Equal(t, "Comune di Prova: "+subject, b.stored(t, derived.ID).Content.SMSText)
		require.Equal(t, "Rinnovi la carta", b.stored(t, chosen.ID).Content.SMSText)
	})
}

func TestSubmitAccepts(t *testing.T) {
	t.Parallel()

	now := time.Now()
	payment := &notification.Payment{NoticeNumber: "301000000000000001", AmountCents: ceiling}

	cases := map[string]struct {
		change func(*gateway.Submission)
		status notification.Status
	}{
		"a provisional code":        {func(s *gateway.Submission) { s.FiscalCode = provisionalCode }, notification.StatusAccepted},
		"an allowed test user":      {func(s *gateway.Submission) { s.FiscalCode = testUserCode }, notification.StatusAccepted},
		"no phone":                  {func(s *gateway.Submission) { s.Phone = "" }, notification.StatusAccepted},
		"a payment at the ceiling":  {func(s *gateway.Submission) { s.Content.Payment = payment }, notification.StatusAccepted},
		"urgency":                   {func(s *gateway.Submission) { s.Priority = notification.PriorityUrgent }, notification.StatusAccepted},
		"a sending time gone by":    {func(s *gateway.Submission) { s.SendAt = now.Add(-time.Hour) }, notification.StatusAccepted},
		"a sending time to come":    {func(s *gateway.Submission) { s.SendAt = now.Add(time.Hour) }, notification.StatusScheduled},
		"a sending time in a year":  {func(s *gateway.Submission) { s.SendAt = now.AddDate(0, 0, 365) }, notification.StatusScheduled},
		"an expiry to come":         {func(s *gateway.Submission) { s.ExpiresAt = now.Add(time.Hour) }, notification.StatusAccepted},
		"the longest reference":     {withReference(strings.Repeat("è", 100)), notification.StatusAccepted},
		"a number of the Ente's":    {withReference("61492729001"), notification.StatusAccepted},
		"another phone's digits":    {withReference("3337654321"), notification.StatusAccepted},
		"the longest key":           {func(s *gateway.Submission) { s.IdempotencyKey = strings.Repeat("~", 255) }, notification.StatusAccepted},
		"an expiry after its start": {withTimes(now.Add(time.Hour), now.Add(2*time.Hour)), notification.StatusScheduled},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				submission := b.submission()
				test.change(&submission)

				receipt, err := b.Submit(t.Context(), b.application(), submission)

				require.NoError(t, err)
				require.Equal(t, test.status, b.stored(t, receipt.ID).Status)
			})
		}
	})
}

func withTimes(send, expires time.Time) func(*gateway.Submission) {
	return func(s *gateway.Submission) { s.SendAt, s.ExpiresAt = send, expires }
}

func TestSubmitNamesTheBrokenRule(t *testing.T) {
	t.Parallel()

	now := time.Now()
	lastMoment := time.Date(9999, time.December, 31, 23, 59, 59, 0, time.FixedZone("west", -3600))

	cases := map[string]struct {
		change      func(*gateway.Submission)
		field, code string
	}{
		"check character":       {func(s *gateway.Submission) { s.FiscalCode = "RSSMRA80A01H501A" }, "recipient.fiscal_code", "check_character"},
		"landline":              {func(s *gateway.Submission) { s.Phone = "06 69821" }, "recipient.phone", "not_mobile"},
		"two phones":            {func(s *gateway.Submission) { s.Phone = "3331234567; 3337654321" }, "recipient.phone", "characters"},
		"blank phone":           {func(s *gateway.Submission) { s.Phone = " " }, "recipient.phone", "empty"},
		"impossible phone":      {func(s *gateway.Submission) { s.Phone = "+39 3" }, "recipient.phone", "invalid"},
		"short subject":         {func(s *gateway.Submission) { s.Content.Subject = "Avviso" }, "content.subject", "too_short"},
		"payment too high":      {withPayment(ceiling + 1), "content.payment.amount_cents", "above_ceiling"},
		"priority":              {func(s *gateway.Submission) { s.Priority = "asap" }, "priority", "unknown"},
		"long reference":        {withReference(strings.Repeat("a", 101)), "external_reference", "too_long"},
		"a recipient's code":    {withReference(fiscalCode), "external_reference", "personal_data"},
		"another's code":        {withReference("prat. vrdlgu85t10f205n/2026"), "external_reference", "personal_data"},
		"code with spaces":      {withReference("RSS MRA 80A01 H501U"), "external_reference", "personal_data"},
		"the recipient's phone": {withReference("+39 333.123.4567"), "external_reference", "personal_data"},
		"NUL in the reference":  {withReference("a\x00b"), "external_reference", "characters"},
		"Latin-1 reference":     {withReference("citt\xe0"), "external_reference", "characters"},
		"long key":              {func(s *gateway.Submission) { s.IdempotencyKey = strings.Repeat("k", 256) }, "Idempotency-Key", "characters"},
		"space in the key":      {func(s *gateway.Submission) { s.IdempotencyKey = "a key" }, "Idempotency-Key", "characters"},
		"sending too late":      {func(s *gateway.Submission) { s.SendAt = now.AddDate(2, 0, 0) }, "send_at", "too_late"},
		"expired":               {func(s *gateway.Submission) { s.ExpiresAt = now.Add(-time.Second) }, "expires_at", "too_early"},
		"expiry at sending":     {withTimes(now.Add(time.Hour), now.Add(time.Hour)), "expires_at", "too_early"},
		"expiry in year 10000":  {func(s *gateway.Submission) { s.ExpiresAt = lastMoment }, "expires_at", "too_late"},
		"unknown service":       {func(s *gateway.Submission) { s.ServiceID = uuid.NewString() }, "service_id", "unknown"},
		"no id of a service":    {func(s *gateway.Submission) { s.ServiceID = "anagrafe\x00" }, "service_id", "unknown"},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := withTemporal(t, store)

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				submission := b.submission()
				test.change(&submission)

				_, err := b.Submit(t.Context(), b.application(), submission)

				requireFields(t, err, map[string]string{test.field: test.code})
				require.Zero(t, b.total(t), "nothing is stored")
				require.Empty(t, b.temporal.started(), "nothing is started")
			})
		}
	})
}

func withPayment(cents int64) func(*gateway.Submission) {
	return func(s *gateway.Submission) {
		s.Content.Payment = &notification.Payment{NoticeNumber: "301000000000000001", AmountCents: cents}
	}
}

func TestSubmitNamesEveryFieldAtOnceAndEchoesNone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		_, err := b.Submit(t.Context(), b.application(), gateway.Submission{
			ServiceID:         uuid.NewString(),
			ExternalReference: "riferimento\x00" + strings.Repeat("x", 60),
			FiscalCode:        "RSSMRA80A01H501A",
			Phone:             "0669821",
			Content: notification.Content{
				Subject: "Oggetto", Markdown: "Testo corto",
				Payment: &notification.Payment{NoticeNumber: "98765", AmountCents: -4711},
			},
			Priority:       "subito",
			SendAt:         time.Now().AddDate(3, 0, 0),
			ExpiresAt:      time.Now().AddDate(-3, 0, 0),
			IdempotencyKey: "chiave idempotente",
		})

		requireFields(t, err, map[string]string{
			"service_id":                    "unknown",
			"external_reference":            "characters",
			"recipient.fiscal_code":         "check_character",
			"recipient.phone":               "not_mobile",
			"content.subject":               "too_short",
			"content.markdown":              "too_short",
			"content.payment.notice_number": "format",
			"content.payment.amount_cents":  "out_of_range",
			"priority":                      "unknown",
			"send_at":                       "too_late",
			"expires_at":                    "too_early",
			"Idempotency-Key":               "characters",
		}, "RSSMRA80A01H501A", "0669821", "Oggetto", "Testo corto", "98765", "4711", "subito", "chiave", "riferimento")
		require.Zero(t, b.total(t))
	})
}

func TestSubmitNeedsAnActiveServiceOfTheActor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		other := newService(t, store, b.ente.ID)

		bound := b.application()
		bound.ServiceIDs = []string{other.ID}

		unknown := map[string]string{"service_id": "unknown"}
		inactive := map[string]string{"service_id": "inactive"}

		_, err := b.Submit(t.Context(), foreign.application(), b.submission())
		requireFields(t, err, unknown)

		_, err = b.Submit(t.Context(), bound, b.submission())
		requireFields(t, err, unknown)

		_, err = b.Submit(t.Context(), gateway.Actor{}, b.submission())
		require.ErrorIs(t, err, gateway.ErrForbidden)

		_, err = b.Submit(t.Context(), b.user(gateway.RoleAuditor), b.submission())
		require.ErrorIs(t, err, gateway.ErrForbidden)

		disabled := b.service
		disabled.Active = false
		require.NoError(t, store.UpdateService(t.Context(), disabled))

		_, err = b.Submit(t.Context(), b.application(), b.submission())
		requireFields(t, err, inactive)

		require.NoError(t, store.UpdateService(t.Context(), b.service))

		closed := b.ente
		closed.Active = false
		require.NoError(t, store.UpdateEnte(t.Context(), closed))

		_, err = b.Submit(t.Context(), b.application(), b.submission())
		requireFields(t, err, inactive)
		require.Zero(t, b.total(t))
	})
}

func TestSubmitByABoundKeyAndByPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)

		bound := b.application()
		bound.ServiceIDs = []string{b.service.ID}

		for _, actor := range []gateway.Actor{bound, b.user(gateway.RoleOperator), support(), system()} {
			receipt, err := b.Submit(t.Context(), actor, b.submission())

			require.NoError(t, err)
			require.Equal(t, b.ente.ID, b.stored(t, receipt.ID).EnteID)
		}
	})
}

func TestSubmitWithoutADatabase(t *testing.T) {
	t.Parallel()

	b := withoutDatabase(t)
	_, err := b.Submit(t.Context(), b.application(), b.submission())

	require.ErrorIs(t, err, gateway.ErrUnavailable)
}

// withoutDatabase is a bundle that has lost its database.
func withoutDatabase(t *testing.T) bundle {
	t.Helper()

	b := withTemporal(t, dbtest.Open(t, dbtest.EngineSQLite))
	require.NoError(t, b.store.Close())

	return b
}

func withReference(reference string) func(*gateway.Submission) {
	return func(s *gateway.Submission) { s.ExternalReference = reference }
}
