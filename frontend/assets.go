package frontend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	assetsPath   = "/assets/"
	manifestFile = ".vite/manifest.json"
	entryPoint   = "src/main.js"
	iconSprite   = "icons.svg"
)

// assets is the result of the frontend's build: files with a hash in their names, and their addresses.
type assets struct {
	files fs.FS
	// Built is false where the frontend was never built; the addresses are then empty.
	Built  bool
	Script string
	Styles []string
	Icons  string
}

// manifestEntry is what Vite's manifest says of one source file.
type manifestEntry struct {
	File string   `json:"file"`
	CSS  []string `json:"css"`
}

func readAssets(override fs.FS) (assets, error) {
	files := override
	if files == nil {
		built, err := fs.Sub(dist, "dist")
		if err != nil {
			return assets{}, fmt.Errorf("opening the embedded assets: %w", err)
		}

		files = built
	}

	text, err := fs.ReadFile(files, manifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return assets{files: files}, nil
	}

	if err != nil {
		return assets{}, fmt.Errorf("reading the assets' manifest: %w", err)
	}

	var manifest map[string]manifestEntry
	if err := json.Unmarshal(text, &manifest); err != nil {
		return assets{}, fmt.Errorf("parsing the assets' manifest: %w", err)
	}

	entry, known := manifest[entryPoint]
	if !known {
		return assets{}, fmt.Errorf("the assets' manifest does not name %s", entryPoint)
	}

	built := assets{files: files, Built: true, Script: assetsPath + entry.File, Icons: assetsPath + manifest[iconSprite].File}
	for _, style := range entry.CSS {
		built.Styles = append(built.Styles, assetsPath+style)
	}

	return built, nil
}

// asset serves one file of the build. Its name changes with its content, so browsers may keep it for good.
func (f *Frontend) asset(c echo.Context) error {
	name := c.Param("*")
	if !fs.ValidPath(name) || strings.HasPrefix(path.Base(name), ".") || strings.HasPrefix(name, ".") {
		return echo.ErrNotFound
	}

	if info, err := fs.Stat(f.assets.files, name); err != nil || info.IsDir() {
		return echo.ErrNotFound
	}

	header := c.Response().Header()
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeFileFS(c.Response(), c.Request(), f.assets.files, name)

	return nil
}

func (f *Frontend) favicon(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")

	return c.Blob(http.StatusOK, "image/svg+xml", favicon)
}
