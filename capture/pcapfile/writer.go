package pcapfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"
)

// Writer writes a pcap file with times in nanoseconds or microseconds.
type Writer struct {
	out     io.Writer
	buf     []byte
	snapLen int
}

// WriterConfig says what file a Writer writes.
type WriterConfig struct {
	Link    LinkType
	SnapLen int // bytes kept of a frame; 0 keeps all, up to 256 KiB
}

// NewWriter writes the header of a pcap file to out.
func NewWriter(out io.Writer, c WriterConfig) (*Writer, error) {
	w := &Writer{out: out, snapLen: c.SnapLen}
	if w.snapLen <= 0 || w.snapLen > maxFrame {
		w.snapLen = maxFrame
	}
	b := binary.LittleEndian.AppendUint32(nil, magicMicro)
	b = binary.LittleEndian.AppendUint16(b, versionMajor)
	b = binary.LittleEndian.AppendUint16(b, versionMinor)
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(w.snapLen))
	b = binary.LittleEndian.AppendUint32(b, uint32(c.Link))
	if _, err := out.Write(b); err != nil {
		return nil, fmt.Errorf("write pcap header: %w", err)
	}
	return w, nil
}

// WritePacket writes one frame, seen at t, of which length bytes were on the wire (as many as it has where
// length says fewer). It makes one Write of each packet, so that a reader of the stream gets it whole.
func (w *Writer) WritePacket(t time.Time, frame []byte, length int) error {
	sec := t.Unix()
	if sec < 0 || sec > math.MaxUint32 {
		return fmt.Errorf("write packet: a pcap file cannot hold the time %s", t.UTC().Format(time.RFC3339))
	}
	length = max(length, len(frame))
	frame = frame[:min(len(frame), w.snapLen)]
	b := binary.LittleEndian.AppendUint32(w.buf[:0], uint32(sec))
	b = binary.LittleEndian.AppendUint32(b, uint32(t.Nanosecond()/1000))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frame)))
	b = binary.LittleEndian.AppendUint32(b, uint32(min(uint64(length), math.MaxUint32)))
	w.buf = append(b, frame...)
	if _, err := w.out.Write(w.buf); err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	return nil
}
