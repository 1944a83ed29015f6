// Package page is the web page: its sources, and its built files embedded as they are sent, gzip-compressed. The
// built files are committed, so that Go alone builds the program; a check rebuilds and compares them.
package page

import (
	"embed"
	"fmt"
	"io/fs"

	"spinneret/ui"
)

//go:embed all:dist
var built embed.FS

// Handler serves the page: index.html at /, and its assets.
func Handler() (ui.Page, error) {
	dist, err := fs.Sub(built, "dist")
	if err != nil {
		return nil, fmt.Errorf("open embedded page: %w", err)
	}
	return newFiles(dist)
}
