package e2e

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// near is an entry for UDP with the devices of the home: sent to a port of theirs, or to one of the device's own.
func near(port int) string {
	return fmt.Sprintf(`{"ietf-mud:mud":{"local-networks":[null]},"%%s":{"protocol":17},"udp":{"destination-port":{"operator":"eq","port":%d}}}`, port)
}

func anyUDP(name string, port int) string {
	return fmt.Sprintf(`{"%%s":{"protocol":17,"ietf-acldns:dst-dnsname":"%s"},"udp":{"destination-port":{"operator":"eq","port":%d}}}`, name, port)
}

// along is a flow to a port of a certain address.
func along(t *testing.T, from, to *lab.NS, network, addr string) *flow {
	t.Helper()
	c, err := lab.StartCounter(t.Context(), lab.Path{From: from, To: to, Network: network, Addr: netip.MustParseAddrPort(addr)})
	return counted(t, network+" to "+addr, c, err)
}

// caller opens connections, one after the other, and counts those that came about and those that did not.
type caller struct{ connected, failed atomic.Uint64 }

// quick is less than it takes until a first packet is sent again.
const quick = 700 * time.Millisecond

func (c *caller) run(ctx context.Context, from *lab.Device, to netip.AddrPort) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		call, cancel := context.WithTimeout(ctx, quick)
		conn, err := from.Dial(call, "tcp", to)
		switch {
		case err == nil:
			c.connected.Add(1)
			conn.Close()
		case ctx.Err() == nil:
			c.failed.Add(1)
		}
		cancel()
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// TestADeviceReachesWhatItsMakerAllowsAndNothingElse: packet by packet, over IPv4, IPv6 and inside the home, from the first on, as
// it looked the name up before; and through a restart, a crash and a reboot, neither of which opens or closes anything.
func TestADeviceReachesWhatItsMakerAllowsAndNothingElse(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	rules := nftList(home.Router(), "ruleset")
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	const name, server4, server6 = "up.cam.example.net", "198.51.100.7", "[2001:db8:101::7]"
	inside := func(d *lab.Device, port int) string { return fmt.Sprintf("%s:%d", d.IPv4(), port) }
	allowed := []*flow{
		along(t, cam.NS, home.Internet(), "udp", server4+":4000"), along(t, cam.NS, home.Internet(), "udp", server6+":4000"),
		along(t, cam.NS, laptop.NS, "udp", inside(laptop, 5000)),
		along(t, cam.NS, laptop.NS, "udp", fmt.Sprintf("[%s]:5000", laptop.IPv6())),
		along(t, laptop.NS, cam.NS, "udp", inside(cam, 6000)),
	}
	refused := []*flow{
		along(t, cam.NS, home.Internet(), "udp", server4+":4001"), along(t, cam.NS, home.Internet(), "udp", "198.51.100.8:4000"),
		along(t, cam.NS, home.Internet(), "udp", server6+":4001"), along(t, cam.NS, home.Internet(), "tcp", "[2001:db8:101::8]:4000"),
		along(t, cam.NS, laptop.NS, "udp", inside(laptop, 5001)), along(t, laptop.NS, cam.NS, "udp", inside(cam, 6001)),
		along(t, cam.NS, laptop.NS, "tcp", inside(laptop, 5000)),
	}
	for _, f := range append(refused, allowed...) {
		a.passes(f)
	}
	for _, kind := range []string{"A", "AAAA"} {
		if _, err := cam.Lookup(t.Context(), kind, name); err != nil {
			t.Fatal(err)
		}
	}
	a.describe(cam, description("https://maker.example/cam", []string{toName(name, 443), anyUDP(name, 4000), near(5000)}, []string{near(6000)}), "enforce")
	stays := a.allStopped(refused)
	stays()
	for _, f := range allowed {
		a.passes(f)
	}
	a.throughEnds(cam, rules, stays, refused)
	for _, f := range allowed {
		a.passes(f)
	}
	a.explains(cam)
}

// throughEnds ends the agent in three ways, while the device goes on.
func (a *agent) throughEnds(cam *lab.Device, rules string, stays func(), refused []*flow) {
	a.t.Helper()
	var good, bad caller
	ctx, cancel := context.WithCancel(a.t.Context())
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	calls.Go(func() { good.run(ctx, cam, netip.MustParseAddrPort("198.51.100.7:443")) })
	calls.Go(func() { bad.run(ctx, cam, netip.MustParseAddrPort("198.51.100.9:443")) })
	goesOn := func(how string) {
		a.t.Helper()
		before := good.connected.Load()
		a.eventually(how+": it opens connections", func() bool { return good.connected.Load() > before+5 })
		stays()
	}
	goesOn("at first")
	a.signal(syscall.SIGTERM)
	a.wait()
	goesOn("without the agent")
	a.stderr.reset()
	a.start()
	goesOn("after a restart")
	a.signal(syscall.SIGKILL)
	a.wait()
	a.stderr.reset()
	a.start()
	goesOn("after a crash")
	if n := good.failed.Load(); n > 0 {
		a.t.Errorf("%d connections that are allowed were refused or late", n)
	}
	a.signal(syscall.SIGKILL)
	a.wait()
	nft(a.t, a.home.Router(), "flush ruleset\n"+rules)
	out, err := run(a.home.Router(), "restore", "-config", a.config)
	if err != nil || out != "0 quarantines are in force\n1 devices are held to their maker's description\n" {
		a.t.Fatalf("restore says %q, %v", out, err)
	}
	opened := bad.connected.Load() // while there were no rules at all
	stays = a.allStopped(refused)
	goesOn("after a reboot, before the agent")
	a.stderr.reset()
	a.start()
	goesOn("after a reboot")
	if n := bad.connected.Load() - opened; n > 1 { // one may have been under way
		a.t.Errorf("%d connections came about that are not allowed", n)
	}
}

// explains wants the device's breaches told, and counted by the kernel.
func (a *agent) explains(cam *lab.Device) {
	a.t.Helper()
	var m ui.MUD
	a.eventually("what it tried is told, and what it used", func() bool {
		m = ui.MUD{}
		a.get("devices/"+cam.MAC+"/mud", &m)
		used := slices.ContainsFunc(m.Uses, func(u ui.Use) bool { return u.Count > 0 && u.Last != nil })
		return m.Violations > 0 && len(m.Recent) > 0 && len(m.Beyond) > 0 && used
	})
	a.eventAfter(0, "mud", "its description allows only up.cam.example.net")
}
