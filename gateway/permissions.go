package gateway

import "slices"

// Permission is what one route of the backoffice, or one use case, asks of a person.
type Permission string

// The permissions.
const (
	PermissionRead      Permission = "read"      // look at notifications, batches, templates and figures
	PermissionReveal    Permission = "reveal"    // see a recipient unmasked
	PermissionSend      Permission = "send"      // send by hand and by file
	PermissionAct       Permission = "act"       // cancel, hold, resume, retry and decide, one by one
	PermissionIntervene Permission = "intervene" // act on many by filter; pause a service, an Ente, a channel; correct
	PermissionCompose   Permission = "compose"   // write templates
	PermissionConfigure Permission = "configure" // an Ente's services, keys and policies
	PermissionWatch     Permission = "watch"     // see what an Ente's application is told, and whether it took it
	PermissionAppoint   Permission = "appoint"   // invite people, give and take roles
	PermissionGovern    Permission = "govern"    // take Enti on, suspend them, set their quotas
	PermissionAudit     Permission = "audit"     // read the audit log
	PermissionDiagnose  Permission = "diagnose"  // look at raw workflows
	PermissionPrivacy   Permission = "privacy"   // hand out and erase what is held about a citizen, at the citizen's request
)

// Permissions lists them all.
func Permissions() []Permission {
	return []Permission{
		PermissionRead, PermissionReveal, PermissionSend, PermissionAct, PermissionIntervene, PermissionCompose,
		PermissionConfigure, PermissionWatch, PermissionAppoint, PermissionGovern, PermissionAudit, PermissionDiagnose, PermissionPrivacy,
	}
}

// permissionsOf is what each role may do, within the Enti that it sees.
func permissionsOf(role Role) []Permission {
	switch role {
	case RoleOperator:
		return []Permission{PermissionRead, PermissionReveal, PermissionSend, PermissionAct}
	case RoleAdministrator:
		return []Permission{
			PermissionRead, PermissionReveal, PermissionSend, PermissionAct, PermissionIntervene, PermissionCompose,
			PermissionConfigure, PermissionWatch, PermissionAppoint, PermissionAudit, PermissionPrivacy,
		}
	case RoleSupport:
		return []Permission{
			PermissionRead, PermissionReveal, PermissionSend, PermissionAct, PermissionIntervene, PermissionCompose, PermissionWatch,
			PermissionDiagnose,
		}
	case RoleAuditor:
		return []Permission{PermissionRead, PermissionAudit}
	case RoleSystem:
		return Permissions()
	}

	return nil
}

// May tells whether the actor has the permission. Whether it sees the Ente in question is another question, see
// [Actor.SeesEnte]. An application may read, send and act; the rest is for people. A role that works within one Ente may
// nothing without it.
func (a Actor) May(permission Permission) bool {
	switch a.Kind {
	case ActorSystem:
		return true
	case ActorApplication:
		return slices.Contains([]Permission{PermissionRead, PermissionSend, PermissionAct}, permission)
	case ActorUser:
		return slices.Contains(permissionsOf(a.Role), permission) && (a.EnteID != "" || !a.Role.withinEnte())
	}

	return false
}

// mayConfigure tells whether the actor may change the settings of an Ente.
func (a Actor) mayConfigure(enteID string) bool {
	return a.May(PermissionConfigure) && a.SeesEnte(enteID)
}

// mayGovern tells whether the actor may take Enti on, suspend them and set their quotas.
func (a Actor) mayGovern() bool {
	return a.May(PermissionGovern) && a.seesEveryEnte()
}
