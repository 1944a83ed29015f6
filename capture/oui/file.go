//go:build router

package oui

import (
	"io"
	"os"
)

// open opens the table for as long as the program runs: an upgrade puts a new file in its place.
func open() (io.ReaderAt, int64, error) {
	f, err := os.Open(File)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
