package firewall

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

var broadcast = [6]byte{255, 255, 255, 255, 255, 255}

// ethernet makes a frame.
func ethernet(to, from [6]byte, typ uint16, payload ...[]byte) []byte {
	f := append(append([]byte{}, to[:]...), from[:]...)
	return append(binary.BigEndian.AppendUint16(f, typ), bytes.Join(payload, nil)...)
}

// tagged puts an 802.1Q tag into a frame.
func tagged(frame []byte, vlan uint16) []byte {
	tag := binary.BigEndian.AppendUint16([]byte{0x81, 0x00}, vlan)
	return bytes.Join([][]byte{frame[:12], tag, frame[12:]}, nil)
}

func arpPacket(op byte, sender [6]byte, senderIP netip.Addr, target [6]byte, targetIP netip.Addr) []byte {
	return bytes.Join([][]byte{{0, 1, 8, 0, 6, 4, 0, op}, sender[:], senderIP.AsSlice(), target[:], targetIP.AsSlice()}, nil)
}

// ipv4Packet makes a packet with the given flags and fragment offset (RFC 791).
func ipv4Packet(protocol byte, from, to netip.Addr, fragment uint16, payload []byte) []byte {
	h := make([]byte, 12, 20+len(payload))
	h[0], h[8], h[9] = 0x45, 64, protocol
	binary.BigEndian.PutUint16(h[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(h[6:], fragment)
	h = append(append(h, from.AsSlice()...), to.AsSlice()...)
	binary.BigEndian.PutUint16(h[10:], checksum(h))
	return append(h, payload...)
}

// udpDatagram has no checksum, as IPv4 allows (RFC 768).
func udpDatagram(from, to uint16, payload []byte) []byte {
	h := make([]byte, 8, 8+len(payload))
	binary.BigEndian.PutUint16(h, from)
	binary.BigEndian.PutUint16(h[2:], to)
	binary.BigEndian.PutUint16(h[4:], uint16(8+len(payload)))
	return append(h, payload...)
}

// icmpv6Packet makes an IPv6 packet with an ICMPv6 message in it (RFC 4443), hop limit 255.
func icmpv6Packet(typ byte, from, to netip.Addr, body []byte) []byte {
	message := append([]byte{typ, 0, 0, 0}, body...)
	pseudo := append(append([]byte{}, from.AsSlice()...), to.AsSlice()...)
	pseudo = append(binary.BigEndian.AppendUint32(pseudo, uint32(len(message))), 0, 0, 0, 58)
	binary.BigEndian.PutUint16(message[2:], checksum(append(pseudo, message...)))
	h := []byte{0x60, 0, 0, 0, 0, 0, 58, 255}
	binary.BigEndian.PutUint16(h[4:], uint16(len(message)))
	return bytes.Join([][]byte{h, from.AsSlice(), to.AsSlice(), message}, nil)
}

func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(b[i]) << 8
		if i+1 < len(b) {
			sum += uint32(b[i+1])
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// wire is an AF_PACKET socket on one interface: it sends frames as they are, and keeps those that come in.
type wire struct {
	file *os.File

	mu     sync.Mutex
	frames [][]byte
}

func openWire(t *testing.T, ns *lab.NS, ifname string) *wire {
	t.Helper()
	w := &wire{}
	err := ns.Do(func() error {
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		w.file = os.NewFile(uintptr(fd), ifname)
		i, err := net.InterfaceByName(ifname)
		if err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index})
	})
	if err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(w.read)
	t.Cleanup(func() {
		w.file.Close()
		reading.Wait()
	})
	return w
}

// all is ETH_P_ALL in network byte order.
const all = unix.ETH_P_ALL<<8&0xff00 | unix.ETH_P_ALL>>8

func (w *wire) read() {
	buf := make([]byte, 2048)
	for {
		n, err := w.file.Read(buf)
		if err != nil {
			return
		}
		w.mu.Lock()
		w.frames = append(w.frames, bytes.Clone(buf[:n]))
		w.mu.Unlock()
	}
}

func (w *wire) send(t *testing.T, frame []byte) {
	t.Helper()
	if len(frame) < 60 {
		frame = append(bytes.Clone(frame), make([]byte, 60-len(frame))...)
	}
	if _, err := w.file.Write(frame); err != nil {
		t.Fatal(err)
	}
}

// seen counts the frames from a MAC that hold mark.
func (w *wire) seen(from [6]byte, mark []byte) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, f := range w.frames {
		if bytes.Equal(f[6:12], from[:]) && bytes.Contains(f, mark) {
			n++
		}
	}
	return n
}
