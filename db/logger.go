package db

import (
	"context"
	"errors"
	"regexp"
	"time"

	"go.uber.org/zap"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowStatement: a statement of this product takes milliseconds.
const slowStatement = 500 * time.Millisecond

// statementLogger tells zap of slow and failed statements. It sees statements without their parameters and
// errors without their texts, because both may hold personal data.
type statementLogger struct {
	log *zap.Logger
	// explainedPlaceholder is how GORM leaves PostgreSQL's $1 that it was given no value for.
	explainedPlaceholder *regexp.Regexp
}

func newStatementLogger(log *zap.Logger) statementLogger {
	return statementLogger{log: log, explainedPlaceholder: regexp.MustCompile(`\$(\d+)\$`)}
}

// LogMode is ignored: zap's level decides.
func (l statementLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info passes GORM's own message on without its arguments, which may be values.
func (l statementLogger) Info(_ context.Context, message string, _ ...any) { l.log.Info(message) }

// Warn is like Info.
func (l statementLogger) Warn(_ context.Context, message string, _ ...any) { l.log.Warn(message) }

// Error is like Info.
func (l statementLogger) Error(_ context.Context, message string, _ ...any) { l.log.Error(message) }

// ParamsFilter drops the parameters before GORM writes them into the statement that Trace gets.
func (l statementLogger) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

// Trace logs a statement that failed unexpectedly or was slow.
func (l statementLogger) Trace(_ context.Context, begin time.Time, explain func() (string, int64), err error) {
	took := time.Since(begin)

	switch {
	case err != nil && !expected(err):
		l.log.Warn("database statement failed", l.fields(explain, took, zap.NamedError("cause", classify(err)))...)
	case took >= slowStatement:
		l.log.Warn("slow database statement", l.fields(explain, took)...)
	}
}

func (l statementLogger) fields(explain func() (string, int64), took time.Duration, more ...zap.Field) []zap.Field {
	statement, rows := explain()

	return append(more,
		zap.String("statement", l.explainedPlaceholder.ReplaceAllString(statement, "$$$1")),
		zap.Int64("rows", rows),
		zap.Duration("took", took),
	)
}

// expected errors are answers: the caller decides what they mean.
func expected(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, context.Canceled)
}
