package firewall

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/ti-mo/conntrack"

	"spinneret/openwrt/lab"
)

// flow is one connection as these tests make it: who began it, and who answers, which NAT can make another.
type flow struct{ from, to, answers string }

var flows = []flow{
	{"192.168.1.163", "198.51.100.7", "198.51.100.7"},
	{"198.51.100.9", "203.0.113.20", "192.168.1.163"}, // a port mapping leads to the device
	{"192.168.1.164", "198.51.100.7", "198.51.100.7"},
	{"192.168.1.164", "192.168.1.1", "192.168.1.1"},
	{"2001:db8:20::163", "2001:db8:100::7", "2001:db8:100::7"},
	{"2001:db8:100::9", "2001:db8:20::163", "2001:db8:20::163"},
	{"2001:db8:20::164", "2001:db8:100::7", "2001:db8:100::7"},
	{"2001:db8:20::163:1", "2001:db8:100::7", "2001:db8:100::7"},
}

func TestOnlyFlowsOfTheDeviceEnd(t *testing.T) {
	device := map[netip.Addr]bool{
		netip.MustParseAddr("192.168.1.163"): true, netip.MustParseAddr("2001:db8:20::163"): true,
	}
	want := []string{
		"192.168.1.164 > 192.168.1.1", "192.168.1.164 > 198.51.100.7",
		"2001:db8:20::163:1 > 2001:db8:100::7", "2001:db8:20::164 > 2001:db8:100::7",
	}
	ns := newNS(t)
	c := conntrackOf(t, ns)
	for i, f := range flows {
		create(t, c, f, uint16(4000+i))
	}
	if err := (sockets{ns.FD()}).endFlows(t.Context(), func(e entry) bool { return device[e.orig.src] || device[e.reply.src] }); err != nil {
		t.Fatal(err)
	}
	if got := held(t, c); !slices.Equal(got, want) {
		t.Errorf("left are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestConnectionsOfACutOffDeviceAreGoneWhenApplyReturns(t *testing.T) {
	h := startHouse(t, lab.Options{})
	c := conntrackOf(t, h.Router())
	apply(t, h.firewall, h.state())
	unseen := netip.MustParseAddr("2001:db8:20::ffff:1") // nobody resolved it: only the device's history knows it
	create(t, c, flow{unseen.String(), "2001:db8:100::7", "2001:db8:100::7"}, 4000)
	h.traffic(t, h.cam, 9000)
	other := udpStream(t, "laptop to the internet", h.laptop.NS, h.Internet(), port(h.server4, 9100))

	q := cut(t, h.cam)
	q.Addresses = append(q.Addresses, unseen)
	apply(t, h.firewall, h.state(q))
	for _, f := range held(t, c) {
		for _, a := range q.Addresses {
			if strings.HasPrefix(f, a.WithZone("").String()+" >") {
				t.Errorf("left is %s", f)
			}
		}
	}
	if !slices.Contains(held(t, c), h.laptop.IPv4().String()+" > "+h.server4.String()) {
		t.Error("a connection of another device is gone")
	}
	other.stop()

	// An address that the device turns out to have had is dealt with by the next Apply, and after somebody
	// deleted our tables all are.
	late := netip.MustParseAddr("2001:db8:20::ffff:2")
	for _, harm := range []string{"", "delete table inet spinneret"} {
		create(t, c, flow{late.String(), "2001:db8:100::7", "2001:db8:100::7"}, 4001)
		if harm == "" {
			q.Addresses = append(q.Addresses, late)
		} else {
			run(t, h.Router(), harm, "nft", "-f", "-")
		}
		apply(t, h.firewall, h.state(q))
		if slices.Contains(held(t, c), late.String()+" > 2001:db8:100::7") {
			t.Errorf("after %q the connection of an address known late is left", harm)
		}
	}
}

func BenchmarkEndFlows(b *testing.B) {
	ns := newNS(b)
	c := conntrackOf(b, ns)
	for i := range 20000 {
		create(b, c, flow{fmt.Sprintf("192.168.%d.%d", 2+i/250, 1+i%250), "198.51.100.7", "198.51.100.7"}, uint16(i))
	}
	for b.Loop() {
		device := netip.MustParseAddr("192.168.1.163")
		create(b, c, flow{device.String(), "198.51.100.7", "198.51.100.7"}, 4000)
		if err := (sockets{ns.FD()}).endFlows(b.Context(), func(e entry) bool { return e.orig.src == device }); err != nil {
			b.Fatal(err)
		}
	}
}

func conntrackOf(t testing.TB, ns *lab.NS) *conntrack.Conn {
	t.Helper()
	c, err := conntrack.Dial(&netlink.Config{NetNS: ns.FD()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func create(t testing.TB, c *conntrack.Conn, f flow, port uint16) {
	t.Helper()
	from, to, answers := netip.MustParseAddr(f.from), netip.MustParseAddr(f.to), netip.MustParseAddr(f.answers)
	flow := conntrack.NewFlow(17, conntrack.StatusConfirmed|conntrack.StatusAssured, from, to, port, 53, 600, 0)
	flow.TupleReply.IP.SourceAddress = answers
	flow.Timeout = uint32((10 * time.Minute).Seconds())
	if err := c.Create(flow); err != nil {
		t.Fatalf("create %v: %v", f, err)
	}
}

// held lists what conntrack holds, sorted.
func held(t *testing.T, c *conntrack.Conn) []string {
	t.Helper()
	all, err := c.Dump(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range all {
		out = append(out, f.TupleOrig.IP.SourceAddress.String()+" > "+f.TupleOrig.IP.DestinationAddress.String())
	}
	slices.Sort(out)
	return out
}

// FuzzParseEntry wants parsing to end, and a source only where a tuple with an address is.
func FuzzParseEntry(f *testing.F) {
	tuple := []byte{20, 0, 1, 0x80, 16, 0, 1, 0x80, 8, 0, 1, 0, 192, 168, 1, 163}
	tuple = append(tuple, 4, 0, 2, 0)
	f.Add(tuple)
	f.Add(tuple[:13])
	f.Add([]byte{3, 0, 1, 0})
	f.Add([]byte{0xff, 0xff, 2, 0x80, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		e := parseEntry(b)
		if _, err := handle(b); err != nil {
			t.Errorf("name: %v", err)
		}
		for _, a := range []netip.Addr{e.orig.src, e.orig.dst, e.reply.src, e.reply.dst} {
			if a.IsValid() && !bytes.Contains(b, a.AsSlice()) {
				t.Errorf("address %v comes from nowhere", a)
			}
		}
	})
}
