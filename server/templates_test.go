package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const (
	templatesPath = "/api/v1/templates"
	templatePath  = templatesPath + "/" + knownID
	templateBody  = `"name":"Promemoria",
		"italian":{
			"subject":"Appuntamento del ((data))","markdown":"Buongiorno ((nome))","sms_text":"Ci vediamo il ((data))",
			"buttons":[{"text":"Come arrivare","action":"iohandledlink://https://www.comune.example.it"}]
		},
		"english":{"subject":"Appointment on ((data))","markdown":"Good morning ((nome))"}`
	templateAnswer = `"id":"` + knownID + `",` + templateBody + `,"placeholders":["data","nome"],"may_change":true,
		"created_at":"2026-12-01T08:00:00Z","links":{"self":"` + templatePath + `"}`
)

func TestCreatingATemplate(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodPost, path: templatesPath, body: "{" + templateBody + "}"})
	require.Equal(t, http.StatusCreated, got.status, got.body)
	require.Equal(t, templatePath, got.header.Get("Location"))
	require.JSONEq(t, `{"version":1,`+templateAnswer+"}", got.body)
	require.Equal(t, draftOfTemplate(), site.gateway.draft)
	require.Equal(t, enteID, site.gateway.actor.EnteID)
}

func TestATemplateMayBeInItalianAlone(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodPost, path: templatesPath, body: `{"name":"x","italian":{"subject":"a","markdown":"b"}}`})
	require.Equal(t, http.StatusCreated, got.status, got.body)
	require.NotContains(t, got.body, "english")
	require.Equal(t, gateway.TemplateDraft{Name: "x", Italian: notification.TemplateText{Subject: "a", Markdown: "b"}}, site.gateway.draft)
}

func TestRevisingATemplate(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodPut, path: templatePath, body: `{"version":1,` + templateBody + "}"})
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.JSONEq(t, `{"version":2,`+templateAnswer+"}", got.body)
	require.Equal(t, draftOfTemplate(), site.gateway.draft)

	got = site.send(call{method: http.MethodPut, path: templatePath, body: `{"version":7,` + templateBody + "}"})
	require.Equal(t, http.StatusConflict, got.status, got.body)
	require.Equal(t, "state_conflict", got.json(t)["code"])
}

func TestReadingTemplates(t *testing.T) {
	t.Parallel()

	site := newSite(t)

	got := site.send(call{method: http.MethodGet, path: templatePath})
	require.JSONEq(t, `{"version":1,`+templateAnswer+"}", got.body)

	got = site.send(call{method: http.MethodGet, path: templatePath + "?version=5"})
	require.InDelta(t, 5, got.json(t)["version"], 0)
	require.Equal(t, []string{"template 0", "template 5"}, site.gateway.acts)

	require.Len(t, site.send(call{method: http.MethodGet, path: templatesPath}).json(t)["items"], 1)

	got = site.send(call{method: http.MethodGet, path: templatesPath + "?archived=true"})
	require.Len(t, got.json(t)["items"], 2)
	require.Contains(t, got.body, `"archived_at":"2026-12-01T09:00:00Z"`)
}

func TestArchivingATemplate(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{method: http.MethodDelete, path: templatePath})
	require.Equal(t, http.StatusNoContent, got.status)
	require.Empty(t, got.body)
	require.Equal(t, []string{"archive"}, site.gateway.acts)
}

func TestPreviewingATemplate(t *testing.T) {
	t.Parallel()

	site := newSite(t)
	got := site.send(call{
		method: http.MethodPost, path: templatesPath + "/preview",
		body: `{"italian":{"subject":"Appuntamento del ((data))","markdown":"Buongiorno"},"personalisation":{"data":"3 dicembre 2026"}}`,
	})
	require.Equal(t, http.StatusOK, got.status, got.body)
	require.JSONEq(t, `{
		"content": {"subject": "Appuntamento del 3 dicembre 2026", "markdown": "Buongiorno"},
		"sms": {"text": "Appuntamento", "parts": 1, "unicode": false, "substitutions": []},
		"errors": [{"field": "italian.markdown", "code": "too_short", "message": "too short", "messaggio": "troppo corto"}]
	}`, got.body)
	require.Equal(t, "Appuntamento del ((data))", site.gateway.draft.Italian.Subject)
}

func TestANotificationMadeFromATemplate(t *testing.T) {
	t.Parallel()

	const body = `{"service_id":"` + serviceID + `","recipient":{"fiscal_code":"RSSMRA80A01H501U"}`

	for name, test := range map[string]struct {
		more   string
		given  *gateway.Personalised
		fields map[string]string
	}{
		"all": {
			`,"template_id":"` + templateID + `","template_version":3,"personalisation":{"nome":"Mario","prima data":""}`,
			&gateway.Personalised{TemplateID: templateID, TemplateVersion: 3, Values: map[string]string{"nome": "Mario", "prima data": ""}}, nil,
		},
		"no values": {`,"template_id":"` + templateID + `"`, &gateway.Personalised{TemplateID: templateID}, nil},
		"nothing":   {"", nil, map[string]string{"content": "required"}},
		"both": {
			`,"template_id":"` + templateID + `","content":{"subject":"x","markdown":"x"}`, nil, map[string]string{"template_id": "not_together"},
		},
		"values without a template": {
			`,"content":{"subject":"x","markdown":"x"},"template_version":1,"personalisation":{}`, nil,
			map[string]string{"template_version": "not_together", "personalisation": "not_together"},
		},
		"invalid": {
			`,"template_id":"x","template_version":0,"personalisation":{"nome":1}`, nil,
			map[string]string{"template_id": "format", "template_version": "too_small", "personalisation.nome": "type"},
		},
		"too many values": {
			`,"template_id":"` + templateID + `","personalisation":{` + names(100) + `"x":""}`, nil,
			map[string]string{"personalisation": "too_many"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			site := newSite(t)
			got := site.send(call{method: http.MethodPost, path: "/api/v1/notifications", body: body + test.more + "}"})
			submission, _, _ := site.gateway.asked()

			if test.fields == nil {
				require.Equal(t, http.StatusAccepted, got.status, got.body)
				require.Equal(t, test.given, submission.Template)
				require.Empty(t, submission.Content)

				return
			}

			require.Equal(t, http.StatusUnprocessableEntity, got.status, got.body)
			require.Equal(t, gateway.Submission{}, submission)

			found := got.fieldErrors(t)
			for field, code := range test.fields {
				require.Equal(t, code, found[field], field)
			}
		})
	}
}
