// Package nflog is a capture.Source of the packets that the kernel's log statement hands to one nflog group.
package nflog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/florianl/go-nflog/v2"
	"github.com/mdlayher/netlink"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// What Config has where it says nothing.
const (
	wholePacket   = 0xffff  // the log rules say how much of a packet they want
	defaultBuffer = 1 << 20 // 1,500 packets of 256 bytes, as the kernel accounts for them
	// defaultTimeout is how long the kernel may keep packets back to send several at once. Its own default of a
	// second would show on the page.
	defaultTimeout = 100 * time.Millisecond
)

// Config says what to listen to.
type Config struct {
	Group      uint16
	SnapLen    uint32        // bytes of each packet, 0 for as many as the log rule gives
	BufferSize int           // of the socket, in bytes; 0 for 1 MB
	Timeout    time.Duration // longest that the kernel may collect packets, 0 for 100 ms
	Frames     bool          // the group is of the bridge family: what it logs may be any frame, and is told with both MACs
	NetNS      int           // descriptor of a network namespace, 0 for the current one
	Log        *slog.Logger  // nil for none
}

func (c *Config) setDefaults() {
	if c.SnapLen == 0 {
		c.SnapLen = wholePacket
	}
	if c.BufferSize == 0 {
		c.BufferSize = defaultBuffer
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Source delivers the packets of one group, once: after Run it is closed.
type Source struct {
	group   uint16
	nf      *nflog.Nflog
	release context.CancelFunc // of what the library waits for in Close
	doneC   chan struct{}      // closed when the library's reader ends
	failC   chan error

	frames  bool
	read    func(*packet.Packet, *nflog.Attribute) bool
	handle  atomic.Pointer[func(*packet.Packet)]
	closing atomic.Bool
	close   func() error

	packet packet.Packet // reused; the reader's alone
	seq    sequence
	bad    atomic.Uint64
}

var _ capture.Source = (*Source)(nil)

// Open binds to the group. Packets count from Run on. The error says what to do: be root, load the kernel's
// module, or stop the program that listens already.
func Open(c Config) (*Source, error) {
	c.setDefaults()
	s := &Source{group: c.Group, frames: c.Frames, read: readPacket, doneC: make(chan struct{}), failC: make(chan error, 1)}
	if c.Frames {
		s.read = readFrame
	}
	s.close = sync.OnceValue(s.end)
	nf, err := nflog.Open(&nflog.Config{
		Group: c.Group, NetNS: c.NetNS, Copymode: nflog.CopyPacket, Bufsize: c.SnapLen, Flags: nflog.FlagSeq,
		Timeout: uint32(max(c.Timeout/(10*time.Millisecond), 1)), Logger: ending{s.doneC},
	})
	if err != nil {
		return nil, fmt.Errorf("open a socket for nflog group %d: %w", c.Group, explainSocket(err))
	}
	s.nf = nf
	if err := s.bind(c); err != nil {
		return nil, errors.Join(fmt.Errorf("listen to nflog group %d: %w", c.Group, err), nf.Con.Close())
	}
	return s, nil
}

func (s *Source) bind(c Config) error {
	if err := probe(s.nf.Con, c.Group); err != nil {
		return err
	}
	if err := s.nf.Con.SetReadBuffer(c.BufferSize); err != nil {
		c.Log.Warn("could not enlarge the nflog buffer", "group", c.Group, "err", err)
	}
	// Losses are counted by sequence numbers, to the packet. Without this option the kernel would also refuse
	// everything from the first loss until the socket is drained.
	if err := s.nf.Con.SetOption(netlink.NoENOBUFS, true); err != nil {
		return err
	}
	if err := s.nf.Con.SetBPF(answersOnly); err != nil {
		return err
	}
	ctx, release := context.WithCancel(context.Background())
	if err := s.nf.RegisterWithErrorFunc(ctx, s.received, s.broken); err != nil {
		release()
		return err
	}
	s.release = release
	return nil
}

// Run implements capture.Source.
func (s *Source) Run(ctx context.Context, fn func(*packet.Packet)) error {
	if err := s.nf.Con.RemoveBPF(); err != nil {
		return errors.Join(fmt.Errorf("begin to read nflog group %d: %w", s.group, err), s.Close())
	}
	s.handle.Store(&fn)
	var err error
	select {
	case <-ctx.Done():
	case cause := <-s.failC:
		err = fmt.Errorf("read nflog group %d: %w", s.group, cause)
	}
	return errors.Join(err, s.Close())
}

// Close stops listening. Once it has returned no packet is handed over. It may be called again.
func (s *Source) Close() error { return s.close() }

// end waits for the library's reader, which the library itself does not: its Close waits for another goroutine,
// and that one only for the context. So the reader is ended first, by a deadline in the past.
func (s *Source) end() error {
	s.closing.Store(true)
	s.interrupt()
	<-s.doneC
	s.release()
	if err := s.nf.Close(); err != nil {
		return fmt.Errorf("close nflog group %d: %w", s.group, err)
	}
	return nil
}

// interrupt makes every read from the socket fail from now on. It fails only on a closed one, where they do anyway.
func (s *Source) interrupt() { _ = s.nf.Con.SetReadDeadline(time.Unix(1, 0)) }

// broken is told why the reader could not read. It always ends it, and not before the deadline is set: see ending.
func (s *Source) broken(err error) (stop int) {
	if !s.closing.Load() {
		s.failC <- err // room for one, and there is only one
	}
	s.interrupt()
	return 1
}

// ending is the library's logger. The one error that is logged is that the reader could not unbind, as its last
// act; and it never can, because of the deadline that ended it. Closing the socket unbinds.
type ending struct{ doneC chan struct{} }

func (e ending) Errorf(string, ...any) { close(e.doneC) }

func (ending) Debugf(string, ...any) {}

// Losses tells what did not arrive: packets that the kernel had no room for, and what could not be read.
func (s *Source) Losses() []capture.Loss {
	return []capture.Loss{
		{Where: fmt.Sprintf("nflog group %d", s.group), Lost: s.Lost()},
		{Where: fmt.Sprintf("nflog group %d, not readable", s.group), Lost: s.bad.Load()},
	}
}

// Lost counts the packets that were logged and not delivered. What was lost shows when the next one arrives.
func (s *Source) Lost() uint64 { return s.seq.lost.Load() }
