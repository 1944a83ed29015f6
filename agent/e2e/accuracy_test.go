package e2e

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// volume is what went from a device and to it, in IP bytes.
type volume struct{ tx, rx uint64 }

// near allows one part in a thousand.
func (v volume) near(want volume) bool {
	off := func(a, b uint64) bool { return max(a, b)-min(a, b) > b/1000 }
	return want.tx > 0 && want.rx > 0 && !off(v.tx, want.tx) && !off(v.rx, want.rx)
}

// farSide adds up what passes on the provider's cable, by the port of the internet's end.
type farSide struct {
	mu     sync.Mutex
	passed map[uint16]volume
}

func (s *farSide) see(frame []byte) bool {
	var p packet.Packet
	if p.DecodeEthernet(frame, len(frame)) != nil || !p.IsIP() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, from := s.passed[p.DstPort], s.passed[p.SrcPort]
	to.tx += uint64(p.Length)
	from.rx += uint64(p.Length)
	s.passed[p.DstPort], s.passed[p.SrcPort] = to, from
	return true
}

func (s *farSide) of(port uint16) volume {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passed[port]
}

// TestLongFlowsAgreeWithTheFarSide, as the API tells them, and who else reads the kernel's counters finds them unharmed.
func TestLongFlowsAgreeWithTheFarSide(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	far := &farSide{passed: map[uint16]volume{}}
	frames, err := home.Internet().CountFrames(t.Context(), "home0", far.see)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { frames.Close() })
	talks := map[uint16]*lab.Device{}
	var counters []*lab.Counter
	for i, network := range []string{"udp4", "tcp4", "udp6", "tcp6"} {
		addr := "198.51.100.99"
		if network[3] == '6' {
			addr = "2001:db8:199::99"
		}
		port, d := uint16(701+i), home.Devices()[i]
		c, err := lab.StartCounter(t.Context(), lab.Path{
			From: d.NS, To: home.Internet(), Network: network[:3], Addr: netip.AddrPortFrom(netip.MustParseAddr(addr), port),
			Every: 2 * time.Millisecond, Size: 1000,
		})
		if err != nil {
			t.Fatal(err)
		}
		talks[port], counters = d, append(counters, c)
	}
	for i, c := range counters {
		a.eventually(fmt.Sprintf("counter %d has 1000 packets back", i), func() bool { return c.Returned() >= 1000 })
		c.Stop()
	}
	for port, d := range talks {
		got := volume{}
		if !within(patience, func() bool { got = a.volumeTo(d, port); return got.near(far.of(port)) }) {
			t.Errorf("port %d: the agent says %+v of %s, the far side saw %+v", port, got, d.Name, far.of(port))
		}
		if got := listed(t, home, port); !got.near(far.of(port)) {
			t.Errorf("port %d: conntrack -L says %+v, the far side saw %+v", port, got, far.of(port))
		}
	}
}

// volumeTo is what the API tells of a device's flows to a port.
func (a *agent) volumeTo(d *lab.Device, port uint16) (v volume) {
	a.t.Helper()
	for _, f := range a.flows(d) {
		if f.RemotePort != nil && *f.RemotePort == port {
			v.tx += f.TxBytes
			v.rx += f.RxBytes
		}
	}
	return v
}

// countedBytes are the two counters in a line of conntrack: of who began, and of the answers.
var countedBytes = regexp.MustCompile(`bytes=(\d+) .*bytes=(\d+) `)

// listed is what conntrack -L tells of connections to a port.
func listed(t *testing.T, home *lab.Home, port uint16) (v volume) {
	t.Helper()
	for _, family := range []string{"ipv4", "ipv6"} {
		cmd := home.Router().Command(context.Background(), "conntrack", "-L", "-f", family)
		out, err := home.Router().Run(cmd)
		if err != nil {
			t.Fatal(err)
		}
		ours := regexp.MustCompile(`(?m)^.* dport=` + strconv.Itoa(int(port)) + ` .*$`)
		for _, line := range ours.FindAllString(string(out), -1) {
			if m := countedBytes.FindStringSubmatch(line); m != nil {
				tx, _ := strconv.ParseUint(m[1], 10, 64) // digits, as the expression says
				rx, _ := strconv.ParseUint(m[2], 10, 64)
				v.tx += tx
				v.rx += rx
			}
		}
	}
	return v
}
