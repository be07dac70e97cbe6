package db_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/notification"
)

// template is a valid one of the Ente.
func (f tenant) template(tb testing.TB, name string) notification.Template {
	tb.Helper()

	return notification.Template{
		ID: newID(tb), EnteID: f.ente.ID, Name: name, Version: 1, CreatedAt: moment(1),
		Italian: notification.TemplateText{
			Subject: "Avviso per ((nome))", Markdown: "Gentile ((nome)),\n\"ciao\" \\ 👍", SMSText: "Un avviso per ((nome))",
			Buttons: []notification.Button{{Text: "Paga", Action: "ioit://SERVICES_HOME"}},
		},
		English: &notification.TemplateText{Subject: "Notice for ((nome))", Markdown: "Dear ((nome))"},
	}
}

func (f tenant) created(tb testing.TB, name string) notification.Template {
	tb.Helper()

	template := f.template(tb, name)
	require.NoError(tb, f.store.CreateTemplate(tb.Context(), template))

	return template
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, neighbour := newTenant(t, store), newTenant(t, store)
		rent, waste := f.created(t, "TARI"), f.created(t, "Affitti")
		theirs := neighbour.created(t, "Mensa")

		require.ErrorIs(t, store.CreateTemplate(t.Context(), rent), db.ErrDuplicate)

		unknown := f.template(t, "Di nessuno")
		unknown.EnteID = newID(t)
		require.ErrorIs(t, store.CreateTemplate(t.Context(), unknown), db.ErrNotFound)

		got, err := store.Template(t.Context(), rent.ID, 0)
		require.NoError(t, err)
		require.Equal(t, rent, got)

		own, err := store.Templates(t.Context(), f.ente.ID, false)
		require.NoError(t, err)
		require.Equal(t, []notification.Template{waste, rent}, own)

		all, err := store.Templates(t.Context(), "", false)
		require.NoError(t, err)
		require.Equal(t, []notification.Template{waste, theirs, rent}, all)

		for _, missing := range []string{newID(t), "no UUID"} {
			_, err = store.Template(t.Context(), missing, 0)
			require.ErrorIs(t, err, db.ErrNotFound)
			require.ErrorIs(t, store.ArchiveTemplate(t.Context(), missing), db.ErrNotFound)
			require.ErrorIs(t, store.ReviseTemplate(t.Context(), notification.Template{ID: missing}, 1), db.ErrNotFound)
		}

		none, err := store.Templates(t.Context(), newID(t), true)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestEveryVersionOfATemplateStays(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		first := newTenant(t, store).created(t, "TARI 2026")

		second := first
		second.Name, second.English, second.CreatedAt = "TARI 2027", nil, moment(2)
		second.Italian.Subject, second.Version = "Nuovo avviso per ((nome))", 2
		require.NoError(t, store.ReviseTemplate(t.Context(), second, 1))

		for version, want := range map[int]notification.Template{0: second, 1: first, 2: second} {
			got, err := store.Template(t.Context(), first.ID, version)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}

		_, err := store.Template(t.Context(), first.ID, 3)
		require.ErrorIs(t, err, db.ErrNotFound)
		require.ErrorIs(t, store.ReviseTemplate(t.Context(), second, 1), db.ErrConflict, "there is another version since")
		require.ErrorIs(t, store.ReviseTemplate(t.Context(), second, 3), db.ErrConflict, "nobody can have seen it")

		listed, err := store.Templates(t.Context(), first.EnteID, false)
		require.NoError(t, err)
		require.Equal(t, []notification.Template{second}, listed)
	})
}

func TestOfManyAuthorsOneRevises(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		const authors = 8

		template := newTenant(t, store).created(t, "TARI")
		errs := make([]error, authors)

		together(t, store, authors, func(i int) { errs[i] = store.ReviseTemplate(t.Context(), template, 1) })

		done := 0

		for _, err := range errs {
			if err == nil {
				done++

				continue
			}

			require.ErrorIs(t, err, db.ErrConflict)
		}

		require.Equal(t, 1, done)
	})
}

func TestAnArchivedTemplate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		template := f.created(t, "TARI")

		require.NoError(t, store.ArchiveTemplate(t.Context(), template.ID))

		archived, err := store.Template(t.Context(), template.ID, 0)
		require.NoError(t, err, "what was made of it can still be read")
		require.False(t, archived.ArchivedAt.IsZero())

		require.NoError(t, store.ArchiveTemplate(t.Context(), template.ID))

		again, err := store.Template(t.Context(), template.ID, 1)
		require.NoError(t, err)
		require.Equal(t, archived, again, "the first time stands")
		require.ErrorIs(t, store.ReviseTemplate(t.Context(), template, 1), db.ErrConflict)

		inUse, err := store.Templates(t.Context(), f.ente.ID, false)
		require.NoError(t, err)
		require.Empty(t, inUse)

		all, err := store.Templates(t.Context(), f.ente.ID, true)
		require.NoError(t, err)
		require.Equal(t, []notification.Template{archived}, all)
	})
}

func TestTheLanguageOfANotification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		id := f.accepted(t)
		require.Empty(t, f.head(t, id).Language)

		require.NoError(t, store.SetLanguage(t.Context(), id, notification.English))
		require.Equal(t, notification.English, f.head(t, id).Language)

		_, err := store.Begin(t.Context(), id, firstRun())
		require.NoError(t, err)
		f.settle(t, id, notification.StatusFailed, notification.ReasonIOUnavailable)

		n, err := store.Notification(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, notification.English, n.Language, "what else changes leaves it")

		chosen := f.accepted(t, func(n *notification.Notification) { n.Language = notification.Italian })
		require.Equal(t, notification.Italian, f.head(t, chosen).Language)

		require.ErrorIs(t, store.SetLanguage(t.Context(), newID(t), notification.English), db.ErrNotFound)
		require.ErrorIs(t, store.SetLanguage(t.Context(), id, "xx"), db.ErrInvalid)
	})
}
