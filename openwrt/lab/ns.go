package lab

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// NS is one network namespace without a name, alive as long as it is held here or something runs in it.
type NS struct {
	name string

	mu   sync.RWMutex // held while the descriptor is used, so that Close cannot free its number meanwhile
	file *os.File     // nil once closed

	spawner spawner
}

// NewNS makes an empty network namespace with its loopback up. The name is only for messages.
func NewNS(name string) (*NS, error) {
	n := &NS{name: name}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		f, err := openNS()
		if err != nil {
			return err
		}
		n.file = f
		return upLoopback()
	})
	if err != nil {
		return nil, fmt.Errorf("make namespace %q: %w", name, err)
	}
	return n, nil
}

// Name returns what NewNS was given.
func (n *NS) Name() string { return n.name }

// FD returns the descriptor of the namespace, for libraries that enter one themselves; -1 once closed.
func (n *NS) FD() int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.file == nil {
		return -1
	}
	return int(n.file.Fd())
}

// Do runs fn on a locked thread inside the namespace and returns its error. Sockets that fn opens belong to
// the namespace for ever; goroutines that it starts run outside. So dial and listen on IP literals only (the
// resolver is such a goroutine), and write zones as numbers: package net caches interface names for the
// whole process.
func (n *NS) Do(fn func() error) error {
	return onThread(func() error {
		if err := n.enter(); err != nil {
			return err
		}
		return fn()
	})
}

// Close ends what still runs in the namespace by Start and lets go of the namespace. It is safe to call twice.
func (n *NS) Close() error {
	n.spawner.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.file == nil {
		return nil
	}
	err := n.file.Close()
	n.file = nil
	return err
}

// enter moves the calling thread into the namespace.
func (n *NS) enter() error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.file == nil {
		return fmt.Errorf("enter namespace %q: %w", n.name, os.ErrClosed)
	}
	if err := setns(n.file); err != nil {
		return fmt.Errorf("enter namespace %q: %w", n.name, err)
	}
	return nil
}

// onThread runs fn with its goroutine locked to a thread, and takes the thread back to the namespace it came
// from, also when fn leaves by a panic or by testing's FailNow. Calls may be nested.
func onThread(fn func() error) error {
	runtime.LockOSThread()
	home, err := openNS()
	if err != nil {
		runtime.UnlockOSThread()
		return err
	}
	defer func() {
		// A thread that cannot go home stays locked, so that no other goroutine ever runs on it.
		if setns(home) == nil {
			runtime.UnlockOSThread()
		}
		home.Close()
	}()
	return fn()
}

// openNS opens the namespace of the calling thread.
func openNS() (*os.File, error) {
	return os.Open("/proc/thread-self/ns/net")
}

func setns(f *os.File) error {
	return unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
}

// upLoopback brings up lo in the namespace of the calling thread.
func upLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open socket: %w", err)
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		return fmt.Errorf("bring up lo: %w", err)
	}
	return nil
}
