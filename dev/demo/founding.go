package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// The invented Ente. Its code passes the check digit and belongs to nobody.
const (
	enteName       = "Comune di Borgo Esempio"
	enteFiscalCode = "80000000002"
	smsSender      = "BorgoEs"

	// actorName is who founds the Ente and submits.
	actorName = "demo"

	hastyDeadline = 20 * time.Second
	ioKeyBytes    = 16
)

// founding makes the demonstration's Ente through the same use cases as everybody.
type founding struct {
	store *db.Store
}

func (f founding) found(ctx context.Context) (Setting, error) {
	does := gateway.New(gateway.Config{Store: f.store, Log: zap.NewNop()})
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: actorName, Name: actorName}

	ente, err := does.CreateEnte(ctx, system, enteName, enteFiscalCode)
	if err != nil {
		return Setting{}, fmt.Errorf("creating the Ente: %w", err)
	}

	setting := Setting{EnteID: ente.ID}

	for _, wish := range services(&setting) {
		if *wish.service, err = f.service(ctx, does, system, ente.ID, wish); err != nil {
			return Setting{}, err
		}
	}

	if _, err := does.CreateTemplate(ctx, system, paymentTemplate(ente.ID)); err != nil {
		return Setting{}, fmt.Errorf("creating the template: %w", err)
	}

	_, setting.APIKey, err = does.CreateAPIKey(ctx, system, ente.ID, "Applicazione dimostrativa", nil, time.Time{})
	if err != nil {
		return Setting{}, fmt.Errorf("creating the API key: %w", err)
	}

	if err := onIO(&setting); err != nil {
		return Setting{}, err
	}

	for _, account := range accounts(ente.ID) {
		if _, err := does.CreateAccount(ctx, system, account.Account, account.password); err != nil {
			return Setting{}, fmt.Errorf("creating an account: %w", err)
		}

		setting.Logins = append(setting.Logins,
			Login{Email: account.Email, Password: account.password, Label: account.label})
	}

	if err := inviteShared(ctx, does, system, ente.ID); err != nil {
		return Setting{}, err
	}

	return setting, nil
}

// SMSPartPrice is what one part of an SMS costs in the demonstration's forecasts, in euro.
const SMSPartPrice = 0.045

// paymentTemplate is what a file of payment notices is made with.
func paymentTemplate(enteID string) gateway.TemplateDraft {
	return gateway.TemplateDraft{
		EnteID: enteID, Name: "Avviso di pagamento TARI",
		Italian: notification.TemplateText{
			Subject: "Avviso di pagamento TARI per ((nome))",
			Markdown: "Gentile ((nome)) ((cognome)),\n\nè disponibile l'avviso di pagamento della **tassa sui rifiuti** per l'immobile in " +
				"((indirizzo)). Può pagare direttamente dall'app IO.",
			SMSText: enteName + ": avviso di pagamento TARI disponibile per ((nome)) ((cognome)).",
			Buttons: []notification.Button{{Text: "Informazioni", Action: "iohandledlink://https://www.borgo.example/tari"}},
		},
		English: &notification.TemplateText{
			Subject: "Waste tax payment notice for ((nome))",
			Markdown: "Dear ((nome)) ((cognome)),\n\nthe payment notice of the **waste tax** for the property in ((indirizzo)) is " +
				"available. You can pay with the IO app.",
			SMSText: enteName + ": waste tax payment notice available for ((nome)) ((cognome)).",
			Buttons: []notification.Button{{Text: "Information", Action: "iohandledlink://https://www.borgo.example/tari"}},
		},
	}
}

type serviceWish struct {
	service *Service
	name    string
	policy  notification.Policy
}

func services(setting *Setting) []serviceWish {
	hasty, careful := notification.DefaultPolicy(), notification.DefaultPolicy()
	hasty.IODeadline, hasty.SMSDeadline = hastyDeadline, 2*hastyDeadline
	careful.OnUncertain = notification.UncertainHold

	return []serviceWish{
		{&setting.Service, "Avvisi di pagamento", notification.DefaultPolicy()},
		{&setting.Hasty, "Allerte di protezione civile", hasty},
		{&setting.Careful, "Convocazioni", careful},
		{&setting.Renewed, "Servizi scolastici", notification.DefaultPolicy()},
	}
}

func (f founding) service(
	ctx context.Context, does *gateway.Gateway, actor gateway.Actor, enteID string, wish serviceWish,
) (Service, error) {
	key, err := ioKey()
	if err != nil {
		return Service{}, err
	}

	onIO := rand.Text() // as long as the ids of IO's services, and of letters and digits like them

	service, err := does.CreateService(ctx, actor, notification.Service{
		EnteID: enteID, Name: wish.name, IOServiceID: onIO, Policy: notification.DefaultPolicy(), MaxPaymentCents: maxPaymentCents,
		SMSSender: smsSender,
	}, notification.ServiceKeys{Primary: key})
	if err != nil {
		return Service{}, fmt.Errorf("creating a service: %w", err)
	}

	// The demonstration is in more of a hurry than the use cases allow.
	service.Policy = wish.policy
	if err := f.store.UpdateService(ctx, service); err != nil {
		return Service{}, fmt.Errorf("giving a service its policy: %w", err)
	}

	return Service{ID: service.ID, IOKey: key, Name: wish.name, IOServiceID: onIO}, nil
}

func ioKey() (string, error) {
	random := make([]byte, ioKeyBytes)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("making an IO key: %w", err)
	}

	return hex.EncodeToString(random), nil
}

// onIO makes the manage key and the services that only IO knows.
func onIO(setting *Setting) error {
	keys := make([]string, 5) //nolint:mnd // a manage key and two pairs.

	for i := range keys {
		key, err := ioKey()
		if err != nil {
			return err
		}

		keys[i] = key
	}

	setting.ManageKey = keys[0]
	setting.Elsewhere = []ServiceElsewhere{
		{IOServiceID: rand.Text(), Name: "Biblioteca comunale", Lifecycle: "approved", PrimaryKey: keys[1], SecondaryKey: keys[2]},
		{IOServiceID: rand.Text(), Name: "Polizia locale", Lifecycle: "draft", PrimaryKey: keys[3], SecondaryKey: keys[4]},
	}

	return nil
}

type demoAccount struct {
	gateway.Account

	password string
	label    string
}

// accounts have well-known passwords on purpose: their data are invented, and the all-in-one listens on the
// loopback address only.
func accounts(enteID string) []demoAccount {
	return []demoAccount{
		{
			Account: gateway.Account{
				Email: "operatore@borgo.example", Name: "Olga Operatrice", Role: gateway.RoleOperator, EnteID: enteID,
			},
			password: "operatore-demo", label: "Operatrice del Comune di Borgo Esempio",
		},
		{ //nolint:gosec // well known on purpose, as said above.
			Account: gateway.Account{
				Email: "amministratore@borgo.example", Name: "Ada Amministratrice", Role: gateway.RoleAdministrator, EnteID: enteID,
			},
			password: "amministratore-demo", label: "Amministratrice del Comune di Borgo Esempio",
		},
		{ //nolint:gosec // well known on purpose, as said above.
			Account:  gateway.Account{Email: "assistenza@genio.example", Name: "Aldo Assistenza", Role: gateway.RoleSupport},
			password: "assistenza-demo", label: "Assistenza del gateway, tutti gli Enti",
		},
		{ //nolint:gosec // well known on purpose, as said above.
			Account: gateway.Account{
				Email: "revisore@borgo.example", Name: "Rita Revisora", Role: gateway.RoleAuditor, EnteID: enteID,
			},
			password: "revisore-demo", label: "Revisora del Comune di Borgo Esempio, guarda soltanto",
		},
		{
			Account:  gateway.Account{Email: "sistema@genio.example", Name: "Silvia Sistemista", Role: gateway.RoleSystem},
			password: "sistema-demo", label: "Amministratrice di sistema, tutti gli Enti",
		},
	}
}
