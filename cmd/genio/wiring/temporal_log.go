package wiring

import (
	"fmt"
	"strings"
	"unicode"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"

	"github.com/genio-gateway/genio/telemetry"
	"github.com/genio-gateway/genio/telemetry/logfield"
	"github.com/genio-gateway/genio/workflows"
)

// temporalLog lets Temporal's SDK write to zap, with the names that GeNIO's own lines have. The SDK tells ids, types, queues
// and errors, and neither inputs nor results; errors of ours are codes.
type temporalLog struct {
	zap *zap.Logger
}

var _ log.Logger = temporalLog{}

func newTemporalLog(logger *zap.Logger) temporalLog {
	return temporalLog{zap: logger.Named("temporal")}
}

func (t temporalLog) Debug(message string, said ...any) { t.zap.Debug(message, fieldsOf(said)...) }
func (t temporalLog) Info(message string, said ...any)  { t.zap.Info(message, fieldsOf(said)...) }
func (t temporalLog) Warn(message string, said ...any)  { t.zap.Warn(message, fieldsOf(said)...) }
func (t temporalLog) Error(message string, said ...any) { t.zap.Error(message, fieldsOf(said)...) }

// fieldsOf are the SDK's pairs of names and values. What a name says twice is told once.
func fieldsOf(said []any) []zap.Field {
	fields := make([]zap.Field, 0, len(said)/2+1)
	named := map[string]bool{}

	add := func(name string, value any) {
		if !named[name] {
			named[name] = true

			fields = append(fields, zap.Any(name, value))
		}
	}

	for i := 0; i+1 < len(said); i += 2 {
		name := nameOf(fmt.Sprint(said[i]))

		switch value := said[i+1]; name {
		case "workflow_id":
			add(name, value)

			if id, ok := workflows.IDOfNotification(fmt.Sprint(value)); ok {
				add(logfield.NotificationID, id)
			}
		case "panic_error":
			// Whatever a program panics with may hold what it was working on.
			add(name, telemetry.Redacted(fmt.Sprint(value)))
		default:
			add(name, value)
		}
	}

	return fields
}

// nameOf is a name of the SDK's, such as WorkflowID, as GeNIO writes it: workflow_id.
func nameOf(name string) string {
	var (
		words   strings.Builder
		letters = []rune(name)
	)

	for i, letter := range letters {
		begins := unicode.IsUpper(letter) && i > 0 &&
			(unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			words.WriteByte('_')
		}

		words.WriteRune(unicode.ToLower(letter))
	}

	return words.String()
}
