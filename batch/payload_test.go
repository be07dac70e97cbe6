package batch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/notification"
)

func wholePayload() batch.RowPayload {
	due := time.Date(2026, time.December, 31, 22, 59, 59, 0, time.UTC)

	return batch.RowPayload{
		Cells:     []string{"RSSMRA80A01H501U", "333 1234567", "Nicolò \"Nico\"\n😀", ""},
		Recipient: notification.Recipient{FiscalCode: "RSSMRA80A01H501U", Phone: "+393331234567"},
		Reference: "pratica-42",
		SendAt:    time.Date(2026, time.December, 1, 8, 0, 0, 0, time.UTC),
		DueDate:   &due,
		Payment:   &notification.Payment{NoticeNumber: "301000000000000001", AmountCents: 12_50},
		Values:    []string{"Nicolò", ""},
	}
}

func TestAPayloadIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()

	for name, payload := range map[string]batch.RowPayload{
		"whole": wholePayload(),
		"bad":   {Cells: []string{"RSSMRA80A01H501A"}},
		"empty": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			encoded, err := payload.Encode()
			require.NoError(t, err)

			decoded, err := batch.DecodePayload(encoded)
			require.NoError(t, err)
			require.Equal(t, payload, decoded)
		})
	}
}

func TestABadRowKeepsItsCellsOnly(t *testing.T) {
	t.Parallel()

	whole := wholePayload()
	row := batch.Row{
		Number: 2, Cells: whole.Cells, Recipient: whole.Recipient, Reference: whole.Reference, SendAt: whole.SendAt,
		DueDate: whole.DueDate, Payment: whole.Payment, Values: whole.Values,
	}

	require.Equal(t, whole, row.Payload())

	row.Issues = []batch.Issue{{Column: 1, Code: "check_character"}}
	require.Equal(t, batch.RowPayload{Cells: whole.Cells}, row.Payload())
}

func TestADamagedPayloadIsNotRepeated(t *testing.T) {
	t.Parallel()

	_, err := batch.DecodePayload([]byte(`{"cells":["RSSMRA80A01H501U"`))

	require.Error(t, err)
	require.NotContains(t, err.Error(), "RSSMRA80A01H501U")
}

func FuzzDecodePayload(f *testing.F) {
	whole, err := wholePayload().Encode()
	require.NoError(f, err)

	for _, seed := range []string{string(whole), `{}`, `{"cells":[]}`, `{"cells":[1]}`, `null`, `[`, "\xff"} {
		f.Add([]byte(seed))
	}

	f.Fuzz(func(t *testing.T, encoded []byte) {
		payload, err := batch.DecodePayload(encoded)
		if err != nil {
			require.Equal(t, batch.RowPayload{}, payload)

			return
		}

		again, err := payload.Encode()
		if err != nil {
			// A year beyond 9999 can be read, and not be written.
			return
		}

		decoded, err := batch.DecodePayload(again)
		require.NoError(t, err)

		once, err := decoded.Encode()
		require.NoError(t, err)
		require.Equal(t, string(again), string(once), "what was read once stays as it is")
	})
}
