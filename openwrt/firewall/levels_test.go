package firewall

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ti-mo/conntrack"

	"spinneret/openwrt/lab"
)

// offlineFor is the quarantine of a device at level internet, with all that the agent would know of it.
func offlineFor(t *testing.T, d *lab.Device) Quarantine {
	t.Helper()
	q := cut(t, d)
	q.Level = Internet
	return q
}

// stop is a quarantine of a device at level flow.
func stop(t *testing.T, d *lab.Device, to ...Target) Quarantine {
	t.Helper()
	q := cut(t, d)
	q.Level, q.To = Flow, to
	return q
}

// levelCase is one quarantine of the camera and which of its live flows it stops.
type levelCase struct {
	options lab.Options
	cut     func(*testing.T, *house) Quarantine
	dies    func(stream string) bool
	silent  bool // its connection is gone, and fw4 lets nobody begin one from outside: nothing is left to refuse
}

func ofServer(s string) bool { return strings.Contains(s, "internet") && !strings.Contains(s, "IPv6") }

var levelCases = map[string]levelCase{
	"internet": {
		cut:  func(t *testing.T, h *house) Quarantine { return offlineFor(t, h.cam) },
		dies: func(s string) bool { return strings.Contains(s, "internet") || strings.Contains(s, "router") },
	},
	"internet, with bridged frames in inet": {
		options: lab.Options{BridgeNF: true},
		cut:     func(t *testing.T, h *house) Quarantine { return offlineFor(t, h.cam) },
		dies:    func(s string) bool { return strings.Contains(s, "internet") || strings.Contains(s, "router") },
	},
	"flow to one address": {
		cut:  func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target(h.server4.String()+"/32", 0)) },
		dies: ofServer,
	},
	"flow to one address, with bridged frames in inet": {
		options: lab.Options{BridgeNF: true},
		cut:     func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target(h.server4.String()+"/32", 0)) },
		dies:    ofServer,
	},
	"flow to one address and one protocol": {
		cut:  func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target(h.server6.String()+"/128", 6)) },
		dies: func(s string) bool { return s == "cam to the internet, TCP over IPv6" },
	},
	"flow to one port": {
		cut: func(t *testing.T, h *house) Quarantine {
			return stop(t, h.cam, target("198.51.100.0/24", 17, 9000, 9001))
		},
		dies: func(s string) bool { return s == "cam to the internet, UDP" },
	},
	"flow to a port, whatever the protocol": {
		cut: func(t *testing.T, h *house) Quarantine {
			return stop(t, h.cam, target("0.0.0.0/0", 0, 9002), target("::/0", 0, 9005))
		},
		dies: func(s string) bool {
			return s == "cam to the internet, TCP" || s == "cam to a neighbour, TCP over IPv6"
		},
	},
	"flow in the LAN": {
		cut:  func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target(h.tv.IPv4().String()+"/32", 17)) },
		dies: func(s string) bool { return s == "cam to a neighbour" || s == "a neighbour to cam" },
	},
	"flow of the router": {
		cut:  func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target(h.router4.String()+"/32", 17)) },
		dies: func(s string) bool { return s == "cam to the router" || s == "the router to cam" },
	},
	"flow of an answer": {
		cut:  func(t *testing.T, h *house) Quarantine { return stop(t, h.cam, target("::/0", 17, 9008)) },
		dies: func(s string) bool { return s == "the internet's answer to cam over IPv6" }, silent: true,
	},
}

// At each level the live flows that it stops die at once, and no other of the device.
func TestEachLevelStopsItsFlowsAtOnceAndOnlyThose(t *testing.T) {
	for name, c := range levelCases {
		t.Run(name, func(t *testing.T) { c.run(t, !strings.Contains(name, "LAN")) })
	}
}

// run holds the camera while it and the laptop have flows of every kind. Those within the LAN are bridged:
// conntrack does not see them.
func (c levelCase) run(t *testing.T, tracked bool) {
	h := startHouse(t, c.options)
	fw4 := h.fw4(t)
	apply(t, h.firewall, h.state())
	his, others := h.traffic(t, h.cam, 9000), h.traffic(t, h.laptop, 9100)
	before := conntrackOf(t, h.Router())
	ids := connections(t, before)
	q := c.cut(t, h)
	apply(t, h.firewall, h.state(q))
	last := make([]uint64, len(his))
	for i, s := range his {
		last[i] = s.sent.Load()
	}
	c.wantStopped(t, his, last)
	eventually(t, "it is proved", func() bool { p := h.proof(t, h.cam); return p.InForce && (c.silent || p.Refused.Packets > 50) })
	wantEnded(t, q, ids, connections(t, before), tracked)
	for _, s := range others {
		s.stop()
		eventually(t, s.name+" lost nothing", func() bool { return s.received.Load() == s.sent.Load() })
	}
	apply(t, h.firewall, h.state())
	for i, s := range his {
		if c.dies(s.name) && !s.answer {
			eventually(t, s.name+" comes back", func() bool { return s.goesOnFrom(last[i] + 1) })
		}
	}
	if after := h.fw4(t); after != fw4 {
		t.Errorf("fw4 is not what it was:\n%s", after)
	}
}

// wantStopped wants the flows that die to have died, and the others to go on.
func (c levelCase) wantStopped(t *testing.T, his []*stream, last []uint64) {
	t.Helper()
	for i, s := range his {
		if !c.dies(s.name) {
			eventually(t, s.name+" goes on", func() bool { return s.goesOnFrom(last[i] + 150) })
		}
	}
	for i, s := range his {
		if c.dies(s.name) && s.goesOnFrom(last[i]+1) {
			t.Errorf("%s: number %d passed, %d was sent when the quarantine was in force", s.name, s.highest.Load(), last[i])
		}
	}
}

// wantEnded wants only connections of the device to be gone.
func wantEnded(t *testing.T, q Quarantine, before, after []connection, some bool) {
	t.Helper()
	gone := slices.DeleteFunc(before, func(c connection) bool { return slices.Contains(after, c) })
	if some && len(gone) == 0 {
		t.Error("no connection was ended")
	}
	for _, c := range gone {
		if !slices.Contains(q.Addresses, netip.MustParseAddr(c.from)) && !slices.Contains(q.Addresses, netip.MustParseAddr(c.answers)) {
			t.Errorf("ended was also %+v", c)
		}
	}
}

// When a strict quarantine ends in the kernel the milder one stands, without a call of ours.
func TestTheMilderQuarantineStandsWhenTheStrictOneEnds(t *testing.T) {
	h := startHouse(t, lab.Options{})
	stopped := udpStream(t, "to the address that is stopped", h.cam.NS, h.Internet(), port(h.server4, 9000))
	internet := udpStream(t, "to the internet", h.cam.NS, h.Internet(), port(h.server6, 9001))
	lan := udpStream(t, "to a neighbour", h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9002))
	began := time.Now()
	full, offline, flow := cut(t, h.cam), offlineFor(t, h.cam), stop(t, h.cam, target(h.server4.String()+"/32", 0))
	full.ID, full.Until = "full", began.Add(1200*time.Millisecond)
	offline.ID, offline.Until = "internet", began.Add(2400*time.Millisecond)
	flow.ID, flow.Until = "flow", began.Add(3600*time.Millisecond)
	apply(t, h.firewall, h.state(flow, full, offline))
	all := []*stream{lan, internet, stopped}
	ends := []Quarantine{full, offline, flow}
	for i, s := range all {
		last := make([]uint64, len(all))
		for j := range all {
			last[j] = all[j].sent.Load()
		}
		eventually(t, s.name+" comes back", func() bool { return s.goesOnFrom(last[i] + 1) })
		if early := time.Until(ends[i].Until); early > 20*time.Millisecond {
			t.Errorf("%s came back %v early", s.name, early)
		}
		for j := i + 1; j < len(all); j++ {
			if all[j].goesOnFrom(last[j] + 1) {
				t.Errorf("%s passed when only the quarantine %s had ended", all[j].name, ends[i].ID)
			}
		}
	}
	for _, q := range ends {
		if p := h.proofOf(t, q.ID); p.InForce {
			t.Errorf("%s is still in force", q.ID)
		}
	}
}

// What several refuse counts for the strictest of them.
func TestRefusedPacketsCountForTheStrictest(t *testing.T) {
	h := startHouse(t, lab.Options{})
	full, offline, flow := cut(t, h.cam), offlineFor(t, h.cam), stop(t, h.cam, target(h.server4.String()+"/32", 0), target(h.tv.IPv4().String()+"/32", 0))
	full.ID, offline.ID, flow.ID = "full", "internet", "flow"
	apply(t, h.firewall, h.state())
	udpStream(t, "to the internet", h.cam.NS, h.Internet(), port(h.server4, 9000))
	udpStream(t, "to a neighbour", h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9001))
	count := func(id string) uint64 { return h.proofOf(t, id).Refused.Packets }

	apply(t, h.firewall, h.state(flow, offline, full))
	eventually(t, "full counts", func() bool { return count("full") > 100 })
	if count("internet")+count("flow") > 0 {
		t.Errorf("internet counts %d and flow %d", count("internet"), count("flow"))
	}
	apply(t, h.firewall, h.state(flow, offline))
	eventually(t, "internet and flow count", func() bool { return count("internet") > 50 && count("flow") > 50 })
	apply(t, h.firewall, h.state(flow, offline, stop(t, h.tv, target("203.0.113.0/24", 0))))
	if count("tv") > 0 {
		t.Error("what was refused to one device counts for another")
	}
	inLAN, out := count("flow"), count("internet")
	apply(t, h.firewall, h.state(flow))
	eventually(t, "flow counts both", func() bool { return count("flow") > inLAN+out })
}

// connection names an entry of conntrack.
type connection struct {
	from, to, answers string
	protocol          uint8
	port              uint16
	id                uint32
}

func connections(t *testing.T, c *conntrack.Conn) []connection {
	t.Helper()
	all, err := c.Dump(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []connection
	for _, f := range all {
		out = append(out, connection{
			f.TupleOrig.IP.SourceAddress.String(), f.TupleOrig.IP.DestinationAddress.String(), f.TupleReply.IP.SourceAddress.String(),
			f.TupleOrig.Proto.Protocol, f.TupleOrig.Proto.DestinationPort, f.ID,
		})
	}
	return out
}
