package nflog

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }

const group = 42

// logging is a namespace whose loopback packets to UDP port 9 are logged.
func logging(t *testing.T) *lab.NS {
	t.Helper()
	ns, err := lab.NewNS("nflog")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	cmd := ns.Command(t.Context(), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(
		"table inet t { chain c { type filter hook input priority 0; policy accept;\n udp dport 9 log group %d snaplen 64 queue-threshold 20\n }\n }", group))
	if _, err := ns.Run(cmd); err != nil {
		t.Fatal(err)
	}
	return ns
}

// open binds as the agent does: from inside its namespace.
func open(t *testing.T, ns *lab.NS) (s *Source, err error) {
	t.Helper()
	doErr := ns.Do(func() error {
		s, err = Open(Config{Group: group})
		return nil
	})
	if doErr != nil {
		t.Fatal(doErr)
	}
	return s, err
}

func send(t *testing.T, ns *lab.NS, n int) {
	t.Helper()
	err := ns.Do(func() error {
		conn, err := net.ListenUDP("udp4", nil) // not connected: refusals of the port that nobody has do not come back
		if err != nil {
			return err
		}
		defer conn.Close()
		for range n {
			if _, err := conn.WriteTo(make([]byte, 300), &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryLoggedPacketIsDelivered(t *testing.T) {
	ns := logging(t)
	s, err := open(t, ns)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	const want = 1000
	var got atomic.Int64
	sentC := make(chan struct{})
	var runErr error
	runC := make(chan struct{})
	go func() {
		defer close(runC)
		runErr = s.Run(ctx, func(p *packet.Packet) {
			if p.Src != netip.MustParseAddr("127.0.0.1") || p.DstPort != 9 || p.Length != 328 || p.In == 0 || len(p.Payload) != 64-28 {
				t.Errorf("packet %+v: want loopback to port 9, 328 bytes long and cut to 64", p)
			}
			if got.Add(1) == want {
				close(sentC)
			}
		})
	}()
	for !s.listening() {
		time.Sleep(time.Millisecond)
	}
	send(t, ns, want)
	select {
	case <-sentC:
	case <-ctx.Done():
		t.Errorf("%d of %d packets came, %d losses", got.Load(), want, s.Lost())
	}
	cancel()
	<-runC
	if runErr != nil {
		t.Errorf("cancelled, Run returned %v: want nil", runErr)
	}
	if again, err := open(t, ns); err != nil {
		t.Errorf("the group was not given back: %v", err)
	} else if err := again.Close(); err != nil {
		t.Errorf("closing a source that never ran: %v", err)
	}
}

// listening is true once packets are handed over.
func (s *Source) listening() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handle != nil
}

func TestASecondListenerIsToldThatItIsTheSecond(t *testing.T) {
	ns := logging(t)
	first, err := open(t, ns)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := open(t, ns)
	if err == nil {
		second.Close()
		t.Fatal("two listeners on one group")
	}
	if !strings.Contains(err.Error(), "another program") || strings.Contains(err.Error(), "root") {
		t.Errorf("the error is %q: want it to speak of the other program, not of privilege", err)
	}
}

func TestHolderReadsTheKernelsList(t *testing.T) {
	const list = "    5  12345     0 2 65535    100  1\n   42   4242     0 2 65535     10  1\n"
	for _, c := range []struct {
		group uint16
		port  uint64
		taken bool
	}{{5, 12345, true}, {42, 4242, true}, {4, 0, false}} {
		port, taken := holder(list, c.group)
		if port != c.port || taken != c.taken {
			t.Errorf("group %d is held by %d, %v; want %d, %v", c.group, port, taken, c.port, c.taken)
		}
	}
}
