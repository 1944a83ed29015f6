package pcapfile

import (
	"encoding/binary"
	"errors"
	"fmt"

	"spinneret/capture/packet"
)

// LinkType says what the frames of a file begin with (the LINKTYPE_ numbers of tcpdump.org).
type LinkType uint16

// The link types that can be read. The raw ones have no link-layer header: some systems write their own
// number for that.
const (
	LinkNull      LinkType = 0
	LinkEthernet  LinkType = 1
	LinkRawBSD    LinkType = 12
	LinkRawOpen   LinkType = 14
	LinkRaw       LinkType = 101
	LinkLoop      LinkType = 108
	LinkLinuxSLL  LinkType = 113
	LinkIPv4      LinkType = 228
	LinkIPv6      LinkType = 229
	LinkLinuxSLL2 LinkType = 276
)

// linkNames are the names of link types for messages; those that can be read have none.
var linkNames = map[LinkType]string{
	9: "PPP", 105: "802.11", 119: "802.11 with Prism header", 127: "802.11 with radiotap header",
	163: "802.11 with AVS header", 187: "Bluetooth", 189: "USB", 195: "802.15.4", 201: "Bluetooth",
	220: "USB", 230: "802.15.4", 249: "USB", 253: "netlink", 283: "802.15.4",
}

// check returns an error that names the link type where its frames cannot be decoded.
func (l LinkType) check() error {
	switch l {
	case LinkNull, LinkEthernet, LinkRawBSD, LinkRawOpen, LinkRaw, LinkLoop, LinkLinuxSLL, LinkIPv4, LinkIPv6, LinkLinuxSLL2:
		return nil
	}
	name := linkNames[l]
	if name == "" {
		name = "unknown"
	}
	return fmt.Errorf("link type %d (%s) is not supported: record on an Ethernet interface or a bridge", l, name)
}

// ethernetLen is what "the whole frame" had in front of its network layer, for link types that replace it.
const ethernetLen = 14

// Linux cooked captures (LINKTYPE_LINUX_SLL and _SLL2).
const (
	sllLen        = 16
	sll2Len       = 20
	sllBroadcast  = 1
	arphrdNetlink = 824
)

var (
	errShort   = errors.New("frame is shorter than its link-layer header")
	errNetlink = errors.New("frame is a netlink message")
)

// Decode reads the frame into p, of which it sets every field; In and Out to 0.
func (f *Frame) Decode(p *packet.Packet) error {
	*p = packet.Packet{Time: f.Time}
	switch f.Link {
	case LinkEthernet:
		return p.DecodeEthernet(f.Data, f.Length)
	case LinkLinuxSLL:
		return f.decodeSLL(p)
	case LinkLinuxSLL2:
		return f.decodeSLL2(p)
	case LinkNull, LinkLoop:
		// An address family in the byte order and the numbering of the machine that recorded: the IP version
		// says the same and says it always alike.
		return f.decodeNetwork(p, 0, 4)
	}
	return f.decodeNetwork(p, 0, 0)
}

// decodeNetwork reads what stands behind a link-layer header of that length.
func (f *Frame) decodeNetwork(p *packet.Packet, etherType uint16, header int) error {
	if len(f.Data) < header {
		return errShort
	}
	return p.DecodeNetwork(etherType, f.Data[header:], f.Length-header)
}

// cooked is what both versions of Linux's replacement for a link-layer header say.
type cooked struct {
	hardware uint16 // ARPHRD_ number
	kind     uint8  // 1 for broadcast
	protocol uint16
	sender   []byte
}

func (f *Frame) decodeSLL(p *packet.Packet) error {
	b := f.Data
	if len(b) < sllLen {
		return errShort
	}
	return f.decodeCooked(p, sllLen, cooked{
		hardware: binary.BigEndian.Uint16(b[2:]),
		kind:     b[1],
		protocol: binary.BigEndian.Uint16(b[14:]),
		sender:   address(b[6:14], int(binary.BigEndian.Uint16(b[4:]))),
	})
}

func (f *Frame) decodeSLL2(p *packet.Packet) error {
	b := f.Data
	if len(b) < sll2Len {
		return errShort
	}
	return f.decodeCooked(p, sll2Len, cooked{
		hardware: binary.BigEndian.Uint16(b[8:]),
		kind:     b[10],
		protocol: binary.BigEndian.Uint16(b),
		sender:   address(b[12:20], int(b[11])),
	})
}

// address returns the first n bytes of b where they are a MAC, else nil.
func address(b []byte, n int) []byte {
	if n != len(packet.MAC{}) {
		return nil
	}
	return b[:n]
}

// decodeCooked reads the network layer. Such a file keeps the sender's MAC only; of the receiver it says
// whether that was everybody.
func (f *Frame) decodeCooked(p *packet.Packet, header int, c cooked) error {
	if c.hardware == arphrdNetlink {
		return errNetlink // its protocol field is no EtherType
	}
	copy(p.SrcMAC[:], c.sender)
	if c.kind == sllBroadcast {
		p.DstMAC = packet.Broadcast
	}
	err := f.decodeNetwork(p, c.protocol, header)
	if !p.IsIP() {
		p.Length += ethernetLen
	}
	return err
}
