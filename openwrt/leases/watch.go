package leases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

const (
	interval    = time.Second
	maxFailures = 5 // in a row, before it is said
)

// Watch gives fn the leases in the file at path, then again whenever they change, looking once a second, with the
// number of lines that were skipped. A file that is not there holds no leases. It ends with nil when ctx does. A file
// that cannot be read for some seconds is warned of once, and its last leases stay until it can.
//
// It compares what the file holds, not when it was changed: dnsmasq rewrites it in place, at times twice within
// one tick of the file system's clock, and a lease file is small.
func Watch(ctx context.Context, path string, log *slog.Logger, fn func(list []Lease, skipped int)) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var last, next []byte
	for first, failures := true, 0; ; {
		var err error
		next, err = readFile(path, next[:0])
		if err == nil && (first || !bytes.Equal(last, next)) {
			fn(Parse(next))
			last, next, first = next, last, false
		}
		failures = tell(log, failures, err)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tell counts failures in a row, and says when they are too many and when they are over.
func tell(log *slog.Logger, failures int, err error) int {
	switch {
	case err == nil && failures >= maxFailures:
		log.Info("the DHCP leases can be read again")
		return 0
	case err == nil:
		return 0
	case failures+1 == maxFailures:
		log.Warn("the DHCP leases cannot be read: devices go without the names that they tell there", "err", err)
	}
	return failures + 1
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
