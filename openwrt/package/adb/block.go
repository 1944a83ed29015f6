package adb

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	magicPlain   = "ADB."
	magicDeflate = "ADBd"

	blockADB  = 0
	blockSIG  = 1
	blockDATA = 2

	blockShift = 30
	maxBlock   = 1<<blockShift - 1
	blockAlign = 8
)

// Schema says what a file is.
type Schema string

// The two schemas of files.
const (
	SchemaPackage Schema = "pckg"
	SchemaIndex   Schema = "indx"
)

// appendBlock writes a block's word, its content and the zeros up to the next block.
func appendBlock(to []byte, kind uint32, content ...[]byte) ([]byte, error) {
	size := 4
	for _, c := range content {
		size += len(c)
	}
	if size > maxBlock {
		return nil, fmt.Errorf("write ADB: a block of %d bytes, the longest is %d", size, maxBlock)
	}
	to = binary.LittleEndian.AppendUint32(to, kind<<blockShift|uint32(size))
	for _, c := range content {
		to = append(to, c...)
	}
	for len(to)%blockAlign != 0 {
		to = append(to, 0)
	}
	return to, nil
}

// Deflate compresses a file as apk mkpkg does by default. The bytes differ from those of zlib; what is inside does not.
func Deflate(file []byte) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(magicDeflate)
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(file); err != nil {
		return nil, fmt.Errorf("deflate ADB: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("deflate ADB: %w", err)
	}
	return out.Bytes(), nil
}

// Inflate returns a file without its compression. Nothing may follow what is compressed, and limit bounds what comes out.
func Inflate(file []byte, limit int64) ([]byte, error) {
	packed, ok := bytes.CutPrefix(file, []byte(magicDeflate))
	if !ok {
		return file, nil
	}
	rest := bytes.NewReader(packed)
	r := flate.NewReader(rest)
	plain, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("inflate ADB: %w", err)
	}
	if int64(len(plain)) > limit {
		return nil, fmt.Errorf("inflate ADB: more than %d bytes come out", limit)
	}
	if rest.Len() != 0 {
		return nil, fmt.Errorf("inflate ADB: %d bytes follow the compressed file", rest.Len())
	}
	return plain, nil
}

var errNotPlain = errors.New("read ADB: it begins with something other than ADB and a full stop: inflate it first")
