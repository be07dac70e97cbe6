package notification_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/notification"
)

func TestEveryReasonIsInTheCatalogueOnce(t *testing.T) {
	t.Parallel()

	catalogue := notification.Catalogue()
	listed := make([]notification.Reason, 0, len(catalogue))

	for _, text := range catalogue {
		listed = append(listed, text.Reason)
	}

	declared := declaredReasons(t)
	require.NotEmpty(t, declared)
	require.ElementsMatch(t, declared, listed)
}

func TestEveryReasonIsExplainedInBothLanguages(t *testing.T) {
	t.Parallel()

	messages, messaggi := map[string]notification.Reason{}, map[string]notification.Reason{}

	for _, text := range notification.Catalogue() {
		for _, sentence := range []string{text.Message, text.Messaggio, text.Action, text.Azione} {
			first, _ := utf8.DecodeRuneInString(sentence)
			require.Contains(t, "ABCDEFGHILMNOPQRSTUVWY", string(first), text.Reason)
			require.True(t, strings.HasSuffix(sentence, "."), text.Reason)
			require.Equal(t, strings.TrimSpace(sentence), sentence, text.Reason)
			require.NotContains(t, sentence, "  ", text.Reason)
		}

		require.Equal(t, 1, strings.Count(text.Messaggio, "."), "one sentence says what happened: %s", text.Reason)
		require.NotEqual(t, text.Message, text.Messaggio, text.Reason)
		require.NotEqual(t, text.Action, text.Azione, text.Reason)
		require.NotContains(t, messages, text.Message, text.Reason)
		require.NotContains(t, messaggi, text.Messaggio, text.Reason)

		messages[text.Message] = text.Reason
		messaggi[text.Messaggio] = text.Reason
	}
}

// The class says who can act; the ending says what becomes of the notification. They must tell one story.
func TestClassesAgreeWithEndings(t *testing.T) {
	t.Parallel()

	for _, text := range notification.Catalogue() {
		ending := text.Reason.Ending()

		switch text.Class {
		case notification.ClassOutcome:
			require.Contains(t, []notification.Status{notification.StatusDelivered, notification.StatusNotDelivered}, ending, text.Reason)
		case notification.ClassTechnical, notification.ClassConfiguration:
			require.Equal(t, notification.StatusFailed, ending, text.Reason)
		case notification.ClassProcess:
			require.False(t, text.Retryable, "nobody retries against a decision: %s", text.Reason)
		default:
			require.Fail(t, "unknown class", "%s", text.Reason)
		}

		if ending == notification.StatusDelivered {
			require.False(t, text.Retryable, text.Reason)
		}
	}
}

func TestDescribeFindsEveryEntry(t *testing.T) {
	t.Parallel()

	for _, text := range notification.Catalogue() {
		require.Equal(t, text, text.Reason.Describe())
	}

	require.Equal(t, "Il cittadino non è su app IO.", notification.ReasonIOProfileNotFound.Describe().Messaggio)
}

func TestDescribeIsNeutralAboutTheUnknown(t *testing.T) {
	t.Parallel()

	for _, unknown := range []notification.Reason{"", "one_to_come"} {
		text := unknown.Describe()
		require.Equal(t, unknown, text.Reason)
		require.NotEmpty(t, text.Message)
		require.NotEmpty(t, text.Messaggio)
		require.NotEmpty(t, text.Action)
		require.NotEmpty(t, text.Azione)
		require.False(t, text.Retryable)
	}
}

// declaredReasons reads the constants of type Reason out of reasons.go, so that none can be forgotten.
func declaredReasons(t *testing.T) []notification.Reason {
	t.Helper()

	file, err := parser.ParseFile(token.NewFileSet(), "reasons.go", nil, parser.SkipObjectResolution)
	require.NoError(t, err)

	var reasons []notification.Reason

	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}

		kind, ok := spec.Type.(*ast.Ident)
		require.True(t, ok, "each constant of reasons.go names its type")
		require.Equal(t, "Reason", kind.Name)

		for _, value := range spec.Values {
			literal, ok := value.(*ast.BasicLit)
			require.True(t, ok)

			code, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)

			reasons = append(reasons, notification.Reason(code))
		}

		return true
	})

	return reasons
}
