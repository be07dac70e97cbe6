package allinone

import (
	"fmt"
	"strings"

	"github.com/genio-gateway/genio/simulator"
)

// Welcome tells a newcomer where everything is and what to try first.
func (a *AllInOne) Welcome() string {
	var text strings.Builder

	fmt.Fprintf(&text, `
GeNIO is ready.

  Backoffice            %[1]s
  API documentation     %[1]s/docs
  Temporal Web UI       %[2]s
  Temporal              %[3]s
  Simulators' ledger    %[4]s/ledger/summary

Sign in to the backoffice as
`, a.Addresses.Public, a.Addresses.TemporalUI, a.Addresses.Temporal, a.Addresses.Simulator)

	for _, login := range a.Demo.Logins {
		fmt.Fprintf(&text, "  %-26s password %-18s %s\n", login.Email, login.Password, login.Label)
	}

	fmt.Fprintf(&text, `
Demo API key
  %s

Manage key of the demo Ente on IO, to import its services with (%s)
  %s

Send a first notification, to an invented citizen who is on IO:

%s

Stop with Ctrl+C; everything is kept for the next start.

`, a.Demo.APIKey, a.Addresses.Public+"/service-imports", a.Demo.ManageKey, a.curl())

	return text.String()
}

func (a *AllInOne) curl() string {
	return fmt.Sprintf(`curl -i %[1]s/api/v1/notifications \
  -H 'Authorization: Bearer %[2]s' \
  -H 'Content-Type: application/json' \
  -d '{
    "service_id": "%[3]s",
    "recipient": {"fiscal_code": "%[4]s"},
    "content": {
      "subject": "La tua prima notifica",
      "markdown": "Questa notifica viaggia da GeNIO verso il simulatore di app IO: apri la sua cronologia nel backoffice."
    }
  }'`, a.Addresses.Public, a.Demo.APIKey, a.Demo.Service.ID, simulator.FiscalCode(simulator.CitizenDelivered, 1))
}
