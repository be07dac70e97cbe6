package db_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/db/dbtest"
)

func TestUnverified(t *testing.T) {
	t.Parallel()

	for raw, want := range map[string]string{
		"sqlite:genio.db":                  "",
		"no URL":                           "",
		"postgres://genio@127.0.0.1/genio": "",
		"postgres://genio@localhost/genio?sslmode=disable":      "",
		"postgres:///genio?host=/run/postgresql":                "",
		"postgres://genio@db.example/genio?sslmode=verify-full": "",
		"postgres://genio@db.example/genio":                     "db.example",
		"postgres://genio@db.example/genio?sslmode=disable":     "db.example",
		"postgres://genio@db.example/genio?sslmode=require":     "db.example",
	} {
		require.Equal(t, want, db.Unverified(raw), raw)
	}
}

// pair is a certificate and its key, as PEM.
type pair struct{ cert, key []byte }

// issue makes one for 127.0.0.1 and the role tls_role; of itself where there is no issuer.
func issue(t *testing.T, issuer *pair) pair {
	t.Helper()

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)

	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tls_role"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: issuer == nil, BasicConstraintsValid: true,
	}
	parent, signer := template, key

	if issuer == nil {
		// A certificate whose issuer has its own name would count as signed by itself.
		template.Subject.CommonName = "Invented authority"
	} else {
		block, _ := pem.Decode(issuer.cert)
		parent, err = x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)

		block, _ = pem.Decode(issuer.key)
		parsed, err := x509.ParseECPrivateKey(block.Bytes)
		require.NoError(t, err)

		signer = parsed
	}

	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	secret, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)

	return pair{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}),
	}
}

// TestPostgresOverTLS lets the tests' own server speak TLS too, and ask one role for a certificate.
func TestPostgresOverTLS(t *testing.T) {
	t.Parallel()

	raw := dbtest.Postgres(t)
	if os.Getenv("GENIO_TEST_POSTGRES") != "" {
		t.Skip("it changes the server's configuration, so the server has to be the tests' own")
	}

	authority, other := issue(t, nil), issue(t, nil)
	server, client := issue(t, &authority), issue(t, &authority)
	admin := dbtest.OpenWith(t, db.Config{URL: raw}).Pool()

	// The server writes the files itself: its account may be another one than the test's.
	for _, statement := range []string{
		fileOfServer("server.crt", server.cert), fileOfServer("server.key", server.key), fileOfServer("root.crt", authority.cert),
		"COPY (SELECT 'hostssl all tls_role 127.0.0.1/32 cert') TO PROGRAM 'cat - pg_hba.conf > pg_hba.new && mv pg_hba.new pg_hba.conf'",
		"CREATE ROLE tls_role LOGIN SUPERUSER",
		"ALTER SYSTEM SET ssl_ca_file = 'root.crt'", "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()",
	} {
		_, err := admin.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}

	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))

		return path
	}
	root, wrong := file("root.pem", authority.cert), file("wrong.pem", other.cert)
	certFile, keyFile := file("client.pem", client.cert), file("client.key", client.key)

	connect := func(role *url.Userinfo, parameters url.Values) error {
		address, err := url.Parse(raw)
		require.NoError(t, err)

		if role != nil {
			address.User = role
		}

		parameters.Set("sslmode", "verify-full")
		address.RawQuery = parameters.Encode()

		store, err := db.Open(t.Context(), db.Config{URL: address.String(), Keys: newKeys(t)})
		if err != nil {
			return err
		}

		return store.Close()
	}

	require.Eventually(t, func() bool { return connect(nil, url.Values{"sslrootcert": {root}}) == nil }, 20*time.Second, 50*time.Millisecond)
	require.Error(t, connect(nil, url.Values{"sslrootcert": {wrong}}), "another authority")
	require.Error(t, connect(nil, url.Values{}), "the system's authorities")

	certified := url.Values{"sslrootcert": {root}, "sslcert": {certFile}, "sslkey": {keyFile}}
	require.NoError(t, connect(url.User("tls_role"), certified))
	require.Error(t, connect(url.User("tls_role"), url.Values{"sslrootcert": {root}}), "no certificate")

	// A renewed certificate is read with the next connection of a store that is open.
	address, err := url.Parse(raw)
	require.NoError(t, err)

	address.User, address.RawQuery = url.User("tls_role"), certified.Encode()+"&sslmode=verify-full"
	store := dbtest.OpenWith(t, db.Config{URL: address.String()})
	store.Pool().SetMaxIdleConns(0)
	require.NoError(t, store.Ping(t.Context()))

	foreign := issue(t, &other)
	file("client.pem", foreign.cert)
	file("client.key", foreign.key)
	require.Error(t, store.Ping(t.Context()))

	renewed := issue(t, &authority)
	file("client.pem", renewed.cert)
	file("client.key", renewed.key)
	require.NoError(t, store.Ping(t.Context()))
}

// fileOfServer writes a file in the server's folder of data.
func fileOfServer(name string, content []byte) string {
	return "COPY (SELECT '" + base64.StdEncoding.EncodeToString(content) + "') TO PROGRAM 'base64 -d > " + name +
		" && chmod 600 " + name + "'"
}
