// Package nflog is a capture.Source of the packets that the kernel's log statement hands to one nflog group.
package nflog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/florianl/go-nflog/v2"
	"github.com/mdlayher/netlink"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const (
	// flushAfter is how long the kernel may keep packets back to send several at once, in its unit of 10 ms. Its
	// default of a second would show on the page.
	flushAfter = 10
	wholeFrame = 0xffff // the log rules say how much of a packet they want
	readBuffer = 1 << 20
)

// Config says what to listen to.
type Config struct {
	Group uint16
	NetNS int // descriptor of a network namespace, 0 for the current one
	Log   *slog.Logger
}

// Source delivers the packets of one group. It implements capture.Source.
type Source struct {
	nf     *nflog.Nflog
	cancel context.CancelFunc
	lost   atomic.Uint64
	failed chan error

	mu     sync.Mutex // over what the library's goroutine calls: nothing after Close
	handle func(*packet.Packet)
	packet packet.Packet
}

var _ capture.Source = (*Source)(nil)

// Open binds to the group. The error says what to do: to be root, to load the kernel's module, or to stop the program
// that listens already.
func Open(c Config) (*Source, error) {
	nf, err := nflog.Open(&nflog.Config{
		Group: c.Group, NetNS: c.NetNS, Copymode: nflog.CopyPacket, Bufsize: wholeFrame, Timeout: flushAfter,
	})
	if err != nil {
		return nil, explain(c, err)
	}
	// ENOBUFS stays on: it is how the kernel says that packets were lost.
	if err := nf.Con.SetReadBuffer(readBuffer); err != nil && c.Log != nil {
		c.Log.Warn("enlarge the nflog buffer", "err", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Source{nf: nf, cancel: cancel, failed: make(chan error, 1)}
	if err := nf.RegisterWithErrorFunc(ctx, s.received, s.broken); err != nil {
		cancel()
		return nil, errors.Join(explain(c, err), nf.Con.Close())
	}
	return s, nil
}

// Run implements capture.Source. Packets that came before it was called are not kept. It closes the source.
func (s *Source) Run(ctx context.Context, fn func(*packet.Packet)) error {
	s.mu.Lock()
	s.handle = fn
	s.mu.Unlock()
	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
		err = fmt.Errorf("read nflog: %w", err)
	}
	return errors.Join(err, s.Close())
}

// Close stops listening; no packet is handed over once it returned.
func (s *Source) Close() error {
	s.mu.Lock()
	s.handle = nil
	s.mu.Unlock()
	s.cancel() // the library's Close waits for this
	if err := s.nf.Close(); err != nil && !errors.Is(err, syscall.EBADF) {
		return fmt.Errorf("close nflog: %w", err)
	}
	return nil
}

// Lost counts the times that the kernel had to drop what it could not hand over.
func (s *Source) Lost() uint64 { return s.lost.Load() }

func (s *Source) broken(err error) (stop int) {
	var op *netlink.OpError
	if errors.As(err, &op) && errors.Is(op.Err, syscall.ENOBUFS) {
		s.lost.Add(1)
		return 0
	}
	select {
	case s.failed <- err:
	default:
	}
	return 1
}

// received turns one log message into a packet. A packet that cannot be decoded is handed on with what is known.
func (s *Source) received(a nflog.Attribute) (stop int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handle == nil || a.Payload == nil {
		return 0
	}
	p := &s.packet
	*p = packet.Packet{Time: stamp(a), In: index(a.InDev), Out: index(a.OutDev)}
	if a.HwAddr != nil && len(*a.HwAddr) == len(p.SrcMAC) {
		p.SrcMAC = packet.MAC(*a.HwAddr)
	}
	if p.DecodeIP(*a.Payload) != nil && !p.IsIP() {
		return 0
	}
	s.handle(p)
	return 0
}

// stamp is the kernel's time of the packet, where it has taken one.
func stamp(a nflog.Attribute) time.Time {
	if a.Timestamp != nil {
		return *a.Timestamp
	}
	return time.Now()
}

func index(i *uint32) int32 {
	if i == nil {
		return 0
	}
	return int32(*i)
}
