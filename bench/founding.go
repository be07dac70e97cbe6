package main

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

// benchName is who founds, in the product's own records.
const benchName = "bench"

// foundMany takes on so many Enti, each with a service of this policy, by the product's own use cases: a command for each would
// take longer than what is measured.
func (s *stack) foundMany(ctx context.Context, store *db.Store, count int, policy notification.Policy) ([]*ente, error) {
	does := gateway.New(gateway.Config{Store: store, Log: zap.NewNop()})
	system := gateway.Actor{Kind: gateway.ActorSystem, ID: benchName, Name: benchName}
	enti := make([]*ente, count)

	for i := range enti {
		// Numbers that no Ente of this run has yet.
		code, err := fiscalcode.CompleteNumeric(fmt.Sprintf("%010d", 9_000_000_000+i)) //nolint:mnd // invented bodies.
		if err != nil {
			return nil, fmt.Errorf("making a codice fiscale: %w", err)
		}

		if enti[i], err = s.foundOne(ctx, does, system, code, policy); err != nil {
			return nil, fmt.Errorf("taking an Ente on: %w", err)
		}
	}

	return enti, nil
}

func (s *stack) foundOne(
	ctx context.Context, does *gateway.Gateway, system gateway.Actor, code string, policy notification.Policy,
) (*ente, error) {
	founded := &ente{stack: s, ioKey: "bench-key-of-" + code}

	body, err := does.CreateEnte(ctx, system, "Comune di Prova "+code, code)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller's.
	}

	service, err := does.CreateService(ctx, system, notification.Service{
		EnteID: body.ID, Name: "Avvisi", MaxPaymentCents: notification.MaxPaymentCents, SMSSender: "COMUNE", Policy: policy,
	}, notification.ServiceKeys{Primary: founded.ioKey})
	if err != nil {
		return nil, err //nolint:wrapcheck // as above.
	}

	founded.id, founded.service = body.ID, service.ID
	_, founded.apiKey, err = does.IssueAPIKey(ctx, system, gateway.KeyWish{EnteID: body.ID, Name: benchName})

	return founded, err //nolint:wrapcheck // as above.
}
