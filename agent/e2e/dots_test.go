package e2e

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"github.com/ti-mo/conntrack"

	"spinneret/openwrt/lab"
)

const (
	dotsRounds = 2
	victims    = "198.51.100.99/32/udp" // where all devices of the test talk to
)

// victim is whom all devices of the test talk to, floodPort the next port of it that the bulb floods: each flood has
// one of its own, so that it is not taken for the one before.
var (
	victim    = netip.MustParseAddr("198.51.100.99")
	floodPort atomic.Uint32
)

// attack is what the bulb sends, and where.
type attack struct {
	*flow
	to   netip.AddrPort
	from func() netip.AddrPort // as its victim sees it
}

// crowd is a home of twelve: a bulb that is infected, and eleven that are not.
func crowd(t *testing.T) *lab.Home {
	t.Helper()
	names := []string{"bulb"}
	for i := range 11 {
		names = append(names, "honest"+strconv.Itoa(i))
	}
	return ownHome(t, names...)
}

// infected is what the bulb sends to the victim.
func infected(t *testing.T, home *lab.Home) attack {
	t.Helper()
	return attacks(t, home, netip.AddrPortFrom(victim, uint16(7900+floodPort.Add(1))))
}

func attacks(t *testing.T, home *lab.Home, to netip.AddrPort) attack {
	t.Helper()
	c, err := lab.StartCounter(t.Context(), lab.Path{
		From: home.Device("bulb").NS, To: home.Internet(), Network: "udp", Addr: to, Every: time.Millisecond,
	})
	return attack{counted(t, "the bulb's flood", c, err), to, c.From}
}

// TestAProviderStopsOneDeviceBehindNAT is what DOTS Call Home is for: the provider names an outside port, and of twelve
// devices that talk to one address the right one stops.
func TestAProviderStopsOneDeviceBehindNAT(t *testing.T) {
	home := crowd(t)
	p := startProvider(t, home)
	var o options
	a := prepare(t, home, func(usual options) options { o = usual; return append(slices.Clone(usual), p.section("flow")) })
	a.start()
	a.connected()
	others := honest(t, home)
	stopsAtOnce(t, a, p)
	expires(t, a, p)
	survives(t, a, p)
	fromThePast(t, a, p)
	severalAreAskedAbout(t, a, p)
	ownerDecides(t, a, p, o)
	for _, f := range others {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
}

// honest is what the eleven others send to the same address.
func honest(t *testing.T, home *lab.Home) (flows []*flow) {
	for _, d := range home.Devices()[1:] {
		c, err := lab.StartCounter(t.Context(), lab.Path{
			From: d.NS, To: home.Internet(), Network: "udp", Addr: netip.AddrPortFrom(victim, 0), Every: 20 * time.Millisecond,
		})
		flows = append(flows, counted(t, d.Name, c, err))
	}
	return flows
}

// stopsAtOnce asks and takes back, several times, and measures.
func stopsAtOnce(t *testing.T, a *agent, p *provider) {
	flood := infected(t, a.home)
	var took []time.Duration
	for round := range dotsRounds {
		a.eventually("it floods", func() bool { return time.Since(flood.last()) < 100*time.Millisecond })
		outside := a.outsideOf(flood)
		called := time.Now()
		r := p.ask(outside, victims, "1h")
		request := a.requestIs("active")
		sent := flood.sent()
		if !slices.Equal(request.Devices, []string{a.home.Device("bulb").MAC}) {
			t.Fatalf("found: %+v", request)
		}
		a.eventually("it sends on", func() bool { return flood.sent() > sent+200 })
		if newest := flood.newest(); newest > sent {
			t.Errorf("number %d arrived, though it was stopped after number %d", newest, sent)
		}
		took = append(took, max(flood.last().Sub(called), 0))
		if round == dotsRounds-1 {
			countsDrops(t, p, r.ID, flood)
		}
		p.withdraw(r.ID)
		a.requestIs("withdrawn")
	}
	slices.Sort(took)
	t.Logf("from the provider's call to the last packet at the victim, over %d rounds: median %v (%v … %v)",
		dotsRounds, took[len(took)/2], took[0], took[len(took)-1])
	flood.stop()
}

// countsDrops compares what the provider is told with what did not arrive.
func countsDrops(t *testing.T, p *provider, id string, flood attack) {
	t.Helper()
	seen := p.sees(id, "status 2 with drops", func(r asked) bool { return r.Status == 2 && r.DroppedPackets > 100 })
	if lost := flood.sent() - flood.newest(); seen.DroppedPackets > lost+5 || seen.DroppedBytes < (20+8+16)*(seen.DroppedPackets-5) {
		t.Errorf("the provider is told of %d packets, %d bytes dropped; %d were lost", seen.DroppedPackets, seen.DroppedBytes, lost)
	}
}

// expires has the provider ask for three seconds.
func expires(t *testing.T, a *agent, p *provider) {
	flood := infected(t, a.home)
	r := p.ask(a.outsideOf(flood), portText(flood.to), "3s")
	a.requestIs("active")
	sent := flood.sent()
	a.eventually("it is back", func() bool { return flood.newest() > sent })
	a.requestIs("expired")
	p.sees(r.ID, "expired", func(r asked) bool { return r.State == "expired" })
	flood.stop()
}

// survives kills the agent while it holds the bulb.
func survives(t *testing.T, a *agent, p *provider) {
	flood := infected(t, a.home)
	r := p.ask(a.outsideOf(flood), portText(flood.to), "1h")
	p.sees(r.ID, "status 2", func(r asked) bool { return r.Status == 2 })
	a.eventually("nothing arrives", func() bool { return time.Since(flood.last()) > 200*time.Millisecond })
	stopped := flood.newest()
	if err := a.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-a.doneC
	a.stderr.reset()
	a.start()
	a.connected()
	before := p.sees(r.ID, "status 2", func(r asked) bool { return r.Status == 2 }).DroppedPackets
	p.sees(r.ID, "more drops", func(r asked) bool { return r.DroppedPackets > before })
	if newest := flood.newest(); newest > stopped {
		t.Errorf("number %d arrived, it was stopped after number %d", newest, stopped)
	}
	p.withdraw(r.ID)
	a.requestIs("withdrawn")
	flood.stop()
}

// fromThePast asks about a flow that is over: conntrack has forgotten it, the history has not.
func fromThePast(t *testing.T, a *agent, p *provider) {
	flood := infected(t, a.home)
	outside := a.outsideOf(flood)
	flood.stop()
	forget(t, a.home.Router(), flood.to)
	a.eventually("the flow is over", func() bool { return !a.knows(outside) })
	r := p.ask(outside, portText(flood.to), "1h")
	request := a.requestIs("active")
	if !strings.Contains(request.Why, " this device's from ") || !slices.Equal(request.Devices, []string{a.home.Device("bulb").MAC}) {
		t.Errorf("found: %+v", request)
	}
	again := attacks(t, a.home, flood.to)
	a.eventually("it floods again", func() bool { return again.sent() > 300 })
	if n := again.newest(); n > 0 {
		t.Errorf("number %d arrived", n)
	}
	p.withdraw(r.ID)
	a.eventually("it is open again", func() bool { return again.newest() > 0 })
	a.requestIs("withdrawn")
	again.stop()
}

// severalAreAskedAbout has the provider ask without a port: all twelve talk to that address.
func severalAreAskedAbout(t *testing.T, a *agent, p *provider) {
	r := p.ask(wanOf(a.home), victims, "1h")
	request := a.requestIs("asking")
	if len(request.Devices) < 11 || !strings.Contains(request.Why, "devices match") {
		t.Errorf("found: %+v", request)
	}
	p.sees(r.ID, "status 1", func(r asked) bool { return r.Status == 1 })
	out, err := run(a.home.Router(), "request", request.ID, "refuse", "-socket", a.socket)
	if err != nil || !strings.Contains(out, "refused") {
		t.Errorf("the command says %s, %v", out, err)
	}
	p.sees(r.ID, "refused", func(r asked) bool { return r.State == "refused" || r.Status == 7 })
	if s := a.status(); s.Devices.Quarantined != 0 {
		t.Errorf("%d devices are held back", s.Devices.Quarantined)
	}
}

// ownerDecides has the provider ask under a policy that asks.
func ownerDecides(t *testing.T, a *agent, p *provider, o options) {
	a.reload(append(slices.Clone(o), p.section("ask")), "the settings were read anew")
	a.connected()
	flood := infected(t, a.home)
	outside := a.outsideOf(flood)
	r := p.ask(outside, portText(flood.to), "1h")
	request := a.requestIs("asking")
	p.sees(r.ID, "status 1", func(r asked) bool { return r.Status == 1 })
	if out, err := run(a.home.Router(), "request", request.ID, "allow", "-socket", a.socket); err != nil {
		t.Errorf("the command says %s, %v", out, err)
	}
	p.sees(r.ID, "status 2", func(r asked) bool { return r.Status == 2 })
	a.undo(a.eventAfter(0, "request", "is stopped, as provider isp asked: outside port "+outside[strings.LastIndexByte(outside, ':')+1:]))
	p.sees(r.ID, "refused", func(r asked) bool { return r.State == "refused" || r.Status == 7 })
	sent := flood.sent()
	a.eventually("it is back", func() bool { return flood.newest() > sent })

	p.ask(a.outsideOf(flood), portText(flood.to), "1h")
	request = a.requestIs("asking")
	if out, err := run(a.home.Router(), "request", request.ID, "legitimate", "-socket", a.socket); err != nil {
		t.Errorf("the command says %s, %v", out, err)
	}
	again := p.ask(a.outsideOf(flood), portText(flood.to), "1h")
	p.sees(again.ID, "refused at once", func(r asked) bool { return r.State == "refused" })
	flood.stop()
	a.signal(syscall.SIGTERM)
	if code := a.wait(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
}

func wanOf(home *lab.Home) string {
	v4, _ := home.WANAddr()
	return v4.String()
}

// forget ends what the router's conntrack remembers of connections to an address and port. It does so by itself after
// minutes of silence; ending all that is silent would also end the home's session with its provider.
func forget(t *testing.T, router *lab.NS, to netip.AddrPort) {
	t.Helper()
	c, err := conntrack.Dial(&netlink.Config{NetNS: router.FD()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	all, err := c.Dump(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.TupleOrig.IP.DestinationAddress == to.Addr() && f.TupleOrig.Proto.DestinationPort == to.Port() {
			err = errors.Join(err, c.Delete(f))
		}
	}
	if err != nil {
		t.Error(err)
	}
}
