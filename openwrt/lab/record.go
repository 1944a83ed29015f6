package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// recordSnaplen is as much of a frame as is recorded: more than a frame without offloading has.
const recordSnaplen = 65_535

// Record writes what passes an interface of the namespace to w as a pcap file (microseconds, Ethernet) until
// ctx ends. ready, if not nil, is called once it listens.
func Record(ctx context.Context, n *NS, ifname string, w io.Writer, ready func()) error {
	raw, err := n.OpenRaw(ifname)
	if err != nil {
		return err
	}
	defer closeWith(ctx, raw)()
	if _, err := w.Write(pcapHeader()); err != nil {
		return fmt.Errorf("write pcap header: %w", err)
	}
	if ready != nil {
		ready()
	}
	for buf := make([]byte, recordSnaplen); ; {
		size, err := raw.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return nil
		} else if err != nil {
			return fmt.Errorf("record %s: %w", ifname, err)
		}
		if _, err := w.Write(append(pcapRecord(time.Now(), size), buf[:size]...)); err != nil {
			return fmt.Errorf("write pcap record: %w", err)
		}
	}
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
