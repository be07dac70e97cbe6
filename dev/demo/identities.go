package demo

import (
	"context"
	"fmt"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/simulator"
)

// sharedEmail is somebody who works in two roles and signs in with the simulated provider of identities only.
const sharedEmail = "carla@borgo.example"

// Identities are the invented people whom the simulated provider of identities knows.
func Identities() []simulator.OIDCPerson {
	return []simulator.OIDCPerson{
		{Subject: "carla", Name: "Carla Condivisa (due ruoli)", Email: sharedEmail},
		{Subject: "olga", Name: "Olga Operatrice", Email: "operatore@borgo.example"},
		{Subject: "ada", Name: "Ada Amministratrice", Email: "amministratore@borgo.example"},
		{Subject: "ugo", Name: "Ugo Ignoto (senza ruoli)", Email: "ugo@altrove.example"},
		{Subject: "vera", Name: "Vera Incerta (e-mail non verificata)", Email: "vera@borgo.example", Unverified: true},
	}
}

// inviteShared invites the person with two roles; nobody needs the link.
func inviteShared(ctx context.Context, does *gateway.Gateway, system gateway.Actor, enteID string) error {
	for _, invite := range []gateway.Invite{
		{Email: sharedEmail, Name: "Carla Condivisa", Role: gateway.RoleOperator, EnteID: enteID},
		{Email: sharedEmail, Name: "Carla Condivisa", Role: gateway.RoleSupport},
	} {
		if _, err := does.Invite(ctx, system, invite); err != nil {
			return fmt.Errorf("inviting: %w", err)
		}
	}

	return nil
}
