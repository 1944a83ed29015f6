//go:build !router

package oui

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed vendors.bin
var vendors []byte

func open() (io.ReaderAt, int64, error) {
	return bytes.NewReader(vendors), int64(len(vendors)), nil
}
