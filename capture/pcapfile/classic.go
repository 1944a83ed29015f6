package pcapfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// The pcap format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records with a header of 16.
const (
	magicMicro = 0xa1b2c3d4
	magicNano  = 0xa1b23c4d

	versionMajor = 2
	versionMinor = 4

	fileHeaderLen   = 24
	recordHeaderLen = 16
)

// classic is the state of reading a pcap file.
type classic struct {
	order binary.ByteOrder
	unit  time.Duration // of the second half of a time stamp
	link  LinkType
}

// readClassic reads the file header of a pcap file, in either byte order and resolution.
func readClassic(r *Reader) (format, error) {
	head, err := r.read(fileHeaderLen)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	c := classic{order: binary.LittleEndian}
	if head[0] == 0xa1 {
		c.order = binary.BigEndian
	}
	switch c.order.Uint32(head) {
	case magicMicro:
		c.unit = time.Microsecond
	case magicNano:
		c.unit = time.Nanosecond
	default:
		return nil, errForeign
	}
	if err != nil {
		return nil, errors.New("the file ends inside its header: record it anew")
	}
	if major, minor := c.order.Uint16(head[4:]), c.order.Uint16(head[6:]); major != versionMajor || minor != versionMinor {
		return nil, fmt.Errorf("pcap version %d.%d: convert it to 2.4 with editcap -F pcap", major, minor)
	}
	c.link = LinkType(c.order.Uint16(head[linkAt(c.order):]))
	return &c, c.link.check()
}

// linkAt is where the lower half of the last word of the file header is; the upper half may tell the length of
// the frame check sequence, which nothing that records home networks keeps.
func linkAt(order binary.ByteOrder) int {
	if order == binary.BigEndian {
		return 22
	}
	return 20
}

func (c *classic) next(r *Reader, f *Frame) error {
	head, err := r.read(recordHeaderLen)
	if err != nil {
		return err
	}
	sec, frac := c.order.Uint32(head), c.order.Uint32(head[4:])
	captured, length := c.order.Uint32(head[8:]), c.order.Uint32(head[12:])
	if captured > maxFrame {
		return fmt.Errorf("the file is damaged: a packet of %d bytes", captured)
	}
	data, err := r.readRest(int(captured))
	if err != nil {
		return err
	}
	f.Time = time.Unix(int64(sec), int64(frac)*int64(c.unit))
	f.Link = c.link
	f.setData(data, length)
	return nil
}
