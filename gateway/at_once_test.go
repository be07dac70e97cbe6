package gateway_test

import (
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db/dbtest"
	"github.com/genio-gateway/genio/gateway"
)

func TestAtOnceCountsForEachEnte(t *testing.T) {
	t.Parallel()

	bound := gateway.NewAtOnce(2)

	first, err := bound.Begin("a")
	require.NoError(t, err)
	second, err := bound.Begin("a")
	require.NoError(t, err)

	_, err = bound.Begin("a")
	require.ErrorIs(t, err, gateway.ErrTooMany)

	other, err := bound.Begin("b")
	require.NoError(t, err)

	first()
	first() // counts once

	third, err := bound.Begin("a")
	require.NoError(t, err)

	_, err = bound.Begin("a")
	require.ErrorIs(t, err, gateway.ErrTooMany)

	second()
	third()
	other()
}

// waiting is a file of which nothing comes until it is told to.
type waiting struct {
	io.Reader

	begun, goOn chan struct{}
	once        sync.Once
}

func (w *waiting) Read(into []byte) (int, error) {
	w.once.Do(func() {
		w.begun <- struct{}{}

		<-w.goOn
	})

	return w.Reader.Read(into)
}

// However slowly files come, an Ente takes up no more than its share; another one is not hindered.
func TestUploadsAtTheSameTimeAreBounded(t *testing.T) {
	t.Parallel()

	const most = 8

	b := newBundle(t, dbtest.Open(t, dbtest.EngineSQLite))
	upload := b.upload(t)
	begun, goOn := make(chan struct{}), make(chan struct{})

	var (
		group sync.WaitGroup
		errs  = make([]error, most)
	)

	for i := range most {
		group.Go(func() {
			own := upload
			own.File = &waiting{Reader: strings.NewReader(taxFile), begun: begun, goOn: goOn}

			_, errs[i] = b.UploadBatch(t.Context(), b.application(), own)
		})
		<-begun
	}

	before := b.batches(t)
	another := upload
	another.File = strings.NewReader(taxFile)

	_, err := b.UploadBatch(t.Context(), b.application(), another)
	require.ErrorIs(t, err, gateway.ErrTooMany)
	require.Equal(t, before, b.batches(t), "nothing of it is kept")

	close(goOn)
	group.Wait()

	for _, err := range errs {
		require.NoError(t, err)
	}

	_, err = b.UploadBatch(t.Context(), b.application(), another)
	require.NoError(t, err)
}
