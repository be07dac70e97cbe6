package frontend

import "github.com/genio-gateway/genio/gateway"

// listAction is something that the head of the list offers.
type listAction struct {
	path  string
	label string // a message's key
	icon  string
	style string // of the button
	// filtered: the present filter goes along, since the action is about what the list shows.
	filtered   bool
	permission gateway.Permission
}

// listActions are in the order in which the list offers them.
func listActions() []listAction {
	return []listAction{
		{path: composePath, label: "compose.new", icon: "it-pencil", style: "primary", permission: gateway.PermissionSend},
		{
			path: exportPath, label: "export.button", icon: "it-download", style: "outline-primary", filtered: true,
			permission: gateway.PermissionRead,
		},
	}
}

// listLink leads to an action.
type listLink struct {
	Address string
	Label   string
	Icon    string
	Style   string
}

// listActionsFor are the actions that the person may take.
func listActionsFor(p page, wanted filter) []listLink {
	var links []listLink

	for _, action := range listActions() {
		if !p.May(action.permission) {
			continue
		}

		address := action.path
		if action.filtered {
			address = addressWith(action.path, wanted.firstPage().values())
		}

		links = append(links, listLink{Address: address, Label: p.T(action.label), Icon: action.icon, Style: action.style})
	}

	return links
}
