package tap

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

const (
	// recorderBuffer is what the kernel keeps while nobody reads, in bytes as it accounts for frames: some thousand.
	recorderBuffer = 2 << 20
	// MaxSnapLen is the most that a Recorder takes of a frame.
	MaxSnapLen = 65535
)

// RecorderConfig says which frames a Recorder sees.
type RecorderConfig struct {
	MAC     packet.MAC // their sender or receiver
	Links   []int32    // kernel indexes of the bridges' ports, and of LAN interfaces that are no bridge: the first 200
	SnapLen int        // bytes of each, at most MaxSnapLen
}

// Recorder sees the frames that one device sends and gets, where they pass the router's ports: what a device that is
// cut off sends is seen there still, before any rule.
//
// It hears all links through one socket, whose filter takes what comes in from the device and what goes out to it. So a
// frame that the bridge passes from port to port is seen once, and nobody needs to know which port the device is at;
// only what the bridge floods to several ports, since it does not know either, is seen at each.
type Recorder struct {
	file *os.File
	conn syscall.RawConn
	// buf has room before the frame for the VLAN tag that the kernel takes out.
	buf    [tagLen + MaxSnapLen]byte
	beside [256]byte // control messages
	lost   drops
}

// OpenRecorder wants CAP_NET_RAW. Frames count from here on.
func OpenRecorder(c RecorderConfig) (*Recorder, error) {
	// Without a protocol the socket hears nothing until it is bound, and then has its filter.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if errors.Is(err, unix.EPERM) {
		return nil, errors.New("record frames: no permission: start as root, or give CAP_NET_RAW")
	}
	if err != nil {
		return nil, fmt.Errorf("record frames: %w", err)
	}
	r := &Recorder{file: os.NewFile(uintptr(fd), "recorder")}
	if err := prepare(fd, c); err != nil {
		return nil, errors.Join(fmt.Errorf("record frames: %w", err), r.file.Close())
	}
	if r.conn, err = r.file.SyscallConn(); err != nil {
		return nil, errors.Join(fmt.Errorf("record frames: %w", err), r.file.Close())
	}
	return r, nil
}

func prepare(fd int, c RecorderConfig) error {
	filter, err := recorderFilter(c)
	if err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program); err != nil {
		return fmt.Errorf("set its filter: %w", err)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, recorderBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, recorderBuffer) // with less more is lost, and counted
	}
	return errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_ALL)}),
	)
}

// Run hands frames to fn until ctx ends, which is no error, or fn or idle returns one. idle is called each time that there
// is no frame to hand over. A Frame's Data is reused. While fn takes its time the kernel keeps some frames and loses the
// others: see Lost. After Run the Recorder is closed.
func (r *Recorder) Run(ctx context.Context, fn func(*pcapfile.Frame) error, idle func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = r.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	f := pcapfile.Frame{Link: pcapfile.LinkEthernet}
	var err error
	for err == nil && ctx.Err() == nil {
		if err = r.next(&f, idle); err == nil {
			err = fn(&f)
		}
	}
	r.Lost() // which the kernel tells no more once it is closed
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, r.file.Close())
}

// next waits for one frame.
func (r *Recorder) next(f *pcapfile.Frame, idle func() error) error {
	var n, besideLen int
	var err error
	idled := false
	waitErr := r.conn.Read(func(fd uintptr) bool {
		n, besideLen, _, _, err = unix.Recvmsg(int(fd), r.buf[tagLen:], r.beside[:], 0)
		if !errors.Is(err, unix.EAGAIN) {
			return true
		}
		if idled {
			return false
		}
		idled = true
		err = idle()
		return err != nil
	})
	if err := errors.Join(waitErr, err); err != nil {
		return err
	}
	r.fill(f, n, r.beside[:besideLen])
	return nil
}

// Lost counts the frames that the kernel had no room for.
func (r *Recorder) Lost() uint64 { return r.lost.of(r.file) }

// Close gives the socket up where Run was never called.
func (r *Recorder) Close() error { return r.file.Close() }
