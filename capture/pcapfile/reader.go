// Package pcapfile reads packets from pcap and pcapng files and writes pcap files.
package pcapfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"spinneret/capture/packet"
)

// maxFrame is the longest frame that a file may hold, as in libpcap (MAXIMUM_SNAPLEN): a record that claims
// more is damage, and is not given memory.
const maxFrame = 256 << 10

// Frame is one record of a file.
type Frame struct {
	Time   time.Time
	Link   LinkType
	Length int    // bytes that were on the wire
	Data   []byte // those that were captured; reused by the next read
}

// Stats counts what came out of a file.
type Stats struct {
	Packets   uint64 // records
	Bad       uint64 // of these, could not be decoded whole
	Truncated uint64 // files that end inside a record, which is not among Packets
}

// Reader reads one file from its beginning to its end.
type Reader struct {
	name   string
	in     *bufio.Reader
	file   io.Closer
	format format
	buf    []byte
	frame  Frame
	stats  Stats
}

// format is one of the two file formats.
type format interface {
	// next reads the next record: io.EOF where the file ends before it, io.ErrUnexpectedEOF inside it.
	next(r *Reader, f *Frame) error
}

// Open opens the file at path and reads its header.
func Open(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := NewReader(path, file)
	if err != nil {
		file.Close()
		return nil, err
	}
	r.file = file
	return r, nil
}

// NewReader reads a file from in; name is what errors call it.
func NewReader(name string, in io.Reader) (*Reader, error) {
	r := &Reader{name: name, in: bufio.NewReaderSize(in, 64<<10)}
	format, err := r.readMagic()
	if err != nil {
		return nil, fmt.Errorf("open capture %q: %w", name, err)
	}
	r.format = format
	return r, nil
}

// Close closes the file, where Open opened one.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Stats returns what was read so far.
func (r *Reader) Stats() Stats { return r.stats }

// ReadFrame reads the next record as it stands in the file. It returns io.EOF at the end of the file, also
// where that cuts the last record short.
func (r *Reader) ReadFrame(f *Frame) error {
	err := r.format.next(r, f)
	switch {
	case err == nil:
		r.stats.Packets++
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.stats.Truncated++
		r.format = ended{}
		return io.EOF
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	return fmt.Errorf("read capture %q after packet %d: %w", r.name, r.stats.Packets, err)
}

// ended is the format of a file that was read to where it is cut off.
type ended struct{}

func (ended) next(*Reader, *Frame) error { return io.EOF }

// Next decodes the next packet into p, and returns io.EOF at the end of the file. A frame that cannot be
// decoded whole is counted as bad, and handed on with what is known of it as long as somebody can be charged
// for its bytes: a sender's MAC, or the addresses of its IP header. Such a frame is IP only as far as its IP
// header is sound (packet.Packet.IsIP).
func (r *Reader) Next(p *packet.Packet) error {
	for {
		if err := r.ReadFrame(&r.frame); err != nil {
			return err
		}
		if err := r.frame.Decode(p); err == nil {
			return nil
		}
		r.stats.Bad++
		if !p.SrcMAC.IsZero() || p.IsIP() {
			return nil
		}
	}
}

var (
	errForeign    = errors.New("not a pcap or pcapng file: give one that tcpdump or Wireshark wrote")
	errEmpty      = errors.New("the file is empty: give one that tcpdump or Wireshark wrote")
	errCompressed = errors.New("the file is compressed: unpack it with gunzip first")
)

// readMagic tells the format by the first bytes and reads the file header.
func (r *Reader) readMagic() (format, error) {
	magic, err := r.in.Peek(4)
	if len(magic) == 0 && errors.Is(err, io.EOF) {
		return nil, errEmpty
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(magic) < 4 {
		return nil, errForeign
	}
	if magic[0] == 0x1f && magic[1] == 0x8b {
		return nil, errCompressed
	}
	if binary.BigEndian.Uint32(magic) == blockSection {
		return readSection(r)
	}
	return readClassic(r)
}

// read returns the next n bytes of the file, valid until the next read. The end of the file is io.EOF where it
// comes before the first of them, io.ErrUnexpectedEOF after that.
func (r *Reader) read(n int) ([]byte, error) {
	if n > cap(r.buf) {
		r.buf = make([]byte, n)
	}
	b := r.buf[:n]
	_, err := io.ReadFull(r.in, b)
	return b, err
}

// readRest is read for what belongs to something that was begun: every end of the file is unexpected.
func (r *Reader) readRest(n int) ([]byte, error) {
	b, err := r.read(n)
	return b, unexpected(err)
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// setData hands out what was captured of a frame. A wire length that no link has is noise: then only what was
// captured counts.
func (f *Frame) setData(data []byte, length uint32) {
	f.Data, f.Length = data, len(data)
	if length > uint32(len(data)) && length <= maxFrame {
		f.Length = int(length)
	}
}
