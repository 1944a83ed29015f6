package capture

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/capture/packet"
)

// routedHome is a table as on a router where conntrack counts.
func routedHome() *Table {
	table := tableOf(logHome())
	table.SetVolumes(FromConntrack)
	table.KeepFinished(100)
	return table
}

func point(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// connection is what conntrack tells of one that a device made through NAT.
func connection(from, to string, sent, answered Volume) *Counted {
	c := &Counted{
		Initiator: point(from), Responder: point(to), Asked: point(to), AnswersTo: point("203.0.113.20:40321"),
		Protocol: packet.ProtoUDP, Sent: sent, Answered: answered, Time: start,
	}
	return c
}

const camEnd, serverEnd = "192.168.1.10:5000", "198.51.100.7:443"

func camFrame() *packet.Packet {
	return udp(camAddr, 5000, server, 443, via(lanIndex, wanIndex, cam), size(999))
}

// sums writes the devices' counts.
func sums(table *Table) (out []string) {
	for _, d := range table.AppendDevices(nil) {
		out = append(out, fmt.Sprintf("%s tx %d/%d rx %d/%d", d.MAC, d.TxBytes, d.TxPackets, d.RxBytes, d.RxPackets))
	}
	return out
}

func wantSums(t *testing.T, table *Table, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, sums(table)); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
}

func TestFrameAndAccountInEitherOrderCountOnce(t *testing.T) {
	for name, order := range map[string][]func(*Table){
		"frame first":   {addFrame, addCount, addCount},
		"account first": {addCount, addCount, addFrame},
		"between":       {addCount, addFrame, addCount},
	} {
		t.Run(name, func(t *testing.T) {
			table := routedHome()
			for _, step := range order {
				step(table)
			}
			wantSums(t, table, "02:00:00:00:00:01 tx 200/4 rx 60/2")
			f := table.AppendFlows(nil, nil)
			if len(f) != 1 || f[0].DeviceMAC != MACFrame || f[0].TxBytes != 200 || f[0].RxPackets != 2 || !f[0].Out {
				t.Errorf("flows %+v", f)
			}
			if f[0].Outside != point("203.0.113.20:40321") || f[0].Port != 443 || f[0].Estimated {
				t.Errorf("flow %+v", f[0])
			}
		})
	}
}

func addFrame(table *Table) { table.Add(camFrame()) }

func addCount(table *Table) {
	table.Account(connection(camEnd, serverEnd, Volume{2, 100}, Volume{1, 30}))
}

func TestAShortFlowThatEndedBeforeItsFrameIsTheDevices(t *testing.T) {
	table := routedHome()
	c := connection(camEnd, serverEnd, Volume{1, 50}, Volume{})
	c.Ended = true
	table.Account(c)
	if f := table.AppendFlows(nil, nil); len(f) != 1 || !f[0].Device.IsZero() || !f[0].Ended {
		t.Errorf("before the frame: %+v", f)
	}
	addFrame(table)
	wantSums(t, table, "02:00:00:00:00:01 tx 50/1 rx 0/0")
	table.Sweep(start.Add(time.Hour))
	table.Account(&Counted{Initiator: c.Initiator, Responder: c.Responder, Protocol: c.Protocol, Ended: true, Time: start})
	if f := table.AppendFinished(nil); len(f) != 1 || f[0].Device != cam || f[0].TxBytes != 50 {
		t.Errorf("finished: %+v", f)
	}
	if f := table.AppendFlows(nil, nil); len(f) != 0 {
		t.Errorf("an end without a flow opened %+v", f)
	}
}

func TestALateFrameTakesAGuessedFlowOver(t *testing.T) {
	guess := func(lateness time.Duration) *Table {
		table := routedHome()
		table.Add(udp(camAddr, 1, server, 1, via(lanIndex, wanIndex, tv))) // the television had the address
		addCount(table)
		table.Add(udp(camAddr, 5000, server, 443, via(lanIndex, wanIndex, cam), at(lateness)))
		return table
	}
	wantSums(t, guess(time.Second), "02:00:00:00:00:02 tx 0/0 rx 0/0", "02:00:00:00:00:01 tx 100/2 rx 30/1")
	wantSums(t, guess(time.Minute), "02:00:00:00:00:02 tx 100/2 rx 30/1", "02:00:00:00:00:01 tx 0/0 rx 0/0")
}

func TestTheFirstFrameOfAConversationDecides(t *testing.T) {
	table := routedHome()
	addFrame(table)
	table.Add(udp(camAddr, 5000, server, 443, via(lanIndex, wanIndex, tv))) // claims the address now
	addCount(table)
	wantSums(t, table, "02:00:00:00:00:01 tx 100/2 rx 30/1", "02:00:00:00:00:02 tx 0/0 rx 0/0")
}

func TestWithoutAFrameTheNeighbourTableTells(t *testing.T) {
	table := routedHome()
	addCount(table)
	home := logHome()
	home.Neighbours = map[netip.Addr]packet.MAC{camAddr: cam, tvAddr: tv}
	table.SetHome(home)
	table.Account(connection("192.168.1.20:1", serverEnd, Volume{1, 10}, Volume{}))
	addCount(table)
	wantSums(t, table, "02:00:00:00:00:01 tx 200/4 rx 60/2", "02:00:00:00:00:02 tx 10/1 rx 0/0")
	for _, f := range table.AppendFlows(nil, nil) {
		if f.DeviceMAC != MACNeighbour {
			t.Errorf("known by %d: %+v", f.DeviceMAC, f)
		}
	}
}

func TestConnectionsOfWhom(t *testing.T) {
	for name, c := range map[string]struct {
		from, to, want string
	}{
		"the router asks the internet":                       {"203.0.113.20:5", "198.51.100.7:53", ""},
		"the provider asks the router by link-local address": {"[fe80::1]:547", "[fd00:1::1]:546", ""},
		"two strangers pass by":                              {"198.51.100.7:1", "198.51.100.8:2", ""},
		"the internet reaches a device": {
			"198.51.100.7:9", "192.168.1.10:80",
			"02:00:00:00:00:01 192.168.1.10:80 > 198.51.100.7:9 udp in port 80 internet tx 2 rx 1",
		},
		"a device asks the router": {
			"192.168.1.10:7", "192.168.1.1:53",
			"02:00:00:00:00:01 192.168.1.10:7 > 192.168.1.1:53 udp out port 53 router tx 1 rx 2",
		},
		"the router asks a device": {
			"192.168.1.1:67", "192.168.1.10:68",
			"02:00:00:00:00:01 192.168.1.10:68 > 192.168.1.1:67 udp in port 68 router tx 2 rx 1",
		},
		"a device asks a group that the router is in": {
			"192.168.1.10:5353", "224.0.0.251:5353",
			"02:00:00:00:00:01 192.168.1.10:5353 > 224.0.0.251:5353 udp out port 5353 lan tx 1 rx 2",
		},
		"a device asks another in the next network": {
			"192.168.1.10:7", "192.168.1.20:80",
			"02:00:00:00:00:01 192.168.1.10:7 > 192.168.1.20:80 udp out port 80 lan tx 1 rx 2 peer 02:00:00:00:00:02",
		},
		"a container behind a device": {
			"172.17.0.2:7", serverEnd,
			"02:00:00:00:00:01 172.17.0.2:7 > 198.51.100.7:443 udp out port 443 internet tx 1 rx 2",
		},
		"a stranger whose address a device forges": {
			"198.51.100.9:7", "192.168.1.20:80",
			"02:00:00:00:00:02 192.168.1.20:80 > 198.51.100.9:7 udp in port 80 internet tx 2 rx 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			table := routedHome()
			for _, a := range []netip.Addr{camAddr, addr("172.17.0.2"), addr("198.51.100.9")} {
				table.Add(tcp(a, 1, server, 1, tcpSYN, via(lanIndex, wanIndex, cam)))
			}
			table.Add(tcp(tvAddr, 1, server, 1, tcpSYN, via(lanIndex, wanIndex, tv)))
			table.Account(connection(c.from, c.to, Volume{1, 10}, Volume{2, 20}))
			var got string
			for _, f := range table.AppendFlows(nil, func(f *Flow) bool { return f.Protocol == packet.ProtoUDP }) {
				got += line(&f)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestBetweenTwoNetworksOfTheHomeBothCount(t *testing.T) {
	table := routedHome()
	table.Add(udp(camAddr, 5000, tvAddr, 80, via(lanIndex, lanIndex, cam)))
	table.Add(udp(tvAddr, 1, server, 1, via(lanIndex, wanIndex, tv)))
	table.Account(connection(camEnd, "192.168.1.20:80", Volume{2, 100}, Volume{1, 30}))
	wantSums(t, table, "02:00:00:00:00:01 tx 100/2 rx 30/1", "02:00:00:00:00:02 tx 30/1 rx 100/2")
	f := table.AppendFlows(nil, func(f *Flow) bool { return f.Scope == ScopeLAN })
	if len(f) != 1 || f[0].Peer != tv || f[0].Outside.IsValid() {
		t.Errorf("flows %+v", f)
	}
}

func TestWhatConntrackDoesNotSeeCountsFromPackets(t *testing.T) {
	arp := func(p *packet.Packet) { p.EtherType = packet.EtherTypeARP }
	icmpOf := func(proto, kind uint8) change {
		return func(p *packet.Packet) { p.Proto, p.ICMPType, p.SrcPort, p.DstPort = proto, kind, 0, 0 }
	}
	for name, c := range map[string]struct {
		packet    *packet.Packet
		untracked bool
		want      uint64
	}{
		"a routed packet":             {packet: camFrame(), want: 0},
		"the same in no valid state":  {packet: camFrame(), untracked: true, want: 999},
		"a bridged frame":             {packet: udp(camAddr, 1, tvAddr, 2, via(lanIndex, 0, cam), macs(cam, tv), size(999)), want: 999},
		"a frame without IP":          {packet: udp(camAddr, 0, tvAddr, 0, via(lanIndex, 0, cam), arp, size(999)), want: 999},
		"a ping":                      {packet: udp(camAddr, 0, server, 0, via(lanIndex, wanIndex, cam), icmpOf(1, 8), size(999)), want: 0},
		"an error about a connection": {packet: udp(camAddr, 0, server, 0, via(lanIndex, wanIndex, cam), icmpOf(1, 3), size(999)), want: 999},
		"neighbour discovery":         {packet: udp(addr("fd00:1::10"), 0, addr("fd00:1::1"), 0, via(lanIndex, 0, cam), icmpOf(58, 135), size(999)), want: 999},
		"a device without an address": {packet: udp(addr("0.0.0.0"), 68, addr("255.255.255.255"), 67, via(lanIndex, 0, cam), size(999)), want: 999},
	} {
		t.Run(name, func(t *testing.T) {
			table := routedHome()
			if c.untracked {
				table.AddUntracked(c.packet)
			} else {
				table.Add(c.packet)
			}
			if d := deviceOf(t, table, cam); d.TxBytes != c.want {
				t.Errorf("%d bytes, want %d", d.TxBytes, c.want)
			}
		})
	}
}

func TestEstimatesSayThatTheyAre(t *testing.T) {
	table := tableOf(logHome())
	table.SetVolumes(FromSamples)
	addFrame(table)
	if f := table.AppendFlows(nil, nil); !f[0].Estimated || f[0].TxBytes != 999 {
		t.Errorf("flow %+v", f[0])
	}
}

func TestAnOutsidePortUsedAgainIsAnotherFlow(t *testing.T) {
	table := routedHome()
	addCount(table)
	addFrame(table)
	c := connection(camEnd, serverEnd, Volume{1, 10}, Volume{})
	c.AnswersTo = point("203.0.113.20:40999")
	table.Account(c)
	wantSums(t, table, "02:00:00:00:00:01 tx 110/3 rx 30/1")
	was, is := table.AppendFinished(nil), table.AppendFlows(nil, nil)
	if len(was) != 1 || len(is) != 1 || was[0].Outside.Port() != 40321 || is[0].Outside.Port() != 40999 || is[0].TxBytes != 10 {
		t.Errorf("was %+v\nis %+v", was, is)
	}
}

func TestADeviceThatOnlyConntrackHearsStaysOnline(t *testing.T) {
	table := routedHome()
	addFrame(table)
	c := connection(camEnd, serverEnd, Volume{1, 10}, Volume{1, 10})
	c.Time = start.Add(time.Hour)
	table.Account(c)
	c.Sent, c.Time = Volume{}, start.Add(2*time.Hour)
	table.Account(c)
	if d := deviceOf(t, table, cam); !d.Last.Equal(start.Add(time.Hour)) {
		t.Errorf("last heard %v, want when it last sent", d.Last)
	}
}

func TestFinishedFlowsWaitInABoundedPlace(t *testing.T) {
	table := tableOf(wireHome())
	table.KeepFinished(10)
	for i := range 25 {
		table.Add(udp(camAddr, uint16(i), server, 443, macs(cam, gateway)))
	}
	table.Sweep(start.Add(time.Hour))
	if s := store(t, table, "finished flows"); s.Used != 10 || s.Limit != 10 || s.Evicted != 15 {
		t.Errorf("store %+v", s)
	}
	if n := len(table.AppendFinished(nil)); n != 10 {
		t.Errorf("%d flows taken", n)
	}
	if n := len(table.AppendFinished(nil)); n != 0 {
		t.Errorf("%d flows taken twice", n)
	}
}
