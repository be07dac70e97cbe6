package gateway_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
)

func TestWhatEachRoleMay(t *testing.T) {
	t.Parallel()

	for role, may := range map[gateway.Role][]gateway.Permission{
		gateway.RoleOperator: {gateway.PermissionRead, gateway.PermissionReveal, gateway.PermissionSend, gateway.PermissionAct},
		gateway.RoleAdministrator: {
			gateway.PermissionRead, gateway.PermissionReveal, gateway.PermissionSend, gateway.PermissionAct, gateway.PermissionIntervene,
			gateway.PermissionCompose, gateway.PermissionConfigure, gateway.PermissionWatch, gateway.PermissionAppoint,
			gateway.PermissionAudit, gateway.PermissionPrivacy,
		},
		gateway.RoleSupport: {
			gateway.PermissionRead, gateway.PermissionReveal, gateway.PermissionSend, gateway.PermissionAct, gateway.PermissionIntervene,
			gateway.PermissionCompose, gateway.PermissionWatch, gateway.PermissionDiagnose,
		},
		gateway.RoleAuditor: {gateway.PermissionRead, gateway.PermissionAudit},
		gateway.RoleSystem:  gateway.Permissions(),
		"":                  {},
	} {
		actor := gateway.Actor{Kind: gateway.ActorUser, Role: role, EnteID: "an Ente"}

		for _, permission := range gateway.Permissions() {
			require.Equal(t, slices.Contains(may, permission), actor.May(permission), "%s %s", role, permission)
		}
	}
}

func TestARoleWithinAnEnteMayNothingWithoutIt(t *testing.T) {
	t.Parallel()

	for _, permission := range gateway.Permissions() {
		for _, role := range []gateway.Role{gateway.RoleOperator, gateway.RoleAdministrator} {
			require.False(t, gateway.Actor{Kind: gateway.ActorUser, Role: role}.May(permission), "%s %s", role, permission)
		}
	}
}

func TestApplicationsReadSendAndAct(t *testing.T) {
	t.Parallel()

	application := gateway.Actor{Kind: gateway.ActorApplication}

	require.True(t, application.May(gateway.PermissionSend))
	require.False(t, application.May(gateway.PermissionConfigure))
	require.False(t, gateway.Actor{}.May(gateway.PermissionRead))
	require.True(t, gateway.Actor{Kind: gateway.ActorSystem}.May(gateway.PermissionGovern))
}
