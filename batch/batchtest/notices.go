// Package batchtest makes files of invented citizens, for tests and benchmarks of batches.
package batchtest

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/simulator"
)

// Notices describes a CSV of payment notices, separated by semicolons, such as a tax office exports: about 130 bytes a row.
// The same description always gives the same file.
type Notices struct {
	Rows int
	Seed uint64
	// Encoding is UTF-8 where it is empty; Windows-1252 is the other possibility.
	Encoding batch.Encoding
	// BadEvery makes every n-th row bad, in turns: check character, phone, notice number, amount. 0: none.
	BadEvery int
	// DuplicateEvery makes every n-th row repeat the one before. 0: none.
	DuplicateEvery int
	// Outcome is how the simulator treats the citizens; zero: all are on IO.
	Outcome simulator.CitizenOutcome
}

// Header is the first line: the names of the columns, all of which are known.
const Header = "codice_fiscale;nome;cognome;telefono;numero_avviso;importo;scadenza;riferimento;indirizzo"

// Placeholders are the columns that hold values of a template.
func Placeholders() []string { return []string{"nome", "cognome", "indirizzo"} }

// String is the whole file.
func (n Notices) String() string {
	var text strings.Builder

	// A Builder takes everything.
	_, _ = n.WriteTo(&text)

	return text.String()
}

// WriteTo writes the file piece by piece.
func (n Notices) WriteTo(w io.Writer) (int64, error) {
	counted := &counter{Writer: w}

	var encoded io.Writer = counted
	if n.Encoding == batch.EncodingWindows1252 {
		encoded = charmap.Windows1252.NewEncoder().Writer(counted)
	}

	buffered := bufio.NewWriter(encoded)
	random := rand.New(rand.NewPCG(n.Seed, n.Seed))
	previous := ""

	write := func(line string) error {
		if _, err := buffered.WriteString(line + "\r\n"); err != nil {
			return fmt.Errorf("writing payment notices: %w", err)
		}

		return nil
	}

	if err := write(Header); err != nil {
		return counted.written, err
	}

	for i := range n.Rows {
		if previous == "" || !every(n.DuplicateEvery, i) {
			previous = n.row(i, random)
		}

		if err := write(previous); err != nil {
			return counted.written, err
		}
	}

	if err := buffered.Flush(); err != nil {
		return counted.written, fmt.Errorf("writing payment notices: %w", err)
	}

	return counted.written, nil
}

func every(n, i int) bool { return n > 0 && i%n == n-1 }

func (n Notices) row(i int, random *rand.Rand) string {
	const (
		citizens, streets, highest = 1_000_000, 200, 300_000
		oneAmountIn                = 100
	)

	first := pick(random, "Maria", "Giuseppe", "Anna", "Antonio", "Niccolò", "Zoë", "Lucia", "Salvatore")
	last := pick(random, "Rossi", "Esposito", "Dalla Libertà", "D'Amico", "Bianchi", "De Robertìs", "Conte")
	street := pick(random, "Via Roma", "Piazza della Libertà", "Corso Vittorio Emanuele II", "Via dei Mille")

	citizen := i + random.IntN(2)*citizens
	code := simulator.FiscalCode(n.Outcome, citizen)
	phone := strings.TrimPrefix(simulator.Phone(simulator.PhoneDelivered, citizen), "+39")
	notice := fmt.Sprintf("3%017d", i)
	amount := euro(1 + random.IntN(highest))

	if every(n.BadEvery, i) {
		spoil(i/n.BadEvery, &code, &phone, &notice, &amount)
	}

	return strings.Join([]string{
		code, first, last, phone, notice, amount, "31/12/2026", fmt.Sprintf("TARI-2026-%06d", i),
		fmt.Sprintf("%s %d", street, 1+random.IntN(streets)),
	}, ";")
}

func euro(cents int) string {
	const aHundred, aThousand = 100, 1000

	euros := cents / aHundred
	if euros < aThousand {
		return fmt.Sprintf("%d,%02d", euros, cents%aHundred)
	}

	return fmt.Sprintf("%d.%03d,%02d", euros/aThousand, euros%aThousand, cents%aHundred)
}

// spoil makes one of the row's values bad.
func spoil(turn int, code, phone, notice, amount *string) {
	const kinds = 4

	switch turn % kinds {
	case 0:
		letter := "A"
		if strings.HasSuffix(*code, letter) {
			letter = "B"
		}

		*code = (*code)[:len(*code)-1] + letter
	case 1:
		*phone = "06 12345678"
	case 2:
		*notice = "3,01E+17"
	default:
		*amount = "1.234"
	}
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

type counter struct {
	io.Writer

	written int64
}

func (c *counter) Write(piece []byte) (int, error) {
	written, err := c.Writer.Write(piece)
	c.written += int64(written)

	return written, err
}
