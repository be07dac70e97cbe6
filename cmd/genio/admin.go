package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

type adminCommands struct {
	NewKeys newKeysCommand `cmd:"" help:"Make the file with the encryption keys."`
	Keys    keysCommands   `cmd:"" help:"Exchange the encryption keys."`
	Ente    enteCommand    `cmd:"" help:"Take a public body on."`
	Service serviceCommand `cmd:"" help:"Add a service of an Ente. IO's primary key is read from standard input."`
	Quota   quotaCommand   `cmd:"" help:"Say how many calls app IO allows an Ente in 5 seconds."`
	APIKey  apiKeyCommand  `cmd:"" help:"Make an API key; its secret is printed once."`
	Account accountCommand `cmd:"" help:"Make a backoffice account. The password is read from standard input."`
	Invite  inviteCommand  `cmd:"" help:"Invite somebody, such as the first system administrator; the link is printed once."`

	Release   releaseCommand   `cmd:"" help:"Have the workers of this version do everything from now on."`
	Versions  versionsCommand  `cmd:"" help:"List the versions of the workers."`
	Reconcile reconcileCommand `cmd:"" help:"Compare database, Temporal and providers; 1 where they do not agree."`
}

type newKeysCommand struct {
	File string `arg:"" help:"File to make; it must not exist." type:"path"`
}

// Run makes new encryption keys. Losing them means losing every recipient and content.
func (c *newKeysCommand) Run(user terminal) error {
	if _, err := os.Stat(c.File); err == nil {
		return errors.New("the file exists already; keys are never overwritten")
	}

	if _, err := db.LoadOrCreateKeys(c.File); err != nil {
		return fmt.Errorf("making the keys: %w", err)
	}

	return user.say("Keys made. Keep a copy in a safe place: without them nothing can be read.")
}

type enteCommand struct {
	Database   wiring.Database `embed:"" prefix:"database-"`
	Name       string          `arg:"" help:"The Ente's name."`
	FiscalCode string          `arg:"" help:"The Ente's 11-digit codice fiscale."`
}

// Run takes the Ente on and prints its id.
func (c *enteCommand) Run(ctx context.Context, user terminal) error {
	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		ente, err := does.CreateEnte(ctx, actor, c.Name, c.FiscalCode)
		if err != nil {
			return fmt.Errorf("creating the Ente: %w", err)
		}

		return user.say(ente.ID)
	})
}

type quotaCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Temporal wiring.Temporal `embed:"" prefix:"temporal-"`
	EnteID   string          `arg:"" help:"The Ente's id."`
	Calls    int             `arg:"" help:"Calls in 5 seconds, over all its services and keys; IO's default is 150."`
}

// Run stores the quota and puts it into force.
func (c *quotaCommand) Run(ctx context.Context, user terminal) error {
	temporal, err := c.Temporal.Connect(zap.NewNop())
	if err != nil {
		return fmt.Errorf("setting the quota: %w", err)
	}
	defer temporal.Close()

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		does.Temporal = temporal

		if err := does.SetIOQuota(ctx, actor, c.EnteID, c.Calls); err != nil {
			return fmt.Errorf("setting the quota: %w", err)
		}

		return user.say("The quota is in force.")
	})
}

type serviceCommand struct {
	Database        wiring.Database `embed:"" prefix:"database-"`
	EnteID          string          `arg:"" help:"The Ente's id."`
	Name            string          `arg:"" help:"The service's name."`
	IOServiceID     string          `help:"The service's id on IO."`
	SMSSender       string          `help:"Alias or number that citizens see on SMS."`
	MaxPaymentCents int64           `help:"Payment ceiling in euro cents; 0 allows no payment."`
	IODeadline      time.Duration   `default:"1h" help:"How long IO may take before the SMS."`
	NoSMS           bool            `help:"Never fall back to SMS."`
}

// Run adds the service and prints its id.
func (c *serviceCommand) Run(ctx context.Context, user terminal) error {
	key, err := user.secret()
	if err != nil {
		return err
	}

	policy := notification.DefaultPolicy()
	policy.IODeadline = c.IODeadline

	if c.NoSMS {
		policy.Fallback = nil
	}

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		service, err := does.CreateService(ctx, actor, notification.Service{
			EnteID: c.EnteID, Name: c.Name, IOServiceID: c.IOServiceID, SMSSender: c.SMSSender,
			MaxPaymentCents: c.MaxPaymentCents, Policy: policy,
		}, notification.ServiceKeys{Primary: key})
		if err != nil {
			return fmt.Errorf("creating the service: %w", err)
		}

		return user.say(service.ID)
	})
}

type apiKeyCommand struct {
	Database   wiring.Database `embed:"" prefix:"database-"`
	EnteID     string          `arg:"" help:"The Ente's id."`
	Name       string          `arg:"" help:"What the key is for, such as the application's name."`
	ServiceIDs []string        `help:"Bind the key to these services." name:"service"`
	IPRanges   []string        `help:"Bind the key to these addresses or networks, such as 192.0.2.0/24." name:"ip"`
	Expires    time.Time       `format:"2006-01-02" help:"The key's last day, such as 2027-12-31; left out: it never ends."`
}

// Run makes the key and prints its secret.
func (c *apiKeyCommand) Run(ctx context.Context, user terminal) error {
	expires, err := gateway.LastDay(c.Expires)
	if err != nil {
		return fmt.Errorf("creating the API key: %w", err)
	}

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		_, secret, err := does.IssueAPIKey(ctx, actor, gateway.KeyWish{
			EnteID: c.EnteID, Name: c.Name, ServiceIDs: c.ServiceIDs, IPRanges: strings.Join(c.IPRanges, "\n"),
			ExpiresAt: expires,
		})
		if err != nil {
			return fmt.Errorf("creating the API key: %w", err)
		}

		return user.say(secret)
	})
}

type accountCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Email    string          `arg:"" help:"Address to sign in with."`
	Name     string          `arg:"" help:"The person's name."`
	Role     string          `enum:"operator,administrator,support,auditor,system_administrator" help:"What the person may do." required:""`
	EnteID   string          `help:"The person's Ente; leave out for all Enti." name:"ente"`
}

// Run makes the account.
func (c *accountCommand) Run(ctx context.Context, user terminal) error {
	password, err := user.secret()
	if err != nil {
		return err
	}

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		account := gateway.Account{Email: c.Email, Name: c.Name, Role: gateway.Role(c.Role), EnteID: c.EnteID}

		account, err := does.CreateAccount(ctx, actor, account, password)
		if err != nil {
			return fmt.Errorf("creating the account: %w", err)
		}

		return user.say(account.ID)
	})
}

type inviteCommand struct {
	Database wiring.Database `embed:"" prefix:"database-"`
	Public   wiring.Public   `embed:"" prefix:"public-"`
	Email    string          `arg:"" help:"Address to sign in with."`
	Name     string          `arg:"" help:"The person's name."`
	//nolint:lll // a tag has one line
	Role   string `default:"system_administrator" enum:"operator,administrator,support,auditor,system_administrator" help:"What the person may do."`
	EnteID string `help:"The person's Ente; leave out for all Enti." name:"ente"`
}

// Run makes the invitation and prints its link.
func (c *inviteCommand) Run(ctx context.Context, user terminal) error {
	publicURL, err := c.Public.Address(zap.NewNop())
	if err != nil {
		return fmt.Errorf("reading the public address: %w", err)
	}

	return administer(ctx, c.Database, func(does *gateway.Gateway, actor gateway.Actor) error {
		invited, err := does.Invite(ctx, actor, gateway.Invite{
			Email: c.Email, Name: c.Name, Role: gateway.Role(c.Role), EnteID: c.EnteID,
		})
		if err != nil {
			return fmt.Errorf("inviting: %w", err)
		}

		if invited.Token == "" {
			return user.say("The person has an account already; the role has been added.")
		}

		return user.say(publicURL + "/invitation/" + invited.Token)
	})
}

// administer opens the database for one administrative act of the system itself.
func administer(
	ctx context.Context, database wiring.Database, act func(*gateway.Gateway, gateway.Actor) error,
) error {
	log := zap.NewNop()

	store, err := database.Open(ctx, log)
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer closing(log, store)

	does := gateway.New(gateway.Config{Store: store, Log: log})

	return act(does, gateway.Actor{Kind: gateway.ActorSystem, ID: "command line", Name: "command line"})
}
