package telemetry_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/genio-gateway/genio/notification"
	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/telemetry/logfield"
)

func TestFieldsOfAStep(t *testing.T) {
	t.Parallel()

	core, lines := observer.New(zap.InfoLevel)
	log := zap.New(core)
	n := notification.Notification{
		ID: "n", EnteID: "e", ServiceID: "s", Run: 2, Recipient: notification.Recipient{FiscalCode: "secret", Phone: "secret"},
	}

	step := telemetry.StepOf(logfield.StepHandOver, n).On(notification.ChannelIO)
	step.AttemptID, step.Outcome, step.Reason = "a", "uncertain", notification.ReasonIOOutcomeUncertain
	log.Info("all", step.Field())
	log.Info("little", telemetry.Step{Name: logfield.StepSettled, NotificationID: "n"}.Field())

	require.Equal(t, map[string]any{
		"step": "hand_over", "notification_id": "n", "ente_id": "e", "service_id": "s", "run": 2, "channel": "io",
		"attempt_id": "a", "outcome": "uncertain", "reason": "io_outcome_uncertain",
	}, lines.All()[0].ContextMap())
	require.Equal(t, map[string]any{"step": "settled", "notification_id": "n"}, lines.All()[1].ContextMap())
}

func TestRedacted(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"no such column: priority":         "no such column: priority",
		"near VRDLGU75B02F205K":            "near […]",
		`invalid value "anything" of mail`: "invalid value […] of mail",
		"to +39 333 1234567, please":       "to […], please",
		"from someone@example.org":         "from […]",
	} {
		require.Equal(t, want, telemetry.Redacted(text))
	}
}
