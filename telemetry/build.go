package telemetry

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// buildInfo tells which program runs, so that a dashboard shows who has which version during an upgrade.
func buildInfo() prometheus.Collector {
	version, revision := "unknown", "unknown"

	if info, known := debug.ReadBuildInfo(); known {
		version = info.Main.Version

		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = setting.Value
			}
		}
	}

	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "genio_build_info",
		Help:        "1, with the version of the program.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision},
	})
	info.Set(1)

	return info
}
