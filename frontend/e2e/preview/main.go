// Command preview shows the backoffice with invented data, for work on its pages. It needs neither a database
// nor Temporal: go run ./frontend/e2e/preview, then open the address it prints.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/frontend"
	"github.com/genio-gateway/genio/frontend/frontendtest"
)

const headerTimeout = 10 * time.Second

func main() {
	address := flag.String("listen", "127.0.0.1:8090", "address to listen on")

	flag.Parse()

	if err := serve(*address); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address string) error {
	log, err := zap.NewDevelopment()
	if err != nil {
		return fmt.Errorf("preparing the log: %w", err)
	}

	pages, err := frontend.New(frontend.Config{
		Gateway:    gateway(),
		Sessions:   memstore.New(),
		Log:        log,
		TemporalUI: "http://localhost:8233/namespaces/default",
		Demo: []frontend.DemoLogin{
			{Email: frontendtest.OperatorEmail, Password: frontendtest.Password, Label: "Operatrice del Comune di Esempio"},
			{Email: frontendtest.AdminEmail, Password: frontendtest.Password, Label: "Amministratrice del Comune di Esempio"},
			{Email: frontendtest.SupportEmail, Password: frontendtest.Password, Label: "Assistenza regionale"},
			{Email: frontendtest.AuditorEmail, Password: frontendtest.Password, Label: "Revisore, che guarda soltanto"},
		},
	})
	if err != nil {
		return fmt.Errorf("preparing the pages: %w", err)
	}

	fmt.Println("The preview is at http://" + address)

	server := &http.Server{Addr: address, Handler: pages.Handler(), ReadHeaderTimeout: headerTimeout}
	if err := server.ListenAndServe(); err != nil {
		return fmt.Errorf("serving the preview: %w", err)
	}

	return nil
}

func gateway() *frontendtest.Gateway {
	now := time.Now()

	return frontendtest.NewGateway(time.Now, frontendtest.Samples(now)...).
		With(frontendtest.SampleBatches(now), frontendtest.SampleTemplates(now))
}
