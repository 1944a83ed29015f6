package nflog

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture/packet"
)

func TestEveryLoggedPacketIsDelivered(t *testing.T) {
	const want = 1000
	ns := logging(t, "snaplen 64 queue-threshold 20")
	s := mustOpen(t, ns, Config{Group: group})
	var got atomic.Int64
	stop := run(t, s, func(p *packet.Packet) {
		if p.Src != netip.MustParseAddr("127.0.0.1") || p.DstPort != 9 || p.Length != 328 || p.In == 0 ||
			len(p.Payload) != 64-28 || time.Since(p.Time).Abs() > time.Minute {
			t.Errorf("packet %+v: want loopback to port 9, 328 bytes long and cut to 64", p)
		}
		got.Add(1)
	})
	send(t, ns, want)
	eventually(t, "all packets", func() bool { return got.Load() == want })
	stop()
	if s.Lost() != 0 {
		t.Errorf("%d lost", s.Lost())
	}
	again := mustOpen(t, ns, Config{Group: group}) // the group was given back
	if err := errors.Join(again.Close(), again.Close()); err != nil {
		t.Errorf("close a source that never ran, twice: %v", err)
	}
}

func TestThePacketTellsItsSenderAndInterface(t *testing.T) {
	router, device := namespace(t, "router"), namespace(t, "device")
	mac := packet.MAC{2, 0, 0, 0, 0, 1}
	index := cable(t, router, device, mac)
	nft(t, router, rules("log group 42 queue-threshold 1"))
	s := mustOpen(t, router, Config{Group: group})
	gotC := make(chan packet.Packet, 10)
	stop := run(t, s, func(p *packet.Packet) {
		select {
		case gotC <- *p:
		default:
		}
	})
	defer stop()
	sendTo(t, device, "192.168.1.1:9", 1)
	select {
	case p := <-gotC:
		if p.SrcMAC != mac || p.In != index || p.Out != 0 || !p.DstMAC.IsZero() || p.Src != netip.MustParseAddr("192.168.1.2") {
			t.Errorf("packet %+v, want it from %s on interface %d", p, mac, index)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
}

func TestPacketsWithoutRoomAreCountedOneByOne(t *testing.T) {
	const flood = 20000
	ns := logging(t, "queue-threshold 1")
	s := mustOpen(t, ns, Config{Group: group, BufferSize: 32 << 10})
	var got atomic.Int64
	begunC, goOnC := make(chan struct{}), make(chan struct{})
	stop := run(t, s, func(*packet.Packet) {
		if got.Add(1) == 1 {
			close(begunC)
			<-goOnC // the reader is busy while the flood comes
		}
	})
	defer stop()
	send(t, ns, 1)
	<-begunC
	send(t, ns, flood)
	close(goOnC)
	sent := int64(1 + flood)
	eventually(t, "every packet to be delivered or counted", func() bool {
		if got.Load()+int64(s.Lost()) == sent {
			return true
		}
		send(t, ns, 1) // losses show when something arrives after them
		sent++
		return false
	})
	if s.Lost() == 0 || got.Load() < 10 {
		t.Errorf("%d delivered, %d lost: this was no test", got.Load(), s.Lost())
	}
}

// The log rules are there before we are, and what they log must not get in the way of binding.
func TestBindingUnderTraffic(t *testing.T) {
	ns := logging(t, "queue-threshold 1")
	ctx, cancel := context.WithCancel(t.Context())
	floodC := make(chan struct{})
	go func() {
		defer close(floodC)
		for ctx.Err() == nil {
			send(t, ns, 100)
		}
	}()
	defer func() { cancel(); <-floodC }()
	for range 50 {
		s := mustOpen(t, ns, Config{Group: group})
		var got atomic.Int64
		stop := run(t, s, func(*packet.Packet) { got.Add(1) })
		eventually(t, "a packet", func() bool { return got.Load() > 0 })
		stop()
	}
}

func TestTheReaderIsGoneAfterClose(t *testing.T) {
	ns := logging(t, "queue-threshold 1")
	for range 10 {
		if err := mustOpen(t, ns, Config{Group: group}).Close(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the library's goroutines to end", func() bool {
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "RegisterWithErrorFunc")
	})
}

func TestAFailingSocketEndsRun(t *testing.T) {
	ns := logging(t, "queue-threshold 1")
	s := mustOpen(t, ns, Config{Group: group})
	errC := make(chan error, 1)
	go func() { errC <- s.Run(t.Context(), func(*packet.Packet) {}) }()
	s.interrupt() // to the reader it is an error like any other, because nobody asked for the end
	select {
	case err := <-errC:
		if !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "nflog group 42") {
			t.Errorf("Run returned %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Run goes on")
	}
}

func TestASecondListenerIsToldSo(t *testing.T) {
	ns := logging(t, "")
	first := mustOpen(t, ns, Config{Group: group})
	defer first.Close()
	if _, err := open(t, ns, Config{Group: group}); !errors.Is(err, ErrBusy) {
		t.Errorf("the second listener got %v", err)
	}
	other := mustOpen(t, ns, Config{Group: group + 1})
	defer other.Close()
}

func TestWithoutPrivilege(t *testing.T) {
	ns := logging(t, "")
	err := ns.Do(func() error {
		restore := dropNetAdmin(t)
		defer restore()
		s, err := Open(Config{Group: group})
		if err == nil {
			s.Close()
		}
		return err
	})
	if !errors.Is(err, ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// dropNetAdmin takes CAP_NET_ADMIN from the calling thread until restore.
func dropNetAdmin(t *testing.T) (restore func()) {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var before [2]unix.CapUserData
	if err := unix.Capget(&header, &before[0]); err != nil {
		t.Fatal(err)
	}
	without := before
	without[0].Effective &^= 1 << unix.CAP_NET_ADMIN
	if err := unix.Capset(&header, &without[0]); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := unix.Capset(&header, &before[0]); err != nil {
			t.Error(err)
		}
	}
}

// Binding asks the kernel to unbind and bind a protocol family, which must not take the loggers of IPv4 and
// IPv6 from whoever has them.
func TestOtherUsersOfNflogKeepTheirs(t *testing.T) {
	ns := logging(t, "")
	read := func() (families string) {
		err := ns.Do(func() error {
			b, err := os.ReadFile("/proc/thread-self/net/netfilter/nf_log")
			_, families, _ = strings.Cut(string(b), "\n") // less family 0
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return families
	}
	before := read()
	s := mustOpen(t, ns, Config{Group: group})
	during := read()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if after := read(); during != before || after != before {
		t.Errorf("loggers before:\n%sduring:\n%safter:\n%s", before, during, after)
	}
}
