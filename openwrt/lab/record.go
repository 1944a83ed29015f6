package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// recordSnaplen is as much of a frame as is recorded: more than a frame without offloading has.
const recordSnaplen = 65_535

// Record writes what passes an interface of the namespace to w as a pcap file (microseconds, Ethernet) until
// ctx ends. ready, if not nil, is called once it listens. A recording with gaps is an error.
func Record(ctx context.Context, n *NS, ifname string, w io.Writer, ready func()) error {
	raw, err := n.OpenRaw(ifname)
	if err != nil {
		return err
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { _ = raw.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := w.Write(pcapHeader()); err != nil {
		return fmt.Errorf("write pcap header: %w", err)
	}
	if ready != nil {
		ready()
	}
	buf := make([]byte, recordSnaplen)
	if err := copyFrames(w, raw.Read, buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("record %s: %w", ifname, err)
	}
	// What came before the end may still lie in the socket; what comes meanwhile is let in up to its size.
	left := rawBuffer
	err = copyFrames(w, func(frame []byte) (int, error) { return raw.readNow(frame, &left) }, buf)
	if !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("record %s: %w", ifname, err)
	}
	return raw.gaps(ifname)
}

// copyFrames writes one record for each frame until read or w fails.
func copyFrames(w io.Writer, read func([]byte) (int, error), buf []byte) error {
	for {
		size, err := read(buf)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(pcapRecord(time.Now(), size), buf[:size]...)); err != nil {
			return fmt.Errorf("write pcap record: %w", err)
		}
	}
}

// readNow reads a frame that lies in the socket. It gives EAGAIN where there is none or left is used up.
func (r *Raw) readNow(frame []byte, left *int) (n int, err error) {
	conn, err := r.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	if *left <= 0 {
		return 0, unix.EAGAIN
	}
	controlErr := conn.Control(func(fd uintptr) { n, err = unix.Read(int(fd), frame) })
	*left -= max(n, 0)
	return n, errors.Join(controlErr, err)
}

// gaps is the error of a recording that lost frames.
func (r *Raw) gaps(ifname string) error {
	lost, err := r.Lost()
	if err == nil && lost > 0 {
		err = fmt.Errorf("%d frames were lost", lost)
	}
	if err != nil {
		return fmt.Errorf("record %s: %w", ifname, err)
	}
	return nil
}

func pcapHeader() []byte {
	const magic, linkEthernet = 0xa1b2c3d4, 1
	b := binary.LittleEndian.AppendUint32(nil, magic)
	b = binary.LittleEndian.AppendUint16(b, 2) // version 2.4
	b = binary.LittleEndian.AppendUint16(b, 4)
	b = append(b, make([]byte, 8)...) // time zone and accuracy, always zero
	b = binary.LittleEndian.AppendUint32(b, recordSnaplen)
	return binary.LittleEndian.AppendUint32(b, linkEthernet)
}

func pcapRecord(at time.Time, size int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(at.Unix()))
	b = binary.LittleEndian.AppendUint32(b, uint32(at.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, uint32(size))
	return binary.LittleEndian.AppendUint32(b, uint32(size))
}
