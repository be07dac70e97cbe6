package batch

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"sync"

	"github.com/genio-gateway/genio/fiscalcode"
)

// Read checks the rows of a file and hands them to each, good and bad, in the file's order; a row and all that it refers
// to are valid until each returns, texts for longer. Empty rows are passed over. What is wrong with a row is in its
// Issues; the error is what each returned, ctx's, or a *FileError where the file cannot be read on. What was handed out
// until then is worth nothing.
func Read(ctx context.Context, file File, layout Layout, rules Rules, each func(*Row) error) (Summary, error) {
	if rules.FiscalCodes == nil {
		rules.FiscalCodes = new(fiscalcode.Validator)
	}

	made, err := makePlan(layout, rules)
	if err != nil {
		return Summary{}, err
	}

	rows, err := openTable(ctx, file, layout)
	if err != nil {
		return Summary{}, err
	}

	if layout.Header {
		err = skipHeader(rows)
	}

	tally := newTally(layout, file.Size())

	if err == nil {
		err = newPipeline(rows, made, rules).run(ctx, func(s *slot) error {
			tally.add(s)

			return each(&s.Row)
		})
	}

	if err := errors.Join(err, rows.close()); err != nil {
		return Summary{}, err
	}

	return tally.summary()
}

// skipHeader reads up to the first row that is not empty.
func skipHeader(rows table) error {
	var header record

	for {
		err := rows.next(&header)

		switch {
		case errors.Is(err, io.EOF):
			return problem(problemNoRows)
		case err != nil:
			return err
		case !isBlankRow(header.cells):
			return nil
		}
	}
}

const (
	// chunkRows is how many rows go through the pipeline together.
	chunkRows = 256
	// maxCheckers is how many goroutines check: more would wait for the one that reads.
	maxCheckers = 4
)

// chunk is a piece of a file on its way through the pipeline.
type chunk struct {
	slots   []slot
	used    int
	err     error // why it is the last one; io.EOF at the file's end
	checked chan error
}

// pipeline lets one goroutine read, others check, and the caller's take the rows in their order.
type pipeline struct {
	rows  table
	plan  plan
	rules Rules
	seed  maphash.Seed

	free, ordered, toCheck chan *chunk
}

func newPipeline(rows table, made plan, rules Rules) *pipeline {
	const inFlight = 2 * maxCheckers

	p := &pipeline{
		rows: rows, plan: made, rules: rules, seed: maphash.MakeSeed(),
		free: make(chan *chunk, inFlight), ordered: make(chan *chunk, inFlight), toCheck: make(chan *chunk, inFlight),
	}
	for range inFlight {
		p.free <- &chunk{slots: make([]slot, chunkRows), checked: make(chan error, 1)}
	}

	return p
}

func (p *pipeline) run(ctx context.Context, take func(*slot) error) error {
	ctx, stop := context.WithCancel(ctx)

	var working sync.WaitGroup

	// In this order: nobody is left waiting, and nobody works on when this returns.
	defer working.Wait()
	defer stop()

	working.Go(func() { p.read(ctx) })

	for range min(maxCheckers, runtime.GOMAXPROCS(0)) {
		working.Go(p.check)
	}

	for piece := range p.ordered {
		if err := <-piece.checked; err != nil {
			return err
		}

		for i := range piece.used {
			if err := take(&piece.slots[i]); err != nil {
				return err
			}
		}

		if piece.err != nil && !errors.Is(piece.err, io.EOF) {
			return piece.err
		}

		p.free <- piece
	}

	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}

	return nil
}

// read fills chunks until the file ends, or nobody wants more. The channels have room for all chunks: only a free one is
// waited for.
func (p *pipeline) read(ctx context.Context) {
	defer close(p.toCheck)
	defer close(p.ordered)

	total := 0

	for {
		select {
		case <-ctx.Done():
			return
		case piece := <-p.free:
			p.fill(piece, &total)

			p.ordered <- piece

			p.toCheck <- piece

			if piece.err != nil {
				return
			}
		}
	}
}

func (p *pipeline) fill(piece *chunk, total *int) {
	defer func() {
		if recover() != nil {
			piece.err = errPanicked
		}
	}()

	var found record

	for piece.used = 0; piece.used < len(piece.slots); {
		if piece.err = p.rows.next(&found); piece.err != nil {
			return
		}

		if isBlankRow(found.cells) {
			continue
		}

		*total++
		if *total > MaxRows {
			piece.err = problem(problemTooManyRows)

			return
		}

		piece.slots[piece.used].load(found)
		piece.used++
	}
}

func (p *pipeline) check() {
	worker := newChecker(p.plan, p.rules, p.seed)

	for piece := range p.toCheck {
		piece.checked <- worker.checkAll(piece)
	}
}

func (c *checker) checkAll(piece *chunk) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()

	for i := range piece.used {
		c.check(&piece.slots[i])
	}

	return nil
}

// A panic becomes an error: a file that trips a mistake of ours must not end the process, and what panicked may be a
// citizen's data.
var errPanicked = errors.New("reading the file: a row could not be processed")
