package frontend

import (
	"strings"

	"github.com/genio-gateway/genio/gateway"
)

// section is a part of the backoffice that the main navigation leads to.
type section struct {
	Path  string
	Label string // a message's key
	Icon  string
	// permission is what the section asks for: nobody is led to a closed door.
	permission gateway.Permission
	// also are the addresses of further pages that belong to it.
	also []string
}

// holds tells whether the page under a path belongs to the section.
func (s section) holds(path string) bool {
	for _, prefix := range append([]string{s.Path}, s.also...) {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}

	return false
}

// sections are in the order of the main navigation.
func sections() []section {
	return []section{
		{Path: dashboardPath, Label: "dashboard.title", Icon: "it-chart-line", permission: gateway.PermissionRead},
		{Path: notificationsPath, Label: "list.title", Icon: "it-mail", permission: gateway.PermissionRead},
		{Path: batchesPath, Label: "batches.title", Icon: "it-upload", permission: gateway.PermissionRead},
		{Path: templatesPath, Label: "templates.title", Icon: "it-file", permission: gateway.PermissionRead},
		{Path: interventionsPath, Label: "interventions.title", Icon: "it-tool", permission: gateway.PermissionIntervene},
		{Path: pausesPath, Label: "pauses.title", Icon: iconClock, permission: gateway.PermissionIntervene},
		{Path: reconciliationPath, Label: "reconciliation.title", Icon: iconRefresh, permission: gateway.PermissionDiagnose},
		{
			Path: settingsPath, Label: "settings.title", Icon: "it-settings", permission: gateway.PermissionRead,
			also: settingsPaths(),
		},
		{Path: auditPath, Label: "audit.title", Icon: "it-list", permission: gateway.PermissionAudit},
	}
}

// Navigation is where the signed-in person may go.
func (p page) Navigation() []section {
	if p.Account == nil {
		return nil
	}

	var open []section

	for _, section := range sections() {
		if p.Account.Actor().May(section.permission) {
			open = append(open, section)
		}
	}

	return open
}

// May tells whether the signed-in person has the permission, for what a page offers.
func (p page) May(permission gateway.Permission) bool {
	return p.Account != nil && p.Account.Actor().May(permission)
}

// sectionOf is the address of the section in which a path lies.
func sectionOf(path string) string {
	for _, section := range sections() {
		if section.holds(path) {
			return section.Path
		}
	}

	return dashboardPath
}
