package frontend

import (
	"maps"
	"net/http"
	"slices"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// auditRow is one entry in plain words.
type auditRow struct {
	At      moment
	Who     string
	WhoKind string // empty for people
	By      string // the address of everything that they did; empty where nobody knows who it was
	Did     string
	What    string // the object's name, or its id; empty where the words say it all
	WhatIs  string // the object's page; empty: there is none
	Code    bool   // What is an id
	History string // the address of everything that was done to it
	Ente    string
	From    string
	Details []fact
}

func (f *Frontend) auditRow(entry *gateway.AuditView, wanted auditFilter, reader gateway.Actor, p page) auditRow {
	shown := auditRow{
		At: f.moment(entry.At, p.Lang), Who: entry.ActorName, Did: actSentence(entry.Action, p), Ente: entry.EnteName, From: entry.Address,
		Details: auditDetails(entry.Detail, p),
	}

	if entry.ActorKind != string(gateway.ActorUser) {
		shown.WhoKind = p.T("audit.kind." + entry.ActorKind)
	}

	if shown.Who == "" {
		shown.Who, shown.WhoKind = capitalised(p.T("audit.kind."+entry.ActorKind)), ""
	}

	only := auditFilter{Ente: wanted.Ente}

	if entry.ActorID != "" {
		by := only
		by.Actor = entry.ActorID
		shown.By = by.address()
	}

	// Of oneself the words say enough, and so they do of what is no thing.
	if entry.ObjectID == "" || entry.ObjectID == entry.ActorID {
		return shown
	}

	history := only
	history.Object = entry.ObjectID
	shown.History = history.address()
	shown.What, shown.Code = entry.ObjectName, false
	shown.WhatIs = f.objectAddress(entry.Object, entry.ObjectID, reader)

	if shown.What == "" {
		shown.What, shown.Code = entry.ObjectID, true
	}

	return shown
}

// actSentence says what was done; an act that nobody has words for is called by its name.
func actSentence(action string, p page) string {
	key := "audit.act." + action
	if text := p.T(key); text != key {
		return text
	}

	return p.T("audit.unknown_act", action)
}

// objectPages are the addresses below which things have their pages.
func objectPages() map[string]string {
	return map[string]string{
		"notification": notificationsPath, "batch": batchesPath, "template": templatesPath, "service": servicesPath, "ente": entiPath,
		"account": peoplePath, "api_key": apiKeysPath, "service_import": serviceImportsPath, "intervention": interventionsPath,
		"webhook": webhooksPath, "erasure": erasuresPath,
	}
}

// objectAddress is the page of a thing that the log names, where the reader may open it.
func (f *Frontend) objectAddress(object, id string, reader gateway.Actor) string {
	path, known := objectPages()[object]
	if !known || !slices.ContainsFunc(f.routes, func(route Route) bool {
		return route.Method == http.MethodGet && route.Path == path+"/:id" && reader.May(route.Permission)
	}) {
		return ""
	}

	return path + "/" + id
}

// auditDetails lists what else matters, with the reasons of notifications in words.
func auditDetails(detail map[string]string, p page) []fact {
	var lines []fact

	for _, name := range slices.Sorted(maps.Keys(detail)) {
		value := detail[name]
		if value == "" {
			continue
		}

		if name == "reason" && isReason(value) {
			value = explain(notification.Reason(value), p.Lang).Message
		}

		label := name
		if key := "audit.detail." + name; p.T(key) != key {
			label = p.T(key)
		}

		lines = append(lines, fact{Name: label, Value: value})
	}

	return lines
}

// isReason tells a code of the catalogue from what somebody wrote.
func isReason(text string) bool {
	return slices.ContainsFunc(notification.Catalogue(), func(known notification.ReasonText) bool { return string(known.Reason) == text })
}
