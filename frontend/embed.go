package frontend

import "embed"

// dist is what Vite builds. In a tree that was never built it holds nothing but a placeholder, so that the
// Go program compiles without Node; its pages are then readable and say that their style is missing.
//
//go:embed all:dist
var dist embed.FS

//go:embed templates/*.html templates/parts/*.html
var templateFiles embed.FS

//go:embed messages/*/*.json
var messageFiles embed.FS

//go:embed static/favicon.svg
var favicon []byte
