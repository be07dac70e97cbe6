package wiring_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/genio-gateway/genio/cmd/genio/wiring"
)

func TestProfilesAreAnsweredWhereTheyAreWished(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		profiling wiring.Profiling
		statuses  map[string]int
	}{
		"not wished": {wiring.Profiling{}, map[string]int{"/debug/pprof/": http.StatusNotFound, "/debug/pprof/heap": http.StatusNotFound}},
		"wished": {wiring.Profiling{Enabled: true}, map[string]int{
			"/debug/pprof/": http.StatusOK, "/debug/pprof/heap": http.StatusOK, "/debug/pprof/profile?seconds=1": http.StatusOK,
			// The line may hold what belongs to nobody else.
			"/debug/pprof/cmdline": http.StatusNotFound,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)

			admin := wiring.NewAdminListener()
			test.profiling.Mount(admin)

			ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
			ended := make(chan error, 1)

			go func() { ended <- admin.Run(ctx, listener) }()

			defer func() {
				stop()
				require.NoError(t, <-ended)
			}()

			for path, expected := range test.statuses {
				status, _, _ := read(t, "http://"+listener.Addr().String()+path)
				require.Equal(t, expected, status, path)
			}
		})
	}
}
