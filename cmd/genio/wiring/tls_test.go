package wiring_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

// authority is an invented authority that certifies for 127.0.0.1 and genio.test.
type authority struct {
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	file   string
}

func newAuthority(t *testing.T) authority {
	t.Helper()

	a := authority{folder: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Invented authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}

	var err error

	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)

	a.file = filepath.Join(a.folder, "ca.pem")
	writePEM(t, a.file, "CERTIFICATE", der)

	return a
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// certify writes a certificate of this serial number and its key, over those from before.
func (a authority) certify(t *testing.T, name string, serial int64) (certFile, keyFile string) {
	t.Helper()

	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"genio.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)

	certFile, keyFile = filepath.Join(a.folder, name+".pem"), filepath.Join(a.folder, name+".key")
	writePEM(t, certFile, "CERTIFICATE", der)
	writePEM(t, keyFile, "PRIVATE KEY", secret)

	// A file system may count time coarsely.
	later := time.Now().Add(time.Duration(serial) * time.Minute)
	require.NoError(t, os.Chtimes(certFile, later, later))
	require.NoError(t, os.Chtimes(keyFile, later, later))

	return certFile, keyFile
}

// demanding is a server's side that asks for a certificate of the authority.
func (a authority) demanding(t *testing.T) *tls.Config {
	t.Helper()

	config, err := wiring.ServerTLS(first(a.certify(t, "server", 1))).Config()
	require.NoError(t, err)

	config.ClientCAs = x509.NewCertPool()
	config.ClientCAs.AddCert(a.cert)
	config.ClientAuth = tls.RequireAndVerifyClientCert

	return config
}

func first(certFile, keyFile string) struct{ CertFile, KeyFile string } {
	return struct{ CertFile, KeyFile string }{certFile, keyFile}
}

// mutual serves the serial number of the client's certificate.
func (a authority) mutual(t *testing.T) (address string) {
	t.Helper()

	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].SerialNumber.String())
	}))
	server.Listener = tls.NewListener(server.Listener, a.demanding(t))
	server.Config.ErrorLog = zap.NewStdLog(zap.NewNop())
	server.Start()
	t.Cleanup(server.Close)

	return strings.Replace(server.URL, "http:", "https:", 1)
}

func calling(t *testing.T, address string, files wiring.TLSFiles) (string, error) {
	t.Helper()

	config, err := files.Config()
	require.NoError(t, err)

	return answered(t, address, config)
}

func answered(t *testing.T, address string, config *tls.Config) (string, error) {
	t.Helper()

	transport := &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)

	response, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer func() { require.NoError(t, response.Body.Close()) }()

	body, err := io.ReadAll(response.Body)

	return string(body), err
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()

	ours, others := newAuthority(t), newAuthority(t)
	server := ours.mutual(t)
	certFile, keyFile := ours.certify(t, "client", 2)
	wrongCert, wrongKey := others.certify(t, "client", 3)
	whole := wiring.TLSFiles{CAFile: ours.file, CertFile: certFile, KeyFile: keyFile}

	serial, err := calling(t, server, whole)
	require.NoError(t, err)
	require.Equal(t, "2", serial)

	named := whole
	named.ServerName = "genio.test"
	_, err = calling(t, server, named)
	require.NoError(t, err)

	for name, files := range map[string]wiring.TLSFiles{
		"another authority":             {CAFile: others.file, CertFile: certFile, KeyFile: keyFile},
		"the system's authorities":      {CertFile: certFile, KeyFile: keyFile},
		"another name":                  {CAFile: ours.file, CertFile: certFile, KeyFile: keyFile, ServerName: "other.test"},
		"no certificate":                {CAFile: ours.file},
		"another authority's signature": {CAFile: ours.file, CertFile: wrongCert, KeyFile: wrongKey},
	} {
		_, err := calling(t, server, files)
		require.Error(t, err, name)
	}

	old := &tls.Config{MaxVersion: tls.VersionTLS11, InsecureSkipVerify: true}
	_, err = answered(t, server, old)
	require.Error(t, err, "TLS 1.1")
}

func TestRenewedCertificatesComeIntoUse(t *testing.T) {
	t.Parallel()

	a := newAuthority(t)
	server := a.mutual(t)
	certFile, keyFile := a.certify(t, "client", 2)
	config, err := wiring.TLSFiles{CAFile: a.file, CertFile: certFile, KeyFile: keyFile}.Config()
	require.NoError(t, err)

	serial, err := answered(t, server, config)
	require.NoError(t, err)
	require.Equal(t, "2", serial)

	a.certify(t, "client", 5)
	a.certify(t, "server", 6)

	served := make(chan string, 1)
	config.VerifyConnection = func(state tls.ConnectionState) error {
		served <- state.PeerCertificates[0].SerialNumber.String()

		return nil
	}

	serial, err = answered(t, server, config)
	require.NoError(t, err)
	require.Equal(t, "5", serial)
	require.Equal(t, "6", <-served)

	// Half of a renewal changes nothing yet.
	require.NoError(t, os.WriteFile(certFile, []byte("-"), 0o600))

	serial, err = answered(t, server, config)
	require.NoError(t, err)
	require.Equal(t, "5", serial)
}

func TestTLSFilesThatAreNotThere(t *testing.T) {
	t.Parallel()

	a := newAuthority(t)
	certFile, keyFile := a.certify(t, "client", 2)
	empty := filepath.Join(a.folder, "empty.pem")
	require.NoError(t, os.WriteFile(empty, []byte("nothing"), 0o600))

	for _, files := range []wiring.TLSFiles{
		{CAFile: "missing.pem"},
		{CAFile: empty},
		{CertFile: certFile},
		{KeyFile: keyFile},
		{CertFile: empty, KeyFile: keyFile},
		{CertFile: "missing.pem", KeyFile: keyFile},
	} {
		_, err := files.Config()
		require.Error(t, err, files)
		require.True(t, files.Given())
	}

	require.False(t, wiring.TLSFiles{}.Given())

	_, err := wiring.ServerTLS{CertFile: certFile}.Config()
	require.Error(t, err)
	plain, err := wiring.ServerTLS{}.Config()
	require.NoError(t, err)
	require.Nil(t, plain)
}

// temporalOverTLS is as much of a Temporal server as tells with which key it was called.
type temporalOverTLS struct {
	workflowservice.UnimplementedWorkflowServiceServer

	keys chan []string
}

// GetSystemInfo is what every client asks first.
func (*temporalOverTLS) GetSystemInfo(
	context.Context, *workflowservice.GetSystemInfoRequest,
) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

// SignalWorkflowExecution keeps the key.
func (s *temporalOverTLS) SignalWorkflowExecution(
	ctx context.Context, _ *workflowservice.SignalWorkflowExecutionRequest,
) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	sent, _ := metadata.FromIncomingContext(ctx)
	s.keys <- sent.Get("authorization")

	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

func TestTemporalOverMutualTLS(t *testing.T) {
	t.Parallel()

	a, others := newAuthority(t), newAuthority(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)

	plays := &temporalOverTLS{keys: make(chan []string, 1)}
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(a.demanding(t))))
	workflowservice.RegisterWorkflowServiceServer(server, plays)

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})

	certFile, keyFile := a.certify(t, "client", 2)
	apiKey := filepath.Join(a.folder, "api-key")
	require.NoError(t, os.WriteFile(apiKey, []byte("invented\n"), 0o600))

	whole := wiring.Temporal{
		Address: listener.Addr().String(), Namespace: "genio", APIKeyFile: apiKey,
		TLSFiles: wiring.TLSFiles{CAFile: a.file, CertFile: certFile, KeyFile: keyFile},
	}
	require.NoError(t, signalled(t, whole))
	require.Equal(t, []string{"Bearer invented"}, <-plays.keys)

	require.NoError(t, os.WriteFile(apiKey, []byte("another\n"), 0o600))

	whole.TLS = true
	require.NoError(t, signalled(t, whole))
	require.Equal(t, []string{"Bearer another"}, <-plays.keys)

	for _, files := range []wiring.TLSFiles{{CAFile: a.file}, {CAFile: others.file, CertFile: certFile, KeyFile: keyFile}} {
		wrong := whole
		wrong.TLSFiles = files
		require.Error(t, signalled(t, wrong))
	}

	plain := wiring.Temporal{Address: whole.Address, Namespace: "genio"}
	require.Error(t, signalled(t, plain))

	missing := whole
	missing.APIKeyFile = "missing"
	_, err = missing.Connect(zap.NewNop())
	require.Error(t, err)
}

func signalled(t *testing.T, temporal wiring.Temporal) error {
	t.Helper()

	connected, err := temporal.Connect(zap.NewNop())
	require.NoError(t, err)

	defer connected.Close()

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()

	return told(ctx, connected)
}

func told(ctx context.Context, connected client.Client) error {
	return connected.SignalWorkflow(ctx, "workflow", "", "signal", nil)
}
