package account

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/nflog"
	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

const group = 17

// firstPackets logs what the agent's rules do: the first packet of each connection.
const firstPackets = `table inet watch {
	chain observe {
		ct original packets < 2 log group 17 snaplen 128 queue-threshold 32
	}
	chain forward {
		type filter hook forward priority filter - 1; policy accept;
		iifname "br-lan" goto observe
		oifname "br-lan" goto observe
	}
	chain input {
		type filter hook input priority filter - 1; policy accept;
		iifname "br-lan" goto observe
	}
}
`

// scene is a home whose router counts into a table.
type scene struct {
	home       *lab.Home
	table      *capture.Table
	accountant *Accountant

	mu      sync.Mutex
	reports []Report
}

func newScene(t *testing.T, devices int) *scene {
	t.Helper()
	var specs []lab.Spec
	for i := range devices + 1 { // the last is for waitForEars
		specs = append(specs, lab.Spec{Name: string(rune('a' + i))})
	}
	home, err := lab.Start(t.Context(), lab.Options{Devices: specs, Idle: true, Wire: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &scene{home: home, table: capture.NewTable(capture.Limits{Flows: 16384, Devices: 64})}
	s.table.SetHome(s.ground(t))
	s.table.KeepFinished(20000)
	s.accountant = New(s.table, Config{Enter: home.Router().Do, Report: s.report, ReceiveBuffer: 16 << 20})
	s.run(t, home.Router(), firstPackets, "nft", "-f", "-")
	return s
}

// start counts until the test ends, and returns once ends of connections are heard.
func (s *scene) start(t *testing.T) {
	t.Helper()
	s.begin(t)
	s.waitForEars(t)
}

// begin counts until the test ends, and returns after the first dump.
func (s *scene) begin(t *testing.T) {
	t.Helper()
	packets, err := nflog.Open(nflog.Config{Group: group, NetNS: s.home.Router().FD(), BufferSize: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var tasks sync.WaitGroup
	tasks.Go(func() {
		if err := capture.Run(ctx, packets, s.table); err != nil {
			t.Error(err)
		}
	})
	tasks.Go(func() {
		if err := s.accountant.Run(ctx); err != nil {
			t.Errorf("the accountant ended with %v, want nil", err)
		}
	})
	t.Cleanup(func() { cancel(); tasks.Wait() })
	eventually(t, "the first dump is read", func() bool { return s.accountant.Dumps() > 0 })
}

// waitForEars makes connections and ends them until one is heard of.
func (s *scene) waitForEars(t *testing.T) {
	t.Helper()
	eventually(t, "an end is heard", func() bool {
		c, err := s.devices()[len(s.devices())-1].Dial(t.Context(), "udp", netip.MustParseAddrPort("198.51.100.200:9"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("hello")); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return false
		}
		s.run(t, s.home.Router(), "", "conntrack", "-F")
		return len(s.table.AppendFlows(nil, func(f *capture.Flow) bool { return f.Ended && f.RemotePort == 9 })) > 0
	})
}

func (s *scene) devices() []*lab.Device { return s.home.Devices() }

func (s *scene) report(r Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, r)
}

func (s *scene) lastReport() (r Report, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n = len(s.reports); n > 0 {
		r = s.reports[n-1]
	}
	return r, n
}

func (s *scene) reportAt(i int) Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reports[i]
}

// ground is the home as the agent would find it.
func (s *scene) ground(t *testing.T) *capture.Home {
	t.Helper()
	h := &capture.Home{}
	err := s.home.Router().Do(func() error {
		links, err := net.Interfaces()
		for _, link := range links {
			addrs, err := link.Addrs()
			if err != nil {
				return err
			}
			s.addLink(h, link, addrs)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (s *scene) addLink(h *capture.Home, link net.Interface, addrs []net.Addr) {
	if len(link.HardwareAddr) == 6 {
		h.RouterMACs = append(h.RouterMACs, packet.MAC(link.HardwareAddr))
	}
	if link.Name == lab.Bridge {
		h.LANInterfaces = append(h.LANInterfaces, int32(link.Index))
	}
	for _, a := range addrs {
		p := netip.MustParsePrefix(a.String())
		h.RouterAddrs = append(h.RouterAddrs, p.Addr())
		if link.Name == lab.Bridge {
			h.LAN = append(h.LAN, p.Masked())
		}
	}
}

func (s *scene) run(t *testing.T, n *lab.NS, stdin, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := n.Command(ctx, name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if _, err := n.Run(cmd); err != nil {
		t.Fatal(err)
	}
}
