package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	organizationCode = "12345678903"
	ioKey            = "5b0a7c1d9e3f42a68d0c4b7a1e2f3d4c"
	password         = "una frase lunga e inventata"
)

// office is a migrated database with its keys, as a new installation has them.
type office struct {
	shell

	keysFile string
	url      string
	// database are the flags that every administrative command takes.
	database []string
}

func newOffice(t *testing.T) *office {
	t.Helper()

	folder := t.TempDir()
	o := &office{keysFile: filepath.Join(folder, "keys.json"), url: "sqlite://" + filepath.Join(folder, "genio.db")}
	o.database = []string{"--database-url=" + o.url, "--database-keys-file=" + o.keysFile}

	require.NotEmpty(t, o.answer(t, "", "admin", "new-keys", o.keysFile))
	require.NotEmpty(t, o.answer(t, "", "migrate", "--database-url="+o.url))

	return o
}

// admin runs an administrative command that must succeed.
func (o *office) admin(t *testing.T, input string, line ...string) string {
	t.Helper()

	return o.answer(t, input, append(append([]string{"admin"}, line...), o.database...)...)
}

// refused runs an administrative command that must fail.
func (o *office) refused(t *testing.T, input string, line ...string) error {
	t.Helper()

	var person shell

	err := person.run(t.Context(), t, input, append(append([]string{"admin"}, line...), o.database...)...)
	require.Error(t, err)
	require.Empty(t, person.out.String())

	return err
}

// opened are the use cases on the office's database.
func (o *office) opened(t *testing.T) *gateway.Gateway {
	t.Helper()

	keys, err := db.LoadKeys(o.keysFile)
	require.NoError(t, err)

	store, err := db.Open(t.Context(), db.Config{URL: o.url, Keys: keys})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })

	return gateway.New(gateway.Config{Store: store, Log: zap.NewNop()})
}

func TestNewKeys(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	before, err := os.ReadFile(o.keysFile)
	require.NoError(t, err)

	info, err := os.Stat(o.keysFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	require.ErrorContains(t, o.run(t.Context(), t, "", "admin", "new-keys", o.keysFile), "never overwritten")

	after, err := os.ReadFile(o.keysFile)
	require.NoError(t, err)
	require.Equal(t, before, after)

	require.Error(t, o.run(t.Context(), t, "", "admin", "new-keys", filepath.Join(t.TempDir(), "no", "such", "folder")))
}

func TestMigrate(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	require.NotEmpty(t, o.answer(t, "", "migrate", "--database-url="+o.url), "once more changes nothing")

	for _, address := range []string{"mysql://user:geheim@host/db", "postgres://user:geheim@127.0.0.1:1/db?connect_timeout=1"} {
		err := o.run(t.Context(), t, "", "migrate", "--database-url="+address)
		require.ErrorContains(t, err, "migrating the database")
		require.NotContains(t, err.Error(), "geheim")
	}
}

func TestTakingAnEnteOn(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	enteID := o.admin(t, "", "ente", "Comune di Prova", organizationCode)
	serviceID := o.admin(t, ioKey+"\n", "service", enteID, "Anagrafe", "--io-service-id=01JTESTSERVICE", "--sms-sender=ComuneProva",
		"--max-payment-cents=5000", "--io-deadline=90m")
	quietID := o.admin(t, ioKey, "service", enteID, "Solo IO", "--no-sms")
	everyKey := o.admin(t, "", "api-key", enteID, "protocollo")
	boundKey := o.admin(t, "", "api-key", enteID, "tributi", "--service="+serviceID, "--ip=192.0.2.0/24", "--ip=2001:db8::1",
		"--expires=2099-12-31")
	accountID := o.admin(t, password+"\r\n", "account", "mario.rossi@comune.example", "Mario Rossi", "--role=operator", "--ente="+enteID)

	does := o.opened(t)

	ente, err := does.Store.Ente(t.Context(), enteID)
	require.NoError(t, err)
	require.Equal(t, "Comune di Prova", ente.Name)
	require.Equal(t, organizationCode, ente.FiscalCode)
	require.True(t, ente.Active)

	service, err := does.Store.Service(t.Context(), serviceID)
	require.NoError(t, err)

	policy := notification.DefaultPolicy()
	policy.IODeadline = 90 * time.Minute

	require.Equal(t, notification.Service{
		ID: serviceID, EnteID: enteID, Name: "Anagrafe", Active: true, IOServiceID: "01JTESTSERVICE", Policy: policy,
		MaxPaymentCents: 5000, SMSSender: "ComuneProva", CreatedAt: service.CreatedAt, Version: 1,
	}, service)

	keys, err := does.Store.ServiceKeys(t.Context(), serviceID)
	require.NoError(t, err)
	require.Equal(t, notification.ServiceKeys{Primary: ioKey}, keys)

	quiet, err := does.Store.Service(t.Context(), quietID)
	require.NoError(t, err)
	require.False(t, quiet.Policy.FallsBackTo(notification.ChannelSMS))
	require.Equal(t, notification.DefaultIODeadline, quiet.Policy.IODeadline)

	application, err := does.AuthenticateKey(t.Context(), everyKey, "")
	require.NoError(t, err)
	require.Equal(t, enteID, application.EnteID)
	require.Empty(t, application.ServiceIDs)

	application, err = does.AuthenticateKey(t.Context(), boundKey, "192.0.2.9")
	require.NoError(t, err)
	require.Equal(t, []string{serviceID}, application.ServiceIDs)
	require.Equal(t, time.Date(2099, time.December, 31, 23, 0, 0, 0, time.UTC), application.KeyExpiresAt)

	_, err = does.AuthenticateKey(t.Context(), boundKey, "198.51.100.1")
	require.ErrorIs(t, err, gateway.ErrAddressRefused)

	account, err := does.SignIn(t.Context(), "mario.rossi@comune.example", password)
	require.NoError(t, err)
	require.Equal(t, gateway.Account{
		ID: accountID, Email: "mario.rossi@comune.example", Name: "Mario Rossi", Role: gateway.RoleOperator, EnteID: enteID,
		MembershipID: accountID,
		Memberships: []gateway.Membership{
			{ID: accountID, Role: gateway.RoleOperator, EnteID: enteID, EnteName: "Comune di Prova"},
		},
	}, account)
}

func TestInvitingTheFirstSystemAdministrator(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	link := o.admin(t, "", "invite", "ada@genio.example", "Ada Amministratrice", "--public-url=https://genio.example/")
	token, found := strings.CutPrefix(link, "https://genio.example/invitation/")
	require.True(t, found, link)

	does := o.opened(t)
	account, err := does.AcceptInvitation(t.Context(), token, "Ada", password, "")
	require.NoError(t, err)
	require.Equal(t, gateway.RoleSystem, account.Role)

	told := o.admin(t, "", "invite", "ada@genio.example", "Ada", "--role=support", "--public-url=https://genio.example")
	require.Contains(t, told, "has an account already")
	require.ErrorContains(t, o.refused(t, "", "invite", "ada", "Ada", "--public-url=https://genio.example"), "inviting")
}

func TestRefusedAdministration(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	enteID := o.admin(t, "", "ente", "Comune di Prova", organizationCode)

	const nobody = "0190a0a0-0000-7000-8000-000000000000"

	for name, test := range map[string]struct {
		input string
		line  []string
		tells string
	}{
		"Ente twice":             {"", []string{"ente", "Comune di Prova", organizationCode}, "creating the Ente"},
		"wrong check digit":      {"", []string{"ente", "Comune di Prova", "12345678901"}, "creating the Ente"},
		"service of no Ente":     {ioKey, []string{"service", nobody, "Anagrafe"}, "creating the service"},
		"service without a key":  {"\n", []string{"service", enteID, "Anagrafe"}, "a secret is expected"},
		"alias with a space":     {ioKey, []string{"service", enteID, "Anagrafe", "--sms-sender=Comune di"}, "creating the service"},
		"deadline of a second":   {ioKey, []string{"service", enteID, "Anagrafe", "--io-deadline=1s"}, "creating the service"},
		"ceiling above IO's":     {ioKey, []string{"service", enteID, "Anagrafe", "--max-payment-cents=10000000000"}, "creating the service"},
		"nothing on input":       {"", []string{"service", enteID, "Anagrafe"}, "a secret is expected"},
		"key without end":        {strings.Repeat("k", maxSecret+1), []string{"service", enteID, "Anagrafe"}, "at most"},
		"API key of no Ente":     {"", []string{"api-key", nobody, "x"}, "creating the API key"},
		"API key of no service":  {"", []string{"api-key", enteID, "x", "--service=" + nobody}, "creating the API key"},
		"API key from anywhere":  {"", []string{"api-key", enteID, "x", "--ip=0.0.0.0/0"}, "creating the API key"},
		"API key that has ended": {"", []string{"api-key", enteID, "x", "--expires=2001-01-01"}, "creating the API key"},
		"short password":         {"segreto", []string{"account", "a@b.example", "A", "--role=auditor"}, "creating the account"},
		"account without secret": {"", []string{"account", "a@b.example", "A", "--role=auditor"}, "a secret is expected"},
		"quota of no Ente":       {"", []string{"quota", nobody, "250"}, "setting the quota"},
		"no quota at all":        {"", []string{"quota", enteID, "0"}, "setting the quota"},
		"no address":             {password, []string{"account", "nobody", "A", "--role=auditor"}, "creating the account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			err := o.refused(t, test.input, test.line...)
			require.ErrorContains(t, err, test.tells)

			if test.input != "" && test.input != "\n" {
				require.NotContains(t, err.Error(), test.input)
			}
		})
	}
}

func TestAdministrationWithoutItsDatabase(t *testing.T) {
	t.Parallel()

	o := newOffice(t)
	empty := filepath.Join(t.TempDir(), "genio.db")

	for name, flags := range map[string][]string{
		"no keys":      {"--database-url=" + o.url, "--database-keys-file=" + o.keysFile + "-lost"},
		"not migrated": {"--database-url=sqlite://" + empty, "--database-keys-file=" + o.keysFile},
	} {
		err := o.run(t.Context(), t, "", append([]string{"admin", "ente", "Comune", organizationCode}, flags...)...)
		require.ErrorContains(t, err, "opening the database", name)
	}
}

func TestSecretIsTheFirstLine(t *testing.T) {
	t.Parallel()

	longest := strings.Repeat("k", maxSecret)

	for _, test := range []struct{ given, want string }{
		{"key", "key"},
		{"key\n", "key"},
		{"key\r\n", "key"},
		{" key \nmore\n", " key "},
		{longest, longest},
	} {
		secret, err := terminal{in: strings.NewReader(test.given)}.secret()
		require.NoError(t, err)
		require.Equal(t, test.want, secret)
	}
}
