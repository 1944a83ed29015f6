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
	settled     = 100 * time.Millisecond // after word of a lease: dnsmasq tells of it, and then writes it down
	maxFailures = 5                      // in a row, before it is said
)

// Watch gives fn the leases in dnsmasq's file at path and in odhcpd's files, then again whenever they change, looking
// once a second and when wordC says that there is news (nil: nobody does), with the number of lines that were skipped. A
// file that is not there holds no leases. It ends with nil when ctx does. A file that cannot be read for some seconds is
// warned of once, and the last leases stay until it can.
//
// It compares what the files hold, not when they were changed: both servers rewrite them in place, at times twice within
// one tick of the file system's clock, and lease files are small.
func Watch(ctx context.Context, path string, odhcpd []string, wordC <-chan struct{}, log *slog.Logger, fn func(list []Lease, skipped int)) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var last, next files
	for first, failures := true, 0; ; {
		err := next.read(path, odhcpd)
		if err == nil && (first || !last.equal(next)) {
			fn(next.parse())
			last, next, first = next, last, false
		}
		failures = tell(log, failures, err)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-wordC:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(settled):
			}
		}
	}
}

// files are what the servers' files hold: dnsmasq's, and after it odhcpd's. Buffers are used again.
type files struct {
	data    []byte
	dnsmasq int // bytes of data
}

// read fails where dnsmasq's file cannot be read: most leases are there. One of odhcpd's holds none then.
func (f *files) read(path string, odhcpd []string) (err error) {
	if f.data, err = readFile(path, f.data[:0]); err != nil {
		return err
	}
	f.dnsmasq = len(f.data)
	for _, other := range odhcpd {
		if more, err := readFile(other, f.data); err == nil {
			f.data = more
		}
	}
	return nil
}

func (f files) equal(g files) bool { return f.dnsmasq == g.dnsmasq && bytes.Equal(f.data, g.data) }

func (f files) parse() (list []Lease, skipped int) {
	list, skipped = Parse(f.data[:f.dnsmasq])
	more, bad := ParseOdhcpd(f.data[f.dnsmasq:], maxLeases-len(list))
	return append(list, more...), skipped + bad
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
