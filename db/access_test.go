package db_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func newUser(t *testing.T, store *db.Store, f tenant) db.User {
	t.Helper()

	id := newID(t)
	user := db.User{
		ID: id, Email: id + "@example.org", Name: "Anna Verdi", PasswordHash: "hash", Role: "operator", EnteID: f.ente.ID,
		Active: true, CreatedAt: moment(1),
	}
	require.NoError(t, store.CreateUser(t.Context(), user))

	return user
}

func TestMembershipsBeginWithTheUser(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		user, other := newUser(t, store, f), newUser(t, store, f)
		second := db.Membership{ID: newID(t), UserID: user.ID, Role: "support", CreatedAt: moment(2)}

		require.NoError(t, store.AddMembership(t.Context(), second))

		for _, twin := range []db.Membership{
			{ID: newID(t), UserID: user.ID, Role: "support"},
			{ID: newID(t), UserID: user.ID, Role: "operator", EnteID: f.ente.ID},
		} {
			require.ErrorIs(t, store.AddMembership(t.Context(), twin), db.ErrDuplicate)
		}

		require.ErrorIs(t, store.AddMembership(t.Context(),
			db.Membership{ID: newID(t), UserID: newID(t), Role: "support"}), db.ErrNotFound)
		require.ErrorIs(t, store.AddMembership(t.Context(),
			db.Membership{ID: newID(t), UserID: user.ID, Role: "boss"}), db.ErrInvalid)

		all, err := store.Memberships(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, []db.Membership{
			{ID: user.ID, UserID: user.ID, Role: "operator", EnteID: f.ente.ID, CreatedAt: moment(1)}, second,
		}, all)

		require.ErrorIs(t, store.RemoveMembership(t.Context(), other.ID, second.ID), db.ErrNotFound)
		require.NoError(t, store.RemoveMembership(t.Context(), user.ID, second.ID))
		require.ErrorIs(t, store.RemoveMembership(t.Context(), user.ID, second.ID), db.ErrNotFound)
	})
}

func TestPeopleAreFoundByNameAndAddress(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f, elsewhere := newTenant(t, store), newTenant(t, store)
		user, _ := newUser(t, store, f), newUser(t, store, elsewhere)
		user.Name = "Zita 100% Rossi"
		require.NoError(t, store.UpdateUser(t.Context(), user))

		for text, want := range map[string]int{"zITA": 1, "100%": 1, "%": 1, "_": 0, "!": 0, user.Email: 1, "nessuno": 0, "": 1} {
			found, more, err := store.People(t.Context(), db.PeopleFilter{EnteID: f.ente.ID, Text: text}, 0, 10)
			require.NoError(t, err)
			require.False(t, more)
			require.Len(t, found, want, text)
		}

		found, more, err := store.People(t.Context(), db.PeopleFilter{}, 0, 1)
		require.NoError(t, err)
		require.True(t, more)
		require.Equal(t, "Anna Verdi", found[0].Name)

		found, more, err = store.People(t.Context(), db.PeopleFilter{}, 1, 1)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, user, found[0])
	})
}

func TestAnInvitationIsUsedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		user := newUser(t, store, newTenant(t, store))
		invitation := db.Invitation{UserID: user.ID, TokenHash: []byte("first"), CreatedAt: moment(1), ExpiresAt: moment(10)}
		require.NoError(t, store.SaveInvitation(t.Context(), invitation))

		invitation.TokenHash, invitation.ExpiresAt = []byte("second"), moment(20)
		require.NoError(t, store.SaveInvitation(t.Context(), invitation))

		_, err := store.InvitationByHash(t.Context(), []byte("first"))
		require.ErrorIs(t, err, db.ErrNotFound)
		found, err := store.InvitationByHash(t.Context(), []byte("second"))
		require.NoError(t, err)
		require.Equal(t, invitation, found)

		require.NoError(t, store.TakeInvitation(t.Context(), []byte("second")))
		require.ErrorIs(t, store.TakeInvitation(t.Context(), []byte("second")), db.ErrNotFound)
		require.NoError(t, store.DropInvitation(t.Context(), user.ID))
	})
}

func pace() db.SecondFactorPace { return db.SecondFactorPace{Tries: 3, Within: 15 * time.Minute} }

func TestASecondFactorsCodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		user := newUser(t, store, newTenant(t, store))
		at := func(step int64) func(string) (int64, bool) {
			return func(secret string) (int64, bool) { return step, secret == "SECRET" }
		}

		_, err := store.CheckCode(t.Context(), user.ID, pace(), at(1))
		require.ErrorIs(t, err, db.ErrNotFound)
		require.NoError(t, store.SetSecondFactor(t.Context(), user.ID, "SECRET", 100, []string{"one", "two"}))

		for _, try := range []struct {
			step int64
			want bool
		}{{100, false}, {101, true}, {101, false}, {99, false}, {102, true}} {
			right, err := store.CheckCode(t.Context(), user.ID, pace(), at(try.step))
			require.NoError(t, err)
			require.Equal(t, try.want, right, try.step)
		}

		for code, want := range map[string]bool{"one": true, "three": false} {
			right, err := store.UseRecoveryCode(t.Context(), user.ID, pace(), code)
			require.NoError(t, err)
			require.Equal(t, want, right, code)
		}

		again, err := store.UseRecoveryCode(t.Context(), user.ID, pace(), "one")
		require.NoError(t, err)
		require.False(t, again)

		has, left, err := store.HasSecondFactor(t.Context(), user.ID)
		require.NoError(t, err)
		require.True(t, has)
		require.Equal(t, 1, left)

		require.NoError(t, store.RemoveSecondFactor(t.Context(), user.ID))
		require.ErrorIs(t, store.RemoveSecondFactor(t.Context(), user.ID), db.ErrNotFound)

		has, left, err = store.HasSecondFactor(t.Context(), user.ID)
		require.NoError(t, err)
		require.False(t, has)
		require.Zero(t, left)
	})
}

func TestGuessingSecondFactorsIsPaced(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		user := newUser(t, store, newTenant(t, store))
		require.NoError(t, store.SetSecondFactor(t.Context(), user.ID, "SECRET", 1, []string{"one"}))

		wrong := func(string) (int64, bool) { return 0, false }
		right := func(string) (int64, bool) { return now.Unix(), true }

		for range 3 {
			_, err := store.CheckCode(t.Context(), user.ID, pace(), wrong)
			require.NoError(t, err)
		}

		_, err := store.CheckCode(t.Context(), user.ID, pace(), right)
		require.ErrorIs(t, err, db.ErrPaced)
		require.NotErrorIs(t, err, db.ErrStillPaced, "this is told")

		for range 3 {
			_, err = store.UseRecoveryCode(t.Context(), user.ID, pace(), "one")
			require.ErrorIs(t, err, db.ErrPaced)
			require.ErrorIs(t, err, db.ErrStillPaced, "this was told")
		}

		now = moment(15)
		ok, err := store.CheckCode(t.Context(), user.ID, pace(), right)
		require.NoError(t, err)
		require.True(t, ok)

		for range 3 {
			_, err := store.CheckCode(t.Context(), user.ID, pace(), wrong)
			require.NoError(t, err)
		}

		_, err = store.CheckCode(t.Context(), user.ID, pace(), wrong)
		require.ErrorIs(t, err, db.ErrPaced)
		require.NotErrorIs(t, err, db.ErrStillPaced, "it is told anew")
	})
}

func TestIdentitiesBelongToOneUser(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, store *db.Store) {
		f := newTenant(t, store)
		user, other := newUser(t, store, f), newUser(t, store, f)
		require.NoError(t, store.LinkIdentity(t.Context(), user.ID, "https://id.example", "anna"))
		require.ErrorIs(t, store.LinkIdentity(t.Context(), other.ID, "https://id.example", "anna"), db.ErrDuplicate)
		require.NoError(t, store.LinkIdentity(t.Context(), other.ID, "https://other.example", "anna"))

		found, err := store.UserByIdentity(t.Context(), "https://id.example", "anna")
		require.NoError(t, err)
		require.Equal(t, user, found)

		_, err = store.UserByIdentity(t.Context(), "https://id.example", "bruno")
		require.ErrorIs(t, err, db.ErrNotFound)

		for issuer, want := range map[string]bool{"": true, "https://id.example": true, "https://other.example": false} {
			has, err := store.HasIdentity(t.Context(), user.ID, issuer)
			require.NoError(t, err)
			require.Equal(t, want, has, issuer)
		}
	})
}

func TestMarksCannotBeMadeUp(t *testing.T) {
	t.Parallel()

	store := dbtest.Open(t, dbtest.EngineSQLite)
	mark, err := store.Mark("anna")
	require.NoError(t, err)

	require.NoError(t, store.CheckMark("anna", mark))

	for _, wrong := range []string{"", "zz", mark[2:], mark + "00"} {
		require.ErrorIs(t, store.CheckMark("anna", wrong), db.ErrMark)
	}

	require.ErrorIs(t, store.CheckMark("bruno", mark), db.ErrMark)
}

func TestSessionsOfAUser(t *testing.T) {
	t.Parallel()
	dbtest.EachEngine(t, func(t *testing.T, engine dbtest.Engine) {
		now := moment(0)
		store := dbtest.OpenWith(t, db.Config{URL: dbtest.URL(t, engine), Clock: clockOf(&now)})
		f := newTenant(t, store)
		user, other := newUser(t, store, f), newUser(t, store, f)
		sessions := store.Sessions()

		begin := func(token, userID string) {
			require.NoError(t, sessions.BeginSession(t.Context(), token,
				db.SessionInfo{UserID: userID, Address: "192.0.2.1", UserAgent: "Firefox"}, moment(30)))
			require.NoError(t, sessions.CommitCtx(t.Context(), token, []byte("data"), moment(40)))
		}
		alive := func(token string) bool {
			_, found, err := sessions.FindCtx(t.Context(), token)
			require.NoError(t, err)

			return found
		}

		begin("first", user.ID)
		begin("others", other.ID)

		now = moment(5)

		begin("second", user.ID)

		all, err := store.SessionsOf(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, []db.SessionInfo{
			{ID: db.SessionID("second"), UserID: user.ID, StartedAt: moment(5), SeenAt: moment(5), Address: "192.0.2.1", UserAgent: "Firefox"},
			{ID: db.SessionID("first"), UserID: user.ID, StartedAt: moment(0), SeenAt: moment(0), Address: "192.0.2.1", UserAgent: "Firefox"},
		}, all)

		require.ErrorIs(t, store.EndSession(t.Context(), user.ID, db.SessionID("others")), db.ErrNotFound)
		require.ErrorIs(t, store.EndSession(t.Context(), user.ID, "no hex"), db.ErrNotFound)

		ended, err := store.EndSessions(t.Context(), user.ID, db.SessionID("second"))
		require.NoError(t, err)
		require.Equal(t, 1, ended)
		require.False(t, alive("first"))
		require.True(t, alive("second"))

		// A request that was under way does not bring it back.
		require.NoError(t, sessions.CommitCtx(t.Context(), "first", []byte("data"), moment(40)))
		require.False(t, alive("first"))

		// Nor does one that has just signed in and is not answered yet.
		require.NoError(t, sessions.BeginSession(t.Context(), "third", db.SessionInfo{UserID: user.ID}, moment(30)))

		ended, err = store.EndSessions(t.Context(), user.ID, "")
		require.NoError(t, err)
		require.Equal(t, 2, ended)
		require.NoError(t, sessions.CommitCtx(t.Context(), "third", []byte("data"), moment(40)))
		require.False(t, alive("third"))
		require.True(t, alive("others"))
	})
}
