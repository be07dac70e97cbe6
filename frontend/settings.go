package frontend

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/genio-gateway/genio/gateway"
)

const settingsPath = "/settings"

// settingsCard is a part of the configuration. The pages below its address belong to the section.
type settingsCard struct {
	Path  string
	Label string // a message's key
	Hint  string // a message's key
	// permission is what the part asks for: nobody is led to a closed door.
	permission gateway.Permission
}

// settingsCards are in the order of the page.
func settingsCards() []settingsCard {
	return []settingsCard{
		{Path: entiPath, Label: "enti.title", Hint: "settings.enti", permission: gateway.PermissionRead},
		{Path: servicesPath, Label: "services.title", Hint: "settings.services", permission: gateway.PermissionRead},
		{Path: serviceImportsPath, Label: "imports.title", Hint: "settings.imports", permission: gateway.PermissionConfigure},
		{Path: apiKeysPath, Label: "api_keys.title", Hint: "settings.api_keys", permission: gateway.PermissionConfigure},
		{Path: webhooksPath, Label: "webhooks.title", Hint: "settings.webhooks", permission: gateway.PermissionWatch},
		{Path: peoplePath, Label: "people.title", Hint: "settings.people", permission: gateway.PermissionAppoint},
		{Path: privacyPath, Label: "privacy.title", Hint: "settings.privacy", permission: gateway.PermissionAudit},
	}
}

// settingsPaths are the addresses that belong to the section beside its own.
func settingsPaths() []string {
	cards := settingsCards()

	paths := make([]string, len(cards))
	for i, card := range cards {
		paths[i] = card.Path
	}

	return paths
}

// settingsPage leads to the parts of the configuration.
type settingsPage struct {
	page
	Cards []settingsCard
}

func (f *Frontend) settings(c echo.Context) error {
	shown := settingsPage{page: f.page(c, "settings.title")}

	for _, card := range settingsCards() {
		if shown.May(card.permission) {
			shown.Cards = append(shown.Cards, card)
		}
	}

	return f.show(c, http.StatusOK, "settings.html", shown)
}

// settingsCrumbs begin the way to a page of the configuration.
func settingsCrumbs(p page, more ...crumb) []crumb {
	return append([]crumb{{Address: settingsPath, Label: p.T("settings.title")}}, more...)
}
