package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/genio-gateway/genio/batch"
	"github.com/genio-gateway/genio/batch/batchtest"
	"github.com/genio-gateway/genio/notification"
)

const (
	readGoal   = 3.0
	memoryGoal = 64 << 20
	// readings are made in turns, so that both meet the same machine.
	readings     = 5
	memoryGlance = 5 * time.Millisecond
	mebibyte     = 1 << 20
)

// measureReading compares reading and checking a file of the largest size with encoding/csv alone.
func (c *batchCommand) measureReading(ctx context.Context, figures *table) error {
	folder, err := os.MkdirTemp("", "genio-bench-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}

	defer func() { _ = os.RemoveAll(folder) }()

	file := onDisk{path: filepath.Join(folder, "avvisi.csv")}
	if err := file.write(batchtest.Notices{Rows: batch.MaxRows, Seed: 1, Encoding: batch.EncodingWindows1252}); err != nil {
		return err
	}

	filling, errs := notification.Compile(paymentTemplate(), "Comune di Prova")
	if err := errs.OrNil(); err != nil {
		return fmt.Errorf("compiling the template: %w", err)
	}

	var plain, checked []time.Duration

	for range readings {
		took, err := timed(func() error { return readPlainly(file) })
		if err != nil {
			return err
		}

		plain = append(plain, took)

		took, err = timed(func() error { return readAndCheck(ctx, file, filling) })
		if err != nil {
			return err
		}

		checked = append(checked, took)
	}

	// For itself: whoever watches the heap stops the others for moments.
	extra, err := heapWhile(func() error { return readAndCheck(ctx, file, filling) })
	if err != nil {
		return err
	}

	ratio := float64(median(checked)) / float64(median(plain))
	figures.add("reading and checking a CSV of 100,000 rows ÷ `encoding/csv` alone", "≤ 3", ratio <= readGoal,
		"%.2f (%d ms ÷ %d ms)", ratio, median(checked).Milliseconds(), median(plain).Milliseconds())
	figures.add("extra memory while reading it", "≤ 64 MiB", extra <= memoryGoal, "%.1f MiB", float64(extra)/mebibyte)

	return nil
}

// paymentTemplate is what a tax office sends.
func paymentTemplate() notification.Template {
	return notification.Template{
		Name: "Avviso TARI", Version: 1,
		Italian: notification.TemplateText{
			Subject: "Avviso di pagamento TARI per ((nome))",
			Markdown: "Gentile ((nome)) ((cognome)), è disponibile l'avviso di pagamento della tassa sui rifiuti per l'immobile in " +
				"((indirizzo)). Può pagare direttamente dall'app IO.",
		},
	}
}

func readPlainly(file batch.File) error {
	opened, err := file.Open()
	if err != nil {
		return err //nolint:wrapcheck // it says everything.
	}

	defer func() { _ = opened.Close() }()

	reader := csv.NewReader(opened)
	reader.Comma = ';'

	for {
		if _, err := reader.Read(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading with encoding/csv: %w", err)
		}
	}
}

var errNotAllGood = errors.New("not every row was good")

func readAndCheck(ctx context.Context, file batch.File, filling *notification.Filling) error {
	layout, err := batch.Inspect(ctx, file, batch.Wanted{Placeholders: filling.Placeholders()})
	if err != nil {
		return fmt.Errorf("inspecting the file: %w", err)
	}

	rules := batch.Rules{Content: filling, MaxPaymentCents: notification.MaxPaymentCents, Now: time.Now()}

	found, err := batch.Read(ctx, file, layout, rules, func(*batch.Row) error { return nil })
	if err != nil {
		return fmt.Errorf("reading the file: %w", err)
	}

	if found.Counts.Good != batch.MaxRows {
		return errNotAllGood
	}

	return nil
}

// heapWhile gives by how much the heap grew at the most while something was done.
func heapWhile(do func() error) (grown uint64, err error) {
	runtime.GC()

	before, most := heap(), uint64(0)
	ended := make(chan struct{})

	var watching sync.WaitGroup

	watching.Go(func() {
		for {
			most = max(most, heap())

			select {
			case <-ended:
				return
			case <-time.After(memoryGlance):
			}
		}
	})

	err = do()

	close(ended)
	watching.Wait()

	return max(most, before) - before, err
}

func heap() uint64 {
	var stats runtime.MemStats

	runtime.ReadMemStats(&stats)

	return stats.HeapInuse
}

func timed(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()

	return time.Since(began), err
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))

	return sorted[len(sorted)/2]
}

// onDisk is a file that is read from the disk each time, so that no copy of it is in memory.
type onDisk struct {
	path string
}

func (f onDisk) write(content io.WriterTo) error {
	made, err := os.Create(f.path)
	if err != nil {
		return fmt.Errorf("making the file: %w", err)
	}

	if _, err := content.WriteTo(made); err != nil {
		return fmt.Errorf("writing the file: %w", err)
	}

	return made.Close() //nolint:wrapcheck // a path error says everything.
}

// Open reads the file from its beginning.
func (f onDisk) Open() (io.ReadCloser, error) { return os.Open(f.path) } //nolint:wrapcheck // a path error says everything.

// Size is in bytes.
func (f onDisk) Size() int64 {
	info, err := os.Stat(f.path)
	if err != nil {
		return 0
	}

	return info.Size()
}

// Name is what the file is called.
func (f onDisk) Name() string { return filepath.Base(f.path) }
