package batch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/fiscalcode"
	"github.com/genio-gateway/genio/notification"
)

// declaredCodes reads the codes where they are declared.
func declaredCodes(t *testing.T) []string {
	t.Helper()

	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	require.NoError(t, err)

	var codes []string

	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}

		code, err := strconv.Unquote(literal.Value)
		require.NoError(t, err)

		codes = append(codes, code)

		return true
	})

	return codes
}

func TestEveryCodeHasItsTexts(t *testing.T) {
	t.Parallel()

	neutral, neutrale := batch.Text("no such code")
	codes := declaredCodes(t)
	require.Greater(t, len(codes), 60)

	for _, rule := range []fiscalcode.RuleError{
		fiscalcode.ErrLength, fiscalcode.ErrCharacters, fiscalcode.ErrMonth, fiscalcode.ErrDay, fiscalcode.ErrCheckCharacter,
		fiscalcode.ErrProvisionalCheckDigit, fiscalcode.ErrProvisionalSerial,
	} {
		codes = append(codes, rule.Code())
	}

	for _, code := range codes {
		message, messaggio := batch.Text(code)
		require.NotEqual(t, neutral, message, code)
		require.NotEqual(t, neutrale, messaggio, code)
		require.NotEqual(t, message, messaggio, code)
		require.True(t, strings.HasSuffix(message, ".") && strings.HasSuffix(messaggio, "."), code)
		require.Equal(t, message, batch.ProblemText(code, notification.English))
		require.Equal(t, messaggio, batch.ProblemText(code, notification.Italian))
	}

	require.NotEmpty(t, neutral)
	require.NotEmpty(t, neutrale)
}

func TestSafeCell(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+393331234567": "'+393331234567", "-5": "'-5", "@SUM": "'@SUM", "\tx": "'\tx", "\rx": "'\rx",
		"＝1": "'＝1", "'=x": "''=x", "": "", "Anna": "Anna", "1=1": "1=1", "'ndrangheta": "'ndrangheta",
	} {
		require.Equal(t, want, batch.SafeCell(text))
	}
}

// A rejected row that was downloaded can be handed in again as it is.
func TestWhatIsExportedIsReadBack(t *testing.T) {
	t.Parallel()

	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[=+@'-]{0,3}[a-z][a-z=+@'-]{0,9}`).Draw(t, "value")
		file := batchtest.File{Content: "cf;nome\n" + citizen(1) + ";" + batch.SafeCell(value) + "\n"}

		var got []string

		_, err := batch.Read(t.Context(), file, batch.Layout{
			Format: batch.FormatCSV, Encoding: batch.EncodingUTF8, Separator: ";", Header: true,
			Columns: []batch.Column{{Field: batch.FieldFiscalCode}, {Field: batch.Value("nome")}},
		}, rules(template{placeholders: []string{"nome"}}), func(row *batch.Row) error {
			got = append(got, row.Values...)

			return nil
		})
		require.NoError(t, err)
		require.Equal(t, []string{value}, got)
	})
}
