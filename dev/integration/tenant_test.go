package integration_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/simulator"
)

// maxPaymentCents is the services' payment ceiling on IO.
const maxPaymentCents = 1_000_000

// tenant is an Ente on GeNIO and on IO, with its application.
type tenant struct {
	application

	id     string
	does   *gateway.Gateway
	plays  *simulator.Simulator
	system gateway.Actor
}

// service is a service of an Ente, with the key that IO knows it by.
type service struct {
	id    string
	ioKey string
}

// foundTenant takes an invented Ente on. Number tells it from the others of the same house.
func foundTenant(
	t *testing.T, does *gateway.Gateway, plays *simulator.Simulator, secrets *secrets, number int,
) tenant {
	t.Helper()

	founded := tenant{
		does: does, plays: plays, system: gateway.Actor{Kind: gateway.ActorSystem, ID: "test", Name: "test"},
		application: application{address: does.PublicURL, secrets: secrets},
	}

	ente, err := does.CreateEnte(t.Context(), founded.system, fmt.Sprintf("Comune di Prova %d", number), enteCode(t, number))
	require.NoError(t, err)

	founded.id = ente.ID
	_, founded.key, err = does.CreateAPIKey(t.Context(), founded.system, ente.ID, "test", nil, time.Time{})
	require.NoError(t, err)
	secrets.add("API key", founded.key)

	return founded
}

// enteCode makes an 11-digit code with a right check digit that belongs to nobody.
func enteCode(t *testing.T, number int) string {
	t.Helper()

	for digit := range 10 {
		if code := fmt.Sprintf("9%09d%d", number, digit); fiscalcode.ValidateNumeric(code) == nil {
			return code
		}
	}

	require.Fail(t, "no check digit is right")

	return ""
}

// service adds a service, which IO knows as well.
func (e tenant) service(t *testing.T, name string, policy notification.Policy) service {
	t.Helper()

	key := rand.Text()
	e.secrets.add("IO key", key)

	added, err := e.does.CreateService(t.Context(), e.system, notification.Service{
		EnteID: e.id, Name: name, Policy: notification.DefaultPolicy(), MaxPaymentCents: maxPaymentCents, SMSSender: "Prova",
	}, notification.ServiceKeys{Primary: key})
	require.NoError(t, err)

	// Tests are in more of a hurry than the use cases allow.
	added.Policy = policy
	require.NoError(t, e.does.Store.UpdateService(t.Context(), added))

	e.publish(service{id: added.ID, ioKey: key})

	return service{id: added.ID, ioKey: key}
}

// publish makes IO know a service's key.
func (e tenant) publish(service service) {
	e.plays.RegisterKey(service.ioKey, simulator.IOKey{
		EnteID: e.id, ServiceID: service.id, MaxPaymentCents: maxPaymentCents,
	})
}

// policy is GeNIO's default one, changed.
func policy(change func(*notification.Policy)) notification.Policy {
	changed := notification.DefaultPolicy()
	change(&changed)

	return changed
}

// orderFor is an ordinary notification. Its texts hold the word that may be found nowhere.
func orderFor(service service, fiscalCode, phone string) order {
	return order{
		ServiceID: service.id,
		Recipient: recipient{FiscalCode: fiscalCode, Phone: phone},
		Content: content{
			Subject: confidential + ": avviso di prova del Comune",
			Markdown: confidential + ": questa è una notifica di **prova**, con dati inventati. Non occorre fare nulla, e nessuno la " +
				"riceverà davvero.",
		},
	}
}

// received counts the messages to a citizen and to a phone that a simulator took.
func received(plays *simulator.Simulator, to recipient) (io, sms int) {
	for _, entry := range plays.Ledger() {
		switch {
		case entry.Channel == simulator.ChannelIO && entry.Recipient == to.FiscalCode:
			io++
		case entry.Channel == simulator.ChannelTwilio && entry.Recipient == to.Phone:
			sms++
		}
	}

	return io, sms
}
