package leases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	interval    = time.Second
	maxFailures = 5
)

// Watch gives fn the leases in the file at path, then again whenever they change, looking once a second, with the
// number of lines that were skipped. A file that is not there holds no leases. It ends with nil when ctx does, with
// an error when the file cannot be read five times in a row.
//
// It compares what the file holds, not when it was changed: dnsmasq rewrites it in place, at times twice within
// one tick of the file system's clock, and a lease file is small.
func Watch(ctx context.Context, path string, fn func(list []Lease, skipped int)) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var last, next []byte
	for first, failures := true, 0; ; {
		var err error
		next, err = readFile(path, next[:0])
		switch {
		case err == nil && (first || !bytes.Equal(last, next)):
			fn(Parse(next))
			last, next, first = next, last, false
			failures = 0
		case err == nil:
			failures = 0
		case failures+1 >= maxFailures:
			return err
		default:
			failures++
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// readFile appends at most maxFile bytes of the file at path to buf; none where there is no file.
func readFile(path string, buf []byte) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return buf, nil
	case err != nil:
		return buf, fmt.Errorf("read leases: %w", err)
	case !info.Mode().IsRegular(): // a pipe would never end
		return buf, fmt.Errorf("read leases: %s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return buf, fmt.Errorf("read leases: %w", err)
	}
	defer f.Close()
	out := bytes.NewBuffer(buf)
	if _, err := io.Copy(out, io.LimitReader(f, maxFile)); err != nil {
		return buf, fmt.Errorf("read leases: %w", err)
	}
	return out.Bytes(), nil
}
