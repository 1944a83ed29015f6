// Package tap sees frames beside nflog and conntrack: LLDP, the live frames of one device, and the headers of the recent past.
package tap

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	etherTypeLLDP = 0x88cc // IEEE 802.1AB section 8.3
	// perSecond bounds what a flood costs: a device says LLDP every 30 s.
	perSecond = 100
	buffer    = 64 << 10
	longest   = 1518
)

// LLDP delivers the LLDP frames of all interfaces (IEEE 802.1AB), once: after Run it is closed. A bridge keeps them from
// its chains and its own interface, so that each port is asked for them.
type LLDP struct {
	file  *os.File
	frame [longest]byte
	lost  drops
}

var _ capture.Source = (*LLDP)(nil)

// OpenLLDP wants CAP_NET_RAW.
func OpenLLDP() (*LLDP, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, int(bigEndian(etherTypeLLDP)))
	if errors.Is(err, unix.EPERM) {
		return nil, errors.New("listen for LLDP: no permission: start as root, or give CAP_NET_RAW")
	}
	if err != nil {
		return nil, fmt.Errorf("listen for LLDP: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, buffer); err != nil {
		return nil, errors.Join(fmt.Errorf("listen for LLDP: %w", err), unix.Close(fd))
	}
	return &LLDP{file: os.NewFile(uintptr(fd), "lldp")}, nil
}

// Run implements capture.Source.
func (l *LLDP) Run(ctx context.Context, fn func(*packet.Packet)) error {
	stop := context.AfterFunc(ctx, func() { _ = l.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	err := l.read(ctx, fn)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, l.file.Close())
}

// read hands on perSecond frames and then waits for the next second. What the kernel has no room for meanwhile is lost.
func (l *LLDP) read(ctx context.Context, fn func(*packet.Packet)) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	var p packet.Packet
	for {
		for range perSecond {
			if err := l.next(&p); err != nil {
				return fmt.Errorf("read LLDP: %w", err)
			}
			if !p.SrcMAC.IsZero() {
				fn(&p)
			}
		}
		select {
		case <-second.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// next waits for one frame.
func (l *LLDP) next(p *packet.Packet) error {
	conn, err := l.file.SyscallConn()
	if err != nil {
		return err
	}
	var n int
	var from unix.Sockaddr
	waitErr := conn.Read(func(fd uintptr) bool {
		n, from, err = unix.Recvfrom(int(fd), l.frame[:], unix.MSG_TRUNC)
		return !errors.Is(err, unix.EAGAIN)
	})
	if err := errors.Join(waitErr, err); err != nil {
		return err
	}
	*p = packet.Packet{Time: time.Now()}
	if link, ok := from.(*unix.SockaddrLinklayer); ok {
		p.In = int32(link.Ifindex)
	}
	_ = p.DecodeEthernet(l.frame[:min(n, len(l.frame))], n) // one cut off in its header has no sender
	return nil
}

// Lost counts the frames that the kernel had no room for.
func (l *LLDP) Lost() uint64 { return l.lost.of(l.file) }

// Close gives the socket up where Run was never called.
func (l *LLDP) Close() error { return l.file.Close() }

// bigEndian is a number as the network has it, in the machine's own order.
func bigEndian(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}
