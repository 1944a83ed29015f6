package conntrack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// bell rings once for what comes to a socket, and not again before somebody waits again. It stands between the socket
// and Go's runtime, which would be woken for each event of a flood, whether anybody waits or not.
type bell struct {
	socket int
	epoll  int      // holds the socket alone
	file   *os.File // the same, which the runtime watches
	stop   func() bool
}

// newBell returns a bell whose wait fails once ctx ends. The socket must stay open until its close.
func newBell(ctx context.Context, socket int) (*bell, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make a bell: %w", err)
	}
	err = unix.SetNonblock(epoll, true) // or the runtime would not watch it
	b := &bell{socket: socket, epoll: epoll, file: os.NewFile(uintptr(epoll), "bell of ctnetlink")}
	if err = errors.Join(err, b.arm(unix.EPOLL_CTL_ADD, 0)); err != nil {
		b.file.Close()
		return nil, fmt.Errorf("make a bell: %w", err)
	}
	// It fails once the file is closed, and then nobody waits.
	b.stop = context.AfterFunc(ctx, func() { _ = b.file.SetDeadline(time.Unix(1, 0)) })
	return b, nil
}

func (b *bell) arm(operation int, events uint32) error {
	return unix.EpollCtl(b.epoll, operation, b.socket, &unix.EpollEvent{Events: events | unix.EPOLLONESHOT})
}

// wait returns once something is there to be read, which may be at once.
func (b *bell) wait() error {
	if err := b.arm(unix.EPOLL_CTL_MOD, unix.EPOLLIN); err != nil {
		return err
	}
	raw, err := b.file.SyscallConn()
	if err != nil {
		return err
	}
	var rung [1]unix.EpollEvent
	return raw.Read(func(fd uintptr) bool {
		n, err := unix.EpollWait(int(fd), rung[:], 0)
		return n > 0 || err != nil
	})
}

func (b *bell) close() {
	b.stop()
	b.file.Close()
}
