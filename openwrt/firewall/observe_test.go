package firewall

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"

	"github.com/florianl/go-nflog/v2"

	"spinneret/openwrt/lab"
)

// logbook keeps what one nflog group delivered.
type logbook struct {
	mu      sync.Mutex
	packets [][]byte
}

func listen(t *testing.T, ns *lab.NS, group uint16) *logbook {
	t.Helper()
	b := &logbook{}
	hear(t, ns, group, func(a nflog.Attribute) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.packets = append(b.packets, bytes.Clone(*a.Payload))
	})
	return b
}

// hear calls fn for all that the kernel logs to a group, until the test ends.
func hear(t *testing.T, ns *lab.NS, group uint16, fn func(nflog.Attribute)) {
	t.Helper()
	n, err := nflog.Open(&nflog.Config{Group: group, Copymode: nflog.CopyPacket, Bufsize: 0xffff, Timeout: 2, NetNS: ns.FD()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = n.RegisterWithErrorFunc(ctx, func(a nflog.Attribute) int {
		fn(a)
		return 0
	}, func(error) int { return 0 })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		n.Close()
	})
}

// with returns the UDP packets that hold mark; answers of ICMP quote what they are about.
func (b *logbook) with(mark string) [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out [][]byte
	for _, p := range b.packets {
		if udp := p[0]>>4 == 4 && p[9] == 17 || p[0]>>4 == 6 && p[6] == 17; udp && bytes.Contains(p, []byte(mark)) {
			out = append(out, p)
		}
	}
	return out
}

func TestEachPacketIsLoggedOnce(t *testing.T) {
	for _, bridged := range []bool{false, true} {
		t.Run(fmt.Sprintf("bridge-nf-call-iptables %v", bridged), func(t *testing.T) {
			h := startHouse(t, lab.Options{BridgeNF: bridged})
			apply(t, h.firewall, h.state())
			packets, names := listen(t, h.Router(), logged.Group), listen(t, h.Router(), logged.DNSGroup)

			once := []string{"out of the home", "into the home", "to the router", "from the router", "to everybody"}
			say := func(from *lab.NS, mark string, to netip.AddrPort) { datagram(t, from, to, mark) }
			say(h.laptop.NS, once[0], port(h.server4, 9000))
			say(h.Internet(), once[1], port(h.laptop.IPv6(), 500)) // fw4 lets IKE in
			say(h.laptop.NS, once[2], port(h.router4, 9000))
			say(h.Router(), once[3], port(h.laptop.IPv4(), 9000))
			say(h.laptop.NS, once[4], port(netip.MustParseAddr("192.168.1.255"), 9000))
			say(h.laptop.NS, "between neighbours", port(h.tv.IPv4(), 9000))
			for _, mark := range append(once, "question") {
				if mark == "question" {
					say(h.laptop.NS, mark, port(h.server4, 53))
					eventually(t, "a DNS question is logged", func() bool { return len(names.with(mark)) > 0 })
					continue
				}
				eventually(t, mark+" is logged", func() bool { return len(packets.with(mark)) > 0 })
			}

			wantBetween := 0
			if bridged {
				wantBetween = 1
			}
			for mark, want := range map[string]int{
				once[0]: 1, once[1]: 1, once[2]: 1, once[3]: 1, once[4]: 1, "between neighbours": wantBetween, "question": 0,
			} {
				if got := len(packets.with(mark)); got != want {
					t.Errorf("%q was logged %d times, want %d", mark, got, want)
				}
			}
			if got := len(names.with("question")); got != 1 {
				t.Errorf("a DNS question was logged %d times", got)
			}
		})
	}
}

func TestNamesAreLoggedWholeAndPacketsCut(t *testing.T) {
	h := startHouse(t, lab.Options{})
	apply(t, h.firewall, h.state())
	packets, names := listen(t, h.Router(), logged.Group), listen(t, h.Router(), logged.DNSGroup)
	const long = 4096 // in three pieces
	for _, at := range []struct {
		book *logbook
		to   netip.AddrPort
		want int
	}{
		{names, port(h.server4, 53), 20 + 8 + long},
		{packets, port(h.server4, 9000), packetSnaplen},
	} {
		mark := at.to.String()
		datagram(t, h.laptop.NS, at.to, mark+string(make([]byte, long-len(mark))))
		eventually(t, "it is logged", func() bool { return len(at.book.with(mark)) > 0 })
		if got := len(at.book.with(mark)[0]); got != at.want {
			t.Errorf("of a packet to %v %d bytes were logged, want %d", at.to, got, at.want)
		}
	}
	if _, err := h.laptop.Lookup(t.Context(), "A", "somebody.example.net"); err != nil {
		t.Error(err)
	}
	eventually(t, "question and answer of the router's resolver are logged", func() bool {
		return len(names.with("\x08somebody\x07example\x03net")) >= 2
	})
	if !renewed(t, h.laptop) {
		t.Error("no lease")
	}
	eventually(t, "DHCP is logged", func() bool { return len(names.with("\x63\x82\x53\x63")) >= 4 }) // RFC 2131's cookie
}

func TestWhatTheRateLimitSkipsIsCounted(t *testing.T) {
	h := startHouse(t, lab.Options{})
	state := h.state()
	state.Log.Rate = 10
	apply(t, h.firewall, state)
	packets := listen(t, h.Router(), logged.Group)
	const sent, bytes = 100, 20 + 8 + len("flood 00")
	logged := func() int { return len(packets.with("flood")) }
	for i := range sent {
		datagram(t, h.laptop.NS, port(h.server4, 9000), fmt.Sprintf("flood %02d", i))
	}
	eventually(t, "each is logged or counted", func() bool {
		return uint64(logged())+h.counters(t).Packets.Packets >= sent
	})
	skipped := h.counters(t).Packets
	if skipped.Packets < sent/2 || skipped.Bytes < skipped.Packets*uint64(bytes) {
		t.Errorf("skipped %+v of %d", skipped, sent)
	}

	state.Log.Rate = 20 // new rules, new counters in the kernel
	apply(t, h.firewall, state)
	if again := h.counters(t).Packets; again.Packets < skipped.Packets {
		t.Errorf("after other rules came only %+v of %+v were left", again, skipped)
	}
}

// datagram sends text in one UDP packet.
func datagram(t *testing.T, from *lab.NS, to netip.AddrPort, text string) {
	t.Helper()
	c, err := from.Dial(t.Context(), "udp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// The kernel refuses a datagram while it makes up its mind about a new address of IPv6.
	eventually(t, fmt.Sprintf("a datagram leaves for %v", to), func() bool {
		_, err := c.Write([]byte(text))
		return err == nil
	})
}
