package tap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"

	"spinneret/capture/packet"
)

// Sender puts datagrams on a link by themselves, past the kernel's own rules for what it sends. Any goroutine may call it.
type Sender struct {
	mu sync.RWMutex
	fd int // -1: closed
}

// OpenSender opens a socket that receives nothing.
func OpenSender() (*Sender, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a socket to send frames (run as root or with CAP_NET_RAW): %w", err)
	}
	return &Sender{fd: fd}, nil
}

// Send sends what Datagram made to a station on the link with that index.
func (s *Sender) Send(datagram []byte, link int32, to packet.MAC) error {
	if len(datagram) == 0 {
		return errors.New("send a frame: it is empty")
	}
	etherType := uint16(packet.EtherTypeIPv4)
	if datagram[0]>>4 == 6 {
		etherType = packet.EtherTypeIPv6
	}
	sa := &unix.SockaddrLinklayer{Protocol: bigEndian(etherType), Ifindex: int(link), Halen: uint8(len(to))}
	copy(sa.Addr[:], to[:])
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := unix.Sendto(s.fd, datagram, 0, sa); err != nil {
		return fmt.Errorf("send a frame: %w", err)
	}
	return nil
}

// Close closes the socket. Who sends afterwards gets an error, and never another's socket under the same number.
func (s *Sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fd := s.fd
	s.fd = -1
	return unix.Close(fd)
}

const (
	hopLimit  = 64
	udpHeader = 8
)

// Datagram makes a whole UDP packet anew of what was seen of one. The sums in a packet that the router itself sends are not
// there yet when it is logged. It is nil for any other packet, and one that was not seen whole.
func Datagram(p *packet.Packet) []byte {
	v4 := p.EtherType == packet.EtherTypeIPv4
	header := 40
	if v4 {
		header = 20
	}
	length := udpHeader + len(p.Payload)
	if p.Proto != packet.ProtoUDP || p.Fragment || !p.IsIP() || int(p.Length) != header+length {
		return nil
	}
	b := make([]byte, header+length)
	if v4 {
		header4(b, p)
	} else {
		header6(b, p, length)
	}
	u := b[header:]
	binary.BigEndian.PutUint16(u, p.SrcPort)
	binary.BigEndian.PutUint16(u[2:], p.DstPort)
	binary.BigEndian.PutUint16(u[4:], uint16(length))
	copy(u[udpHeader:], p.Payload)
	check := ^sum(sum(pseudo(p.Src, p.Dst, length), u), nil)
	if check == 0 {
		check = 0xffff // RFC 768: 0 says that there is none
	}
	binary.BigEndian.PutUint16(u[6:], check)
	return b
}

// header4 writes RFC 791 section 3.1.
func header4(b []byte, p *packet.Packet) {
	const dontFragment = 0x40
	b[0], b[6], b[8], b[9] = 0x45, dontFragment, hopLimit, packet.ProtoUDP
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	src, dst := p.Src.As4(), p.Dst.As4()
	copy(b[12:], src[:])
	copy(b[16:], dst[:])
	binary.BigEndian.PutUint16(b[10:], ^sum(0, b[:20]))
}

// header6 writes RFC 8200 section 3.
func header6(b []byte, p *packet.Packet, length int) {
	b[0], b[6], b[7] = 0x60, packet.ProtoUDP, hopLimit
	binary.BigEndian.PutUint16(b[4:], uint16(length))
	src, dst := p.Src.As16(), p.Dst.As16()
	copy(b[8:], src[:])
	copy(b[24:], dst[:])
}

// pseudo sums what UDP's sum has of the IP header (RFC 768, RFC 8200 section 8.1).
func pseudo(src, dst netip.Addr, length int) uint16 {
	s := sum(sum(0, src.AsSlice()), dst.AsSlice())
	return sum(s, []byte{0, packet.ProtoUDP, byte(length >> 8), byte(length)})
}

// sum goes on with the ones' complement sum of RFC 1071.
func sum(before uint16, b []byte) uint16 {
	s := uint32(before)
	for ; len(b) >= 2; b = b[2:] {
		s += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
