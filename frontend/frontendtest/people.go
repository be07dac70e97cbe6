package frontendtest

import (
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The Enti and their services.
const (
	ComuneID  = "01936f6e-0000-7000-8000-000000000001"
	RegioneID = "01936f6e-0000-7000-8000-000000000002"

	TributiID = "01936f6e-0000-7000-8000-000000000011"
	ScuolaID  = "01936f6e-0000-7000-8000-000000000012"
	SaluteID  = "01936f6e-0000-7000-8000-000000000021"
	// AnagrafeID is not active.
	AnagrafeID = "01936f6e-0000-7000-8000-000000000013"
)

// The accounts.
const (
	OperatorEmail = "operatore@comune.esempio.it"
	AuditorEmail  = "revisore@comune.esempio.it"
	AdminEmail    = "amministratrice@comune.esempio.it"
	SupportEmail  = "assistenza@regione.esempio.it"
)

func accounts() []gateway.Account {
	return []gateway.Account{
		{ID: "a1", Email: OperatorEmail, Name: "Olga Prova", Role: gateway.RoleOperator, EnteID: ComuneID},
		{ID: "a2", Email: AuditorEmail, Name: "Rocco Prova", Role: gateway.RoleAuditor, EnteID: ComuneID},
		{ID: "a4", Email: AdminEmail, Name: "Ada Prova", Role: gateway.RoleAdministrator, EnteID: ComuneID},
		{ID: "a3", Email: SupportEmail, Name: "Sara Prova", Role: gateway.RoleSupport},
	}
}

func enti() []notification.Ente {
	return []notification.Ente{
		{ID: ComuneID, Name: "Comune di Esempio", FiscalCode: "00000000000", Active: true},
		{ID: RegioneID, Name: "Regione Esempio", FiscalCode: "00000000000", Active: true},
	}
}

func services() []notification.Service {
	return []notification.Service{
		{ID: TributiID, EnteID: ComuneID, Name: "Tributi comunali", Active: true},
		{ID: ScuolaID, EnteID: ComuneID, Name: "Mensa scolastica", Active: true},
		{ID: AnagrafeID, EnteID: ComuneID, Name: "Anagrafe (sospeso)"},
		{ID: SaluteID, EnteID: RegioneID, Name: "Prenotazioni sanitarie", Active: true},
	}
}

func enteName(id string) string {
	for _, ente := range enti() {
		if ente.ID == id {
			return ente.Name
		}
	}

	return ""
}

func service(id string) notification.Service {
	for _, service := range services() {
		if service.ID == id {
			return service
		}
	}

	return notification.Service{}
}
