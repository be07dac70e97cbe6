package wiring

import (
	"net/http"
	"net/http/pprof"
)

// Profiling lets those who run GeNIO see what a process spends its time and memory on, as go tool pprof reads it. Profiles
// name functions and count; they hold no value that a function worked on.
type Profiling struct {
	Enabled bool `env:"GENIO_PROFILING" help:"Answer /debug/pprof/ where /metrics is." name:"profiling"`
}

// Mount answers /debug/pprof/ on the listener, if that is wished. The command line, which package pprof would tell as well, is
// left out: nobody needs it for a profile.
func (p Profiling) Mount(admin *AdminListener) {
	if !p.Enabled {
		return
	}

	admin.Handle("GET /debug/pprof/", http.HandlerFunc(pprof.Index))
	admin.Handle("GET /debug/pprof/profile", http.HandlerFunc(pprof.Profile))
	admin.Handle("GET /debug/pprof/trace", http.HandlerFunc(pprof.Trace))
}
