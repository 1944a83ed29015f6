package conntrack

import (
	"context"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is a netlink socket to the connection tracking of the network namespace in which it was opened.
type socket struct {
	file *os.File
	fd   int  // the same, for whoever closes it
	pace pace // of who reads events from it
}

// dial opens a socket that hears the multicast group too, none if zero. The kernel alone is its peer: a
// connected netlink socket takes no message that another process sends to it. Go's runtime does not watch a socket
// that hears a group: see bell.
func dial(group uint) (*socket, error) {
	kind, groups := unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, uint32(0)
	if group > 0 {
		kind, groups = unix.SOCK_RAW|unix.SOCK_CLOEXEC, 1<<(group-1) // one that may block is not watched
	}
	fd, err := unix.Socket(unix.AF_NETLINK, kind, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, advise(fmt.Errorf("open netlink socket: %w", err))
	}
	s := &socket{file: os.NewFile(uintptr(fd), "ctnetlink"), fd: fd, pace: pace{hurryC: make(chan struct{}, 1)}}
	if err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err == nil {
		err = unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK})
	}
	if err != nil {
		s.file.Close()
		return nil, advise(fmt.Errorf("bind netlink socket: %w", err))
	}
	return s, nil
}

func (s *socket) close() { s.file.Close() }

// bind makes reads fail when ctx ends or the limit passes; stop gives back what it took.
func (s *socket) bind(ctx context.Context, limit time.Duration) (stop func() bool, err error) {
	if err := s.file.SetDeadline(time.Now().Add(limit)); err != nil {
		return nil, fmt.Errorf("set deadline of netlink socket: %w", err)
	}
	// It fails once the socket is closed, and then nobody reads.
	return context.AfterFunc(ctx, func() { _ = s.file.SetDeadline(time.Unix(1, 0)) }), nil
}

// control runs fn with the descriptor, which is kept open meanwhile.
func (s *socket) control(fn func(fd int) error) error {
	raw, err := s.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = fn(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// setReceiveBuffer asks for room for bytes of messages that wait, beyond net.core.rmem_max where that is allowed.
func (s *socket) setReceiveBuffer(bytes int) error {
	return s.control(func(fd int) error {
		err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes)
		if err == unix.EPERM { // no CAP_NET_ADMIN in the machine's own user namespace
			err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
		}
		return err
	})
}

// drops returns how many messages found the receive buffer full. ENOBUFS alone says only that some did. The
// kernel knows since Linux 4.12; before that the overruns have to do.
func (s *socket) drops() uint64 { return uint64(s.memory()[unix.SK_MEMINFO_DROPS]) }

// waiting returns how many bytes of the receive buffer are in use.
func (s *socket) waiting() uint64 { return uint64(s.memory()[unix.SK_MEMINFO_RMEM_ALLOC]) }

// memory returns what the kernel says of the socket's memory, zeros where it says nothing.
func (s *socket) memory() (info [unix.SK_MEMINFO_VARS]uint32) {
	size := uint32(unsafe.Sizeof(info))
	_ = s.control(func(fd int) error {
		_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		if errno != 0 {
			return errno
		}
		return nil
	})
	return info
}
