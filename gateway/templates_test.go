package gateway_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const templateBody = "Gentile ((nome)), la rata di ((importo)) euro scade a fine mese. Può pagarla in ogni tabaccheria e allo sportello."

func draft() gateway.TemplateDraft {
	return gateway.TemplateDraft{
		Name:    "TARI 2026",
		Italian: notification.TemplateText{Subject: "Rata TARI di ((nome))", Markdown: templateBody},
	}
}

// template is one that the Ente has.
func (b bundle) template(tb testing.TB, f tenant, wish gateway.TemplateDraft) gateway.TemplateView {
	tb.Helper()

	view, err := b.CreateTemplate(tb.Context(), f.user(gateway.RoleAdministrator), wish)
	require.NoError(tb, err)

	return view
}

func (f tenant) limitedApplication() gateway.Actor {
	actor := f.application()
	actor.ServiceIDs = []string{f.service.ID}

	return actor
}

func TestATemplateAndItsVersions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		author := b.user(gateway.RoleAdministrator)

		created, err := b.CreateTemplate(t.Context(), author, draft())
		require.NoError(t, err)
		require.Equal(t, 1, created.Version)
		require.Equal(t, b.ente.Name, created.EnteName)
		require.Equal(t, []string{"nome", "importo"}, created.Placeholders)
		require.True(t, created.MayChange)

		changed := draft()
		changed.Name, changed.Italian.Subject = "TARI 2027", "Nuova rata TARI di ((nome))"
		revised, err := b.ReviseTemplate(t.Context(), author, created.ID, 1, changed)
		require.NoError(t, err)
		require.Equal(t, 2, revised.Version)
		require.Equal(t, "TARI 2027", revised.Name)

		_, err = b.ReviseTemplate(t.Context(), author, created.ID, 1, changed)
		require.ErrorIs(t, err, gateway.ErrState, "somebody else was quicker")

		first, err := b.Template(t.Context(), author, created.ID, 1)
		require.NoError(t, err)
		require.Equal(t, "TARI 2026", first.Name)

		latest, err := b.Template(t.Context(), author, created.ID, 0)
		require.NoError(t, err)
		require.Equal(t, revised.Italian, latest.Italian)

		_, err = b.Template(t.Context(), author, created.ID, 3)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		require.NoError(t, b.ArchiveTemplate(t.Context(), author, created.ID))
		require.NoError(t, b.ArchiveTemplate(t.Context(), author, created.ID))

		archived, err := b.Template(t.Context(), author, created.ID, 0)
		require.NoError(t, err)
		require.False(t, archived.MayChange)

		_, err = b.ReviseTemplate(t.Context(), author, created.ID, 2, changed)
		require.ErrorIs(t, err, gateway.ErrState)
	})
}

func TestADraftIsTidied(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		wish := draft()
		wish.Name = " TARI 2026 "
		wish.Italian.Subject = " Rata TARI di ((nome)) "
		wish.Italian.Markdown = "Gentile\r\n" + templateBody
		wish.Italian.SMSText = "\r\n"
		wish.Italian.Buttons = []notification.Button{{Text: " Paga ", Action: " ioit://SERVICES_HOME "}, {}}
		wish.English = &notification.TemplateText{Markdown: "\r\n", Buttons: []notification.Button{{}, {}}}

		view := b.template(t, b.tenant, wish)

		stored, err := store.Template(t.Context(), view.ID, 0)
		require.NoError(t, err)
		require.Equal(t, "TARI 2026", stored.Name)
		require.Equal(t, notification.TemplateText{
			Subject: "Rata TARI di ((nome))", Markdown: "Gentile\n" + templateBody,
			Buttons: []notification.Button{{Text: "Paga", Action: "ioit://SERVICES_HOME"}},
		}, stored.Italian)
		require.Nil(t, stored.English)
	})
}

func TestATemplateWithFaultsIsNotKept(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		author := b.user(gateway.RoleAdministrator)
		faulty := draft()
		faulty.Name, faulty.Italian.Subject = " ", "Rata di ((nome"

		_, err := b.CreateTemplate(t.Context(), author, faulty)
		requireFields(t, err, map[string]string{"name": "required", "italian.subject": "placeholder_unclosed"})

		view := b.template(t, b.tenant, draft())
		_, err = b.ReviseTemplate(t.Context(), author, view.ID, 1, faulty)
		requireFields(t, err, map[string]string{"name": "required", "italian.subject": "placeholder_unclosed"})

		kept, err := b.Templates(t.Context(), author, gateway.TemplateQuery{})
		require.NoError(t, err)
		require.Equal(t, []gateway.TemplateView{view}, withoutTimes(kept, view))
	})
}

// withoutTimes takes the moment of creation from another view: databases keep microseconds.
func withoutTimes(views []gateway.TemplateView, from gateway.TemplateView) []gateway.TemplateView {
	for i := range views {
		views[i].CreatedAt = from.CreatedAt
	}

	return views
}

func TestWhoMayDoWhatWithTemplates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		nobody := gateway.Actor{}

		cases := map[string]struct {
			actor         gateway.Actor
			reads, writes bool
		}{
			"administrator":         {b.user(gateway.RoleAdministrator), true, true},
			"operator":              {b.user(gateway.RoleOperator), true, false},
			"auditor":               {b.user(gateway.RoleAuditor), true, false},
			"application":           {b.application(), true, true},
			"limited application":   {b.limitedApplication(), true, false},
			"support":               {support(), true, true},
			"system":                {system(), true, true},
			"foreign administrator": {foreign.user(gateway.RoleAdministrator), false, false},
			"foreign application":   {foreign.application(), false, false},
			"nobody":                {nobody, false, false},
		}
		for name, test := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()

				ctx := t.Context()
				view := b.template(t, b.tenant, draft())
				wish := draft()
				wish.EnteID = b.ente.ID

				_, creating := b.CreateTemplate(ctx, test.actor, wish)
				read, reading := b.Template(ctx, test.actor, view.ID, 0)
				_, revising := b.ReviseTemplate(ctx, test.actor, view.ID, 1, wish)
				archiving := b.ArchiveTemplate(ctx, test.actor, view.ID)
				listed, listing := b.Templates(ctx, test.actor, gateway.TemplateQuery{EnteID: b.ente.ID, Archived: true})
				_, showing := b.PreviewTemplate(ctx, test.actor, wish, nil)

				require.NoError(t, listing)

				if test.reads {
					require.NoError(t, reading)
					require.NoError(t, showing)
					require.Equal(t, test.writes, read.MayChange)
					require.NotEmpty(t, listed)
				} else {
					require.ErrorIs(t, reading, gateway.ErrNotFound)
					require.ErrorIs(t, showing, gateway.ErrNotFound)
					require.Empty(t, listed)
				}

				switch {
				case test.writes:
					require.NoError(t, creating)
					require.NoError(t, revising)
					require.NoError(t, archiving)
				case test.reads:
					require.ErrorIs(t, creating, gateway.ErrForbidden)
					require.ErrorIs(t, revising, gateway.ErrForbidden)
					require.ErrorIs(t, archiving, gateway.ErrForbidden)
				default:
					require.ErrorIs(t, creating, gateway.ErrForbidden)
					require.ErrorIs(t, revising, gateway.ErrNotFound)
					require.ErrorIs(t, archiving, gateway.ErrNotFound)
				}
			})
		}
	})
}

func TestTemplatesOfAnActor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)
		mine, old, theirs := b.template(t, b.tenant, draft()), b.template(t, b.tenant, draft()), b.template(t, foreign, draft())
		require.NoError(t, b.ArchiveTemplate(t.Context(), b.application(), old.ID))

		cases := map[string]struct {
			actor gateway.Actor
			query gateway.TemplateQuery
			want  []string
		}{
			"own":                  {b.user(gateway.RoleOperator), gateway.TemplateQuery{}, []string{mine.ID}},
			"with archived":        {b.user(gateway.RoleOperator), gateway.TemplateQuery{Archived: true}, []string{mine.ID, old.ID}},
			"limited application":  {b.limitedApplication(), gateway.TemplateQuery{}, []string{mine.ID}},
			"another Ente's":       {b.application(), gateway.TemplateQuery{EnteID: foreign.ente.ID}, nil},
			"support":              {support(), gateway.TemplateQuery{}, []string{mine.ID, theirs.ID}},
			"support for one Ente": {support(), gateway.TemplateQuery{EnteID: foreign.ente.ID}, []string{theirs.ID}},
			"nobody":               {gateway.Actor{}, gateway.TemplateQuery{}, nil},
		}
		for name, test := range cases {
			views, err := b.Templates(t.Context(), test.actor, test.query)
			require.NoError(t, err)

			var got []string

			for _, view := range views {
				require.NotEmpty(t, view.EnteName)
				got = append(got, view.ID)
			}

			require.ElementsMatch(t, test.want, got, name)
		}
	})
}

func TestTheEnteOfANewTemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		foreign := newTenant(t, store)

		_, err := b.CreateTemplate(t.Context(), support(), draft())
		requireFields(t, err, map[string]string{"ente_id": "required"})

		wish := draft()
		wish.EnteID = uuid.NewString()
		_, err = b.CreateTemplate(t.Context(), support(), wish)
		require.ErrorIs(t, err, gateway.ErrNotFound)

		view := b.template(t, b.tenant, draft())
		require.Equal(t, b.ente.ID, view.EnteID)

		wish.EnteID = foreign.ente.ID
		revised, err := b.ReviseTemplate(t.Context(), support(), view.ID, 1, wish)
		require.NoError(t, err)
		require.Equal(t, b.ente.ID, revised.EnteID, "a template stays its Ente's")
	})
}

func TestPreviewOfATemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		b := newBundle(t, store)
		ctx := t.Context()
		operator := b.user(gateway.RoleOperator)

		shown, err := b.PreviewTemplate(ctx, operator, draft(), map[string]string{"NOME": "Zoë", "altro": "x"})
		require.NoError(t, err)
		require.Empty(t, shown.Errors)
		require.Equal(t, "Rata TARI di Zoë", shown.Content.Subject)
		require.Contains(t, shown.Content.Markdown, `Gentile Zoë, la rata di \(\(importo\)\) euro`)
		require.Equal(t, gateway.SMSPreview{
			Text: b.ente.Name + ": Rata TARI di Zoë", Parts: 1, Unicode: true,
			Doubling: []gateway.Substitution{{Character: "ë", Instead: "e"}},
		}, shown.SMS)

		shown, err = b.PreviewTemplate(ctx, operator, draft(), map[string]string{"nome": strings.Repeat("a", 120), "importo": "1"})
		require.NoError(t, err)
		requireFields(t, shown.Errors, map[string]string{"content.subject": "too_long"}, "aaa")
		require.Len(t, shown.Content.Subject, len("Rata TARI di ")+120)

		unfinished := draft()
		unfinished.Name, unfinished.Italian.Subject = "", "Rata ((nome"
		shown, err = b.PreviewTemplate(ctx, operator, unfinished, map[string]string{"nome": "Anna"})
		require.NoError(t, err)
		requireFields(t, shown.Errors, map[string]string{"italian.subject": "placeholder_unclosed"})
		require.Equal(t, "Rata ((nome", shown.Content.Subject)
		require.Contains(t, shown.Content.Markdown, "Gentile Anna")

		shown, err = b.PreviewTemplate(ctx, support(), draft(), nil)
		require.NoError(t, err)
		require.Equal(t, "Ente: Rata TARI di ((nome))", shown.SMS.Text)
	})
}

func TestATemplateSaysNothingOfCitizens(t *testing.T) {
	t.Parallel()

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	author := b.user(gateway.RoleAdministrator)

	known, err := b.CreateTemplate(t.Context(), author, draft())
	require.NoError(t, err)

	for field, change := range map[string]func(*gateway.TemplateDraft){
		"name":             func(d *gateway.TemplateDraft) { d.Name += " " + fiscalCode },
		"italian.subject":  func(d *gateway.TemplateDraft) { d.Italian.Subject += " (" + fiscalCode + ")" },
		"italian.markdown": func(d *gateway.TemplateDraft) { d.Italian.Markdown += "\n\nCodice fiscale: **" + fiscalCode + "**" },
		"italian.sms_text": func(d *gateway.TemplateDraft) { d.Italian.SMSText = "Per " + fiscalCode },
		"english.subject": func(d *gateway.TemplateDraft) {
			d.English = &notification.TemplateText{Subject: "Instalment of " + fiscalCode, Markdown: templateBody}
		},
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()

			wish := draft()
			change(&wish)

			_, err := b.CreateTemplate(t.Context(), author, wish)
			requireFields(t, err, map[string]string{field: "personal_data"}, fiscalCode)

			_, err = b.ReviseTemplate(t.Context(), author, known.ID, 1, wish)
			requireFields(t, err, map[string]string{field: "personal_data"}, fiscalCode)
		})
	}
}
