package batch_test

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
)

const benchRows = batch.MaxRows

// BenchmarkEncodingCSV is what reading alone costs: the measure of BenchmarkRead.
func BenchmarkEncodingCSV(b *testing.B) {
	text := batchtest.Notices{Rows: benchRows, Seed: 1}.String()

	b.SetBytes(int64(len(text)))
	b.ReportAllocs()

	for b.Loop() {
		reader := csv.NewReader(strings.NewReader(text))
		reader.Comma = ';'

		rows := 0

		for {
			_, err := reader.Read()
			if errors.Is(err, io.EOF) {
				break
			}

			require.NoError(b, err)

			rows++
		}

		require.Equal(b, benchRows+1, rows)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, encoding := range []batch.Encoding{batch.EncodingUTF8, batch.EncodingWindows1252} {
		b.Run(string(encoding), func(b *testing.B) {
			file := batchtest.File{Content: batchtest.Notices{Rows: benchRows, Seed: 1, Encoding: encoding}.String()}

			layout, err := batch.Inspect(b.Context(), file, batch.Wanted{Placeholders: batchtest.Placeholders()})
			require.NoError(b, err)

			b.SetBytes(file.Size())
			b.ReportAllocs()

			for b.Loop() {
				found, err := batch.Read(b.Context(), file, layout, rules(noticeTemplate()), func(*batch.Row) error { return nil })
				require.NoError(b, err)
				require.Equal(b, benchRows, found.Counts.Good)
			}
		})
	}
}
