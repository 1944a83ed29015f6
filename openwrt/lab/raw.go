package lab

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Raw sends and receives whole Ethernet frames on one interface, past the stack and its rules.
type Raw struct {
	file *os.File
}

// OpenRaw opens a packet socket on an interface of the namespace. It hears everything that passes there, also
// what is meant for others and what the stack itself sends; a read gives one frame.
func (n *NS) OpenRaw(ifname string) (*Raw, error) {
	r := &Raw{}
	err := n.Do(func() error {
		i, err := net.InterfaceByName(ifname)
		if err != nil {
			return err
		}
		fd, err := packetSocket(i.Index)
		if err != nil {
			return err
		}
		r.file = os.NewFile(uintptr(fd), "packet:"+ifname)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open %s in %q: %w", ifname, n.name, err)
	}
	return r, nil
}

// rawBuffer holds what comes while nobody reads.
const rawBuffer = 8 << 20

// packetSocket opens a packet socket that Go's poller can wait on. It has no protocol until it is bound, so
// that no frame of another interface is ever in it.
func packetSocket(index int) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return -1, fmt.Errorf("open packet socket: %w", err)
	}
	all := &unix.SockaddrLinklayer{Protocol: bigEndian16(unix.ETH_P_ALL), Ifindex: index}
	promiscuous := &unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.Bind(fd, all); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("bind packet socket: %w", err)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, rawBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, rawBuffer) // less is no failure, see Lost
	}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, promiscuous); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("listen to all frames: %w", err)
	}
	return fd, nil
}

// bigEndian16 returns the number that lies in memory as v does in network byte order.
func bigEndian16(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}

// Read reads one frame, cut to the buffer.
func (r *Raw) Read(frame []byte) (int, error) { return r.file.Read(frame) }

// Send sends one frame as it is.
func (r *Raw) Send(frame []byte) error {
	_, err := r.file.Write(frame)
	return err
}

// Lost returns how many frames found no room since it was last asked.
func (r *Raw) Lost() (lost int, err error) {
	conn, err := r.file.SyscallConn()
	if err != nil {
		return 0, err
	}
	controlErr := conn.Control(func(fd uintptr) {
		var stats *unix.TpacketStats
		if stats, err = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			lost = int(stats.Drops)
		}
	})
	if controlErr != nil {
		return 0, controlErr
	}
	return lost, err
}

// Close closes the socket and ends a Read that waits.
func (r *Raw) Close() error { return r.file.Close() }

// SendFrame sends one Ethernet frame from the device's cable, whatever it says.
func (d *Device) SendFrame(frame []byte) error {
	r, err := d.NS.OpenRaw(nic)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Send(frame)
}

// FrameCounter counts the frames on an interface that match.
type FrameCounter struct {
	raw  *Raw
	done sync.WaitGroup
	stop func() bool

	mu    sync.Mutex
	count int
}

// CountFrames starts to count the frames on an interface of the namespace that match, until Close or the end
// of ctx. match must not keep the frame, which is cut to 2 kB.
func (n *NS) CountFrames(ctx context.Context, ifname string, match func(frame []byte) bool) (*FrameCounter, error) {
	raw, err := n.OpenRaw(ifname)
	if err != nil {
		return nil, err
	}
	c := &FrameCounter{raw: raw}
	c.stop = context.AfterFunc(ctx, func() { raw.Close() })
	c.done.Go(func() { c.run(match) })
	return c, nil
}

func (c *FrameCounter) run(match func([]byte) bool) {
	for buf := make([]byte, maxDatagram); ; {
		n, err := c.raw.Read(buf)
		if err != nil {
			return
		}
		if match(buf[:n]) {
			c.mu.Lock()
			c.count++
			c.mu.Unlock()
		}
	}
}

// Count returns how many frames matched so far.
func (c *FrameCounter) Count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// Close ends the counting and returns the final count.
func (c *FrameCounter) Close() int {
	c.stop()
	c.raw.Close()
	c.done.Wait()
	return c.Count()
}
