package batch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
)

func TestWhatAnApplicationKnowsOfColumnsIsKept(t *testing.T) {
	t.Parallel()

	known := map[string]batch.Field{"Contribuente": batch.Value("nome"), "CF": batch.FieldFiscalCode, "Note": ""}

	layout := batch.KnownColumns(known)

	require.Equal(t, []batch.Column{
		{Header: "CF", Field: batch.FieldFiscalCode}, {Header: "Contribuente", Field: batch.Value("nome")}, {Header: "Note"},
	}, layout.Columns, "in an order that does not change")
	require.Equal(t, known, layout.Known())
}

func TestALayoutThatWasFoundIsNoKnowledgeOfAnApplication(t *testing.T) {
	t.Parallel()

	found := batch.Layout{Format: batch.FormatCSV, Columns: []batch.Column{{Header: "CF", Field: batch.FieldFiscalCode}}}

	require.Nil(t, found.Known())
	require.Nil(t, batch.KnownColumns(nil).Known())
}
