package server

import (
	"context"
	"net/url"

	"github.com/genio-gateway/genio/gateway"
	"github.com/genio-gateway/genio/notification"
)

var _ Gateway = (*gateway.Gateway)(nil)

// Gateway is what the API asks of the use cases; *gateway.Gateway fulfils it.
type Gateway interface {
	Submit(ctx context.Context, actor gateway.Actor, submission gateway.Submission) (gateway.Receipt, error)
	Notification(ctx context.Context, actor gateway.Actor, id string) (gateway.View, error)
	Notifications(ctx context.Context, actor gateway.Actor, query gateway.Query) (gateway.Page, error)
	Timeline(ctx context.Context, actor gateway.Actor, id string) (notification.Timeline, error)

	Cancel(ctx context.Context, actor gateway.Actor, id string, reason notification.Reason) error
	Hold(ctx context.Context, actor gateway.Actor, id string) error
	Resume(ctx context.Context, actor gateway.Actor, id string) error
	Decide(ctx context.Context, actor gateway.Actor, id string, decision gateway.Decision) error
	Retry(ctx context.Context, actor gateway.Actor, id string) error

	CheckRecipient(ctx context.Context, actor gateway.Actor, serviceID, fiscalCode string) (gateway.Reachability, error)
	Services(ctx context.Context, actor gateway.Actor) ([]notification.Service, error)

	AuthenticateKey(ctx context.Context, token string) (gateway.Actor, error)
	// RecordTwilioStatus takes in a status callback. requestURI is the path with the query as it was called; the
	// signature covers both.
	RecordTwilioStatus(ctx context.Context, requestURI string, form url.Values, signature string) error
	Health(ctx context.Context) gateway.Health
	// Ready asks the database alone; an error where it cannot be reached.
	Ready(ctx context.Context) error
}
