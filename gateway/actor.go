package gateway

import (
	"slices"
	"time"
)

// ActorKind tells an Ente's application from a person and from GeNIO itself.
type ActorKind string

// The kinds of actor.
const (
	ActorApplication ActorKind = "application" // an API key
	ActorUser        ActorKind = "user"        // a signed-in person
	ActorSystem      ActorKind = "system"      // GeNIO's own administration commands
)

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleOperator      Role = "operator"             // sends and looks, within one Ente
	RoleAdministrator Role = "administrator"        // configures one Ente
	RoleSupport       Role = "support"              // works across Enti and retries
	RoleAuditor       Role = "auditor"              // looks, changes nothing
	RoleSystem        Role = "system_administrator" // everything
)

// Valid tells whether r is one of the roles above.
func (r Role) Valid() bool {
	return slices.Contains([]Role{RoleOperator, RoleAdministrator, RoleSupport, RoleAuditor, RoleSystem}, r)
}

// acrossEnti tells whether the role means nothing within a single Ente.
func (r Role) acrossEnti() bool { return r == RoleSupport || r == RoleSystem }

// withinEnte tells whether the role means nothing without an Ente to work in.
func (r Role) withinEnte() bool { return r == RoleOperator || r == RoleAdministrator }

// Actor is who asks for a use case, already authenticated.
type Actor struct {
	Kind ActorKind
	ID   string // the API key's or the user's id
	Name string
	// EnteID bounds everything the actor sees. Empty: all Enti, for support and the system's administrators.
	EnteID string
	// ServiceIDs bounds an API key further; empty: every service of the Ente.
	ServiceIDs []string
	Role       Role // of a user; empty for an application
	// Address is where the request came from, for the audit log; empty where nobody knows.
	Address string
	// KeyExpiresAt is when an API key ends; zero: never.
	KeyExpiresAt time.Time
	// RequestsPerSecond is the bound of an API key; 0: the installation's.
	RequestsPerSecond int
	// intervention is the id of the intervention that acts for a person, whose act is noted as a whole.
	intervention string
}

// SeesEnte tells whether the actor may know that something of this Ente exists.
func (a Actor) SeesEnte(enteID string) bool {
	return a.seesEveryEnte() || a.EnteID == enteID && enteID != ""
}

func (a Actor) seesEveryEnte() bool {
	return a.Kind == ActorSystem || a.EnteID == "" && a.Kind == ActorUser
}

// SeesService tells the same of one service of an Ente.
func (a Actor) SeesService(enteID, serviceID string) bool {
	return a.SeesEnte(enteID) && (len(a.ServiceIDs) == 0 || slices.Contains(a.ServiceIDs, serviceID))
}

// MayChange tells whether the actor may send, cancel or retry, not only look.
func (a Actor) MayChange() bool { return a.May(PermissionAct) }

// mayAppoint tells whether the actor may give somebody the role: within an Ente, only those that work within one.
func (a Actor) mayAppoint(role Role) bool {
	return a.EnteID == "" || role.withinEnte() || role == RoleAuditor
}
