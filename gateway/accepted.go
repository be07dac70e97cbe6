package gateway

import (
	"context"

	"go.uber.org/zap"

	"github.com/genio-gateway/genio/db"
	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

// accepted tells of a notification that is stored, and has it started.
func (g *Gateway) accepted(ctx context.Context, n notification.Notification) {
	g.Metrics.Accepted(n.EnteID, 1)

	if g.Log != nil {
		g.Log.Info("notification accepted", telemetry.StepOf(logfield.StepAccepted, n).Field())
	}

	g.Starter.Offer(offered(ctx, n))
}

// offered is what is to be started as a part of the trace of whoever asks for it.
func offered(ctx context.Context, n notification.Notification) db.Start {
	start := startOf(n)
	start.Trace = telemetry.Carried(ctx)

	return start
}

func stepStarted(start db.Start) zap.Field {
	return telemetry.Step{
		Name: logfield.StepStarted, NotificationID: start.ID, EnteID: start.EnteID, ServiceID: start.ServiceID, Run: start.Run,
	}.Field()
}
