package wiring

import (
	"fmt"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Logger builds the process's logger.
func (l Log) Logger() (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(l.Level)
	if err != nil {
		return nil, fmt.Errorf("reading the log level: %w", err)
	}

	config := zap.NewProductionConfig()
	if l.Console {
		config = zap.NewDevelopmentConfig()
		config.DisableStacktrace = true
		config.DisableCaller = true
	}

	config.Level = zap.NewAtomicLevelAt(level)
	config.EncoderConfig.EncodeTime = zapcore.RFC3339TimeEncoder

	logger, err := config.Build()
	if err != nil {
		return nil, fmt.Errorf("building the logger: %w", err)
	}

	return logger, nil
}

// temporalLog lets Temporal's SDK write to zap.
type temporalLog struct {
	sugar *zap.SugaredLogger
}

var _ log.Logger = temporalLog{}

func newTemporalLog(logger *zap.Logger) temporalLog {
	return temporalLog{sugar: logger.Named("temporal").Sugar()}
}

func (t temporalLog) Debug(message string, fields ...any) { t.sugar.Debugw(message, fields...) }
func (t temporalLog) Info(message string, fields ...any)  { t.sugar.Infow(message, fields...) }
func (t temporalLog) Warn(message string, fields ...any)  { t.sugar.Warnw(message, fields...) }
func (t temporalLog) Error(message string, fields ...any) { t.sugar.Errorw(message, fields...) }
