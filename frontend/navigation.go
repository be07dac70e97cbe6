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
}

// sections are in the order of the main navigation.
func sections() []section {
	return []section{
		{Path: notificationsPath, Label: "list.title", Icon: "it-mail", permission: gateway.PermissionRead},
		{Path: batchesPath, Label: "batches.title", Icon: "it-upload", permission: gateway.PermissionRead},
		{Path: templatesPath, Label: "templates.title", Icon: "it-file", permission: gateway.PermissionRead},
		{Path: peoplePath, Label: "people.title", Icon: "it-user", permission: gateway.PermissionAppoint},
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
		if path == section.Path || strings.HasPrefix(path, section.Path+"/") {
			return section.Path
		}
	}

	return notificationsPath
}
