package frontend_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

const receiver = "https://avvisi.comune.example/genio"

func secretShown(t *testing.T, page answer) string {
	t.Helper()
	require.Equal(t, http.StatusOK, page.status, page.body)

	found := regexp.MustCompile(`id="secret" value="(whsec_[^"]+)"`).FindStringSubmatch(page.body)
	require.NotNil(t, found)

	return found[1]
}

// TestWebhookPages walks them as an administrator does.
func TestWebhookPages(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleAdministrator)
	require.Contains(t, b.get("/webhooks").body, "Nessuna applicazione viene avvisata.")

	refused := b.submit(t, "/webhooks/new", "/webhooks", url.Values{"url": {"https://10.0.0.1/"}}, 1)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "deve essere raggiungibile su Internet")
	require.Contains(t, refused.body, "https://10.0.0.1/", "what was typed is kept")

	secret := secretShown(t, b.submit(t, "/webhooks/new", "/webhooks", url.Values{"url": {receiver}}, 1))

	found, err := b.does.Webhooks(t.Context(), b.account.Actor(), b.ente.ID)
	require.NoError(t, err)
	require.Len(t, found, 1)

	page := "/webhooks/" + found[0].ID
	require.Contains(t, b.get("/webhooks").body, page)
	require.Contains(t, b.get("/settings").body, `href="/webhooks"`)
	require.NotContains(t, b.get(page).body, secret)

	moved := b.submit(t, page+"/edit", page, url.Values{"url": {receiver + "/2"}, "seen": {"1"}}, 1)
	require.Equal(t, http.StatusSeeOther, moved.status)
	require.Contains(t, b.get(page).body, receiver+"/2")

	overtaken := b.submit(t, page+"/edit", page, url.Values{"url": {receiver + "/3"}, "seen": {"1"}}, 1)
	require.Equal(t, http.StatusConflict, overtaken.status)

	require.Equal(t, http.StatusUnprocessableEntity, b.submit(t, page+"/rotate", page+"/rotate", url.Values{"choice": {"1000"}}, 1).status)
	require.NotEqual(t, secret, secretShown(t, b.submit(t, page+"/rotate", page+"/rotate", url.Values{"choice": {"24"}}, 1)))

	for _, act := range []string{"switch_off", "switch_on", "test"} {
		require.Equal(t, http.StatusSeeOther, b.submit(t, page+"/"+act, page+"/"+act, nil, 2).status, act)
	}

	told, err := b.does.WebhookDeliveries(t.Context(), b.account.Actor(), found[0].ID, "")
	require.NoError(t, err)
	require.Len(t, told, 1, "a double click tests once")
	require.NoError(t, b.store.RecordWebhookTry(t.Context(), told[0].ID, 1, db.WebhookTry{
		At: told[0].CreatedAt, Fault: notification.WebhookFaultAnswer, HTTPStatus: http.StatusBadGateway,
	}))

	shown := b.get(page + "?state=failed").body
	require.Contains(t, shown, "HTTP 502")
	require.Contains(t, shown, "Non consegnato")

	retell := page + "/deliveries/" + told[0].ID + "/retell"
	require.Equal(t, http.StatusSeeOther, b.submit(t, retell, retell, nil, 1).status)
	require.Contains(t, b.get(page).body, "In attesa")

	require.Equal(t, http.StatusNotFound, b.get(page+"/explode").status)
	require.Equal(t, http.StatusSeeOther, b.submit(t, page+"/remove", page+"/remove", nil, 1).status)
	require.Equal(t, http.StatusNotFound, b.get(page).status)
}

// TestSupportLooksAtWebhooks, and is offered nothing that would change one.
func TestSupportLooksAtWebhooks(t *testing.T) {
	t.Parallel()

	b := openReal(t, gateway.RoleSupport)
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"}

	w, _, err := b.does.AddWebhook(t.Context(), system, gateway.WebhookWish{EnteID: b.ente.ID, URL: receiver + "?token=capability"})
	require.NoError(t, err)
	told, err := b.does.TestWebhook(t.Context(), system, w.ID)
	require.NoError(t, err)
	require.NoError(t, b.store.RecordWebhookTry(t.Context(), told, 1, db.WebhookTry{
		At: time.Now(), Fault: notification.WebhookFaultAnswer, HTTPStatus: http.StatusBadGateway,
	}))

	require.Contains(t, b.get("/settings").body, `href="/webhooks"`)

	page := "/webhooks/" + w.ID

	for _, path := range []string{"/webhooks?ente=" + b.ente.ID, page, page + "?state=failed"} {
		shown := b.get(path)
		require.Equal(t, http.StatusOK, shown.status, path)
		require.Contains(t, shown.body, "https://avvisi.comune.example/…", path)
		require.NotContains(t, shown.body, "capability", path)
		require.NotRegexp(t, `/(new|edit|rotate|test|retell|remove|switch_o[nf]f?)["?]`, shown.body, path)
	}

	require.Contains(t, b.get(page).body, "HTTP 502")

	for _, path := range []string{
		"/webhooks/new", page + "/edit", page + "/rotate", page + "/test", page + "/deliveries/" + told + "/retell",
	} {
		require.Equal(t, http.StatusForbidden, b.get(path).status, path)
	}

	require.Equal(t, http.StatusForbidden, b.post(page+"/switch_off", nil).status)
}

func TestWebhookPagesHaveTheWordsThatTheyNeed(t *testing.T) {
	t.Parallel()

	for _, lang := range []string{"it", "en"} {
		known := messages(t, lang)

		for _, fault := range []string{
			"off", "internal_error", "address_refused", "name_unknown", "timeout", "tls", "no_connection",
		} {
			require.NotEmpty(t, known["webhook.fault."+fault], fault)
		}
	}
}
