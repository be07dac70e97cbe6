package db_test

import (
	"database/sql"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/db"
)

// together does the same n times at once. It opens the pool's connections first: opening one takes longer
// than most statements and would put the rivals in a row.
func together(t *testing.T, store *db.Store, n int, do func(i int)) {
	t.Helper()

	conns := make([]*sql.Conn, min(n, store.Pool().Stats().MaxOpenConnections))
	for i := range conns {
		conn, err := store.Pool().Conn(t.Context())
		require.NoError(t, err)

		conns[i] = conn
	}

	for _, conn := range conns {
		require.NoError(t, conn.Close())
	}

	var group sync.WaitGroup

	start := make(chan struct{})

	for i := range n {
		group.Go(func() {
			<-start
			do(i)
		})
	}

	close(start)
	group.Wait()
}
