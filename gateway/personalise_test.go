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

// personalised is a submission by template.
func (f tenant) personalised(templateID string, values map[string]string) gateway.Submission {
	submission := f.submission()
	submission.Content = notification.Content{}
	submission.Template = &gateway.Personalised{TemplateID: templateID, Values: values}

	return submission
}

func anna() map[string]string { return map[string]string{"nome": "Anna *", "importo": "12,50"} }

func TestSubmitFillsATemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		wish := draft()
		wish.English = &notification.TemplateText{
			Subject:  "Waste tax for ((Nome))",
			Markdown: "Dear ((nome)), the instalment of ((importo)) euro is due at the end of the month. You can pay it at the desk.",
		}
		view := b.template(t, b.tenant, wish)
		due := time.Date(2026, time.December, 31, 23, 0, 0, 0, time.UTC)

		submission := b.personalised(view.ID, anna())
		submission.Content.DueDate = &due
		withPayment(ceiling)(&submission)

		receipt, err := b.Submit(t.Context(), b.limitedApplication(), submission)
		require.NoError(t, err)

		filled := strings.NewReplacer("((nome))", `Anna \*`, "((importo))", "12,50")
		content := b.stored(t, receipt.ID).Content
		require.Equal(t, "Rata TARI di Anna *", content.Subject)
		require.Equal(t, filled.Replace(templateBody), content.Markdown)
		require.Equal(t, b.ente.Name+": Rata TARI di Anna *", content.SMSText)
		require.Equal(t, due, content.DueDate.UTC())
		require.Equal(t, int64(ceiling), content.Payment.AmountCents)
		require.Equal(t, &notification.Translation{
			Subject: "Waste tax for Anna *", Markdown: filled.Replace(wish.English.Markdown),
			SMSText: b.ente.Name + ": Waste tax for Anna *",
		}, content.English)
	})
}

func TestSubmitWritesTheEnglishSMSTextOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		submission := b.submission()
		submission.Content.English = &notification.Translation{Subject: "Renewal of the identity card", Markdown: markdown}

		receipt, err := b.Submit(t.Context(), b.application(), submission)
		require.NoError(t, err)
		require.Equal(t, b.ente.Name+": Renewal of the identity card", b.stored(t, receipt.ID).Content.English.SMSText)
		require.Empty(t, submission.Content.English.SMSText, "the caller's own content stays as it was")
	})
}

func TestSubmitTakesTheVersionThatIsAskedFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		view := b.template(t, b.tenant, draft())
		changed := draft()
		changed.Italian.Subject = "Nuova rata TARI di ((nome))"
		_, err := b.ReviseTemplate(t.Context(), b.application(), view.ID, 1, changed)
		require.NoError(t, err)

		for version, want := range map[int]string{0: "Nuova rata TARI di Anna *", 1: "Rata TARI di Anna *", 2: "Nuova rata TARI di Anna *"} {
			submission := b.personalised(view.ID, anna())
			submission.Template.TemplateVersion = version

			receipt, err := b.Submit(t.Context(), b.application(), submission)
			require.NoError(t, err)
			require.Equal(t, want, b.stored(t, receipt.ID).Content.Subject)
		}
	})
}

func TestSubmitNamesWhatATemplateLacks(t *testing.T) {
	t.Parallel()

	values := func(change func(map[string]string)) func(*gateway.Submission) {
		return func(s *gateway.Submission) { change(s.Template.Values) }
	}
	long := strings.Repeat("segreto ", 20)

	cases := map[string]struct {
		change func(*gateway.Submission)
		want   map[string]string
	}{
		"missing value": {values(func(v map[string]string) { delete(v, "nome") }), map[string]string{"personalisation.nome": "required"}},
		"no values": {
			func(s *gateway.Submission) { s.Template.Values = nil },
			map[string]string{"personalisation.nome": "required", "personalisation.importo": "required"},
		},
		"blank value": {values(func(v map[string]string) { v["nome"] = " " }), map[string]string{"personalisation.nome": "required"}},
		"unknown value": {
			values(func(v map[string]string) { v["cognome"] = "segreto" }), map[string]string{"personalisation.cognome": "unknown"},
		},
		"a code as name": {
			values(func(v map[string]string) { v[fiscalCode] = "segreto" }), map[string]string{"personalisation": "unknown"},
		},
		"too long after filling": {values(func(v map[string]string) { v["nome"] = long }), map[string]string{"content.subject": "too_long"}},
		"content beside":         {func(s *gateway.Submission) { s.Content.Subject = subject }, map[string]string{"content": "with_template"}},
		"payment too high":       {withPayment(ceiling + 1), map[string]string{"content.payment.amount_cents": "above_ceiling"}},
		"unknown template": {
			func(s *gateway.Submission) { s.Template.TemplateID = uuid.NewString() }, map[string]string{"template_id": "unknown"},
		},
		"no template":     {func(s *gateway.Submission) { s.Template.TemplateID = "" }, map[string]string{"template_id": "unknown"}},
		"unknown version": {func(s *gateway.Submission) { s.Template.TemplateVersion = 2 }, map[string]string{"template_version": "unknown"}},
		"version of none": {func(s *gateway.Submission) {
			s.Template.TemplateID, s.Template.TemplateVersion = uuid.NewString(), 2
		}, map[string]string{"template_id": "unknown"}},
		"and the rest": {func(s *gateway.Submission) {
			s.Template.TemplateID, s.Phone, s.Priority = "x", "06 69821", "asap"
		}, map[string]string{"template_id": "unknown", "recipient.phone": "not_mobile", "priority": "unknown"}},
		"unknown service": {
			func(s *gateway.Submission) { s.ServiceID = uuid.NewString() }, map[string]string{"service_id": "unknown"},
		},
	}

	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		view := b.template(t, b.tenant, draft())

		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				submission := b.personalised(view.ID, anna())
				test.change(&submission)

				_, err := b.Submit(t.Context(), b.application(), submission)
				requireFields(t, err, test.want, "segreto", fiscalCode)
			})
		}
	})
}

func TestSubmitUsesItsEntesTemplatesOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		theirs, old := b.template(t, newTenant(t, store), draft()), b.template(t, b.tenant, draft())
		require.NoError(t, b.ArchiveTemplate(t.Context(), system(), old.ID))

		for _, version := range []int{0, 1, 7} {
			submission := b.personalised(theirs.ID, anna())
			submission.Template.TemplateVersion = version
			_, err := b.Submit(t.Context(), b.application(), submission)
			requireFields(t, err, map[string]string{"template_id": "unknown"})
		}

		_, err := b.Submit(t.Context(), support(), b.personalised(theirs.ID, anna()))
		requireFields(t, err, map[string]string{"template_id": "unknown"})

		_, err = b.Submit(t.Context(), b.application(), b.personalised(old.ID, anna()))
		requireFields(t, err, map[string]string{"template_id": "archived"})
	})
}

func TestARepeatedSubmissionByTemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		view := b.template(t, b.tenant, draft())
		submission := b.personalised(view.ID, anna())
		submission.IdempotencyKey = "42"

		first, err := b.Submit(ctx, b.application(), submission)
		require.NoError(t, err)

		wider := draft()
		wider.Italian.Subject = "Rata TARI di ((nome)) ((cognome))"
		_, err = b.ReviseTemplate(ctx, b.application(), view.ID, 1, wider)
		require.NoError(t, err)

		replayed := gateway.Receipt{ID: first.ID, Replayed: true}
		again, err := b.Submit(ctx, b.application(), submission)
		require.NoError(t, err, "what was submitted counts, not what it would become now")
		require.Equal(t, replayed, again)

		require.NoError(t, b.ArchiveTemplate(ctx, b.application(), view.ID))

		again, err = b.Submit(ctx, b.application(), submission)
		require.NoError(t, err)
		require.Equal(t, replayed, again)

		submission.Template = &gateway.Personalised{TemplateID: view.ID, Values: map[string]string{"nome": "Berta", "importo": "12,50"}}
		_, err = b.Submit(ctx, b.application(), submission)
		require.ErrorIs(t, err, gateway.ErrIdempotencyConflict)
	})
}
