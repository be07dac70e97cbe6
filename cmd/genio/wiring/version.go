package wiring

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"sync"
)

// version is stamped by the build, with -ldflags "-X github.com/genio-gateway/genio/cmd/genio/wiring.version=1.2.3".
var version string

// digestLength is how many characters of a digest tell one build from another.
const digestLength = 12

// Version is this program's version: what was stamped, or the revision that it was built from, or else a name that no other
// build has.
//
//nolint:gochecknoglobals // it cannot change while the program runs.
var Version = sync.OnceValue(func() string {
	return cmp.Or(version, revision(), "devel-"+digest())
})

// revision is the one of version control, where Go knows it.
func revision() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}

	var found, changed string

	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			found = setting.Value[:min(digestLength, len(setting.Value))]
		case setting.Key == "vcs.modified" && setting.Value == "true":
			// Two builds of changed sources are not the same.
			changed = "-" + digest()
		}
	}

	if found == "" {
		return ""
	}

	return found + changed
}

// digest is that of the program's own file; "unknown" where it cannot be read.
func digest() string {
	const unknown = "unknown"

	path, err := os.Executable()
	if err != nil {
		return unknown
	}

	file, err := os.Open(path) //nolint:gosec // it is this program.
	if err != nil {
		return unknown
	}
	defer func() { _ = file.Close() }()

	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return unknown
	}

	return hex.EncodeToString(hash.Sum(nil))[:digestLength]
}

// Versioning says under which version Temporal knows the workers of a process.
type Versioning struct {
	//nolint:lll // a tag has one line
	Versioning bool   `default:"true" env:"GENIO_WORKER_VERSIONING" help:"Give the workers a version: they get work once it is released with genio admin release." negatable:""`
	BuildID    string `env:"GENIO_WORKER_BUILD_ID" help:"Build id of the workers; left out: this program's version."`
}

// ID is the build id; empty: the workers have no version, and get work at once.
func (v Versioning) ID() string {
	if !v.Versioning {
		return ""
	}

	return cmp.Or(v.BuildID, Version())
}
