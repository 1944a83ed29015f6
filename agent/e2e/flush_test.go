package e2e

import (
	"bytes"
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

const (
	flushes     = 3
	blastRate   = 4000 // packets a second
	blastUnseen = 1000 // of them are sent before what did not arrive counts as stopped
)

var blastTo = netip.MustParseAddrPort("198.51.100.98:9")

// TestAFlushUnderLoadLetsLittleThrough: the whole firewall is loaded anew, as by fw4, while a device that is cut off
// sends thousands of packets a second.
func TestAFlushUnderLoadLetsLittleThrough(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	rules := nftList(home.Router(), "ruleset")
	a := startAgent(t, home)
	cam := home.Device("cam")
	a.device(cam)
	other := count(t, home, home.Device("tv"), "udp4")
	sent, arrived := blast(t, home, cam)
	a.eventually("it blasts", func() bool { return arrived.Count() > blastUnseen })
	a.cutOff(cam, `{"why":"blasts"}`)
	a.stopped("the cut", sent, arrived)
	for range flushes {
		a.rests()
		before, passed, began := a.lastEvent(), arrived.Count(), time.Now()
		nft(t, home.Router(), "flush ruleset\n"+rules)
		a.eventually("the tables are put back", func() bool { return holds(home, cam) })
		back := time.Since(began)
		a.eventAfter(before, "firewall", "another program removed our firewall tables")
		a.eventually("the answer says in force", func() bool { return a.device(cam).Quarantine.InForce })
		a.stopped("the flush", sent, arrived)
		slipped := arrived.Count() - passed
		if most := blastRate * (1 + back.Seconds()); float64(slipped) > most {
			t.Errorf("%d packets slipped through, at most %.0f were sent meanwhile", slipped, most)
		}
		t.Logf("back after %v, %d packets slipped through at %d a second", back, slipped, blastRate)
	}
	if sent, arrived := other.stop(); sent != arrived {
		t.Errorf("meanwhile another device sent %d packets, and %d arrived", sent, arrived)
	}
}

// blast lets a device send as from a botnet, every packet a connection of its own, and counts at its cable and at
// the provider's.
func blast(t *testing.T, home *lab.Home, d *lab.Device) (sent, arrived *lab.FrameCounter) {
	t.Helper()
	to := blastTo.Addr().AsSlice()
	counter := func(ns *lab.NS, ifname string) *lab.FrameCounter {
		c, err := ns.CountFrames(context.WithoutCancel(t.Context()), ifname, func(f []byte) bool {
			return len(f) > 34 && bytes.Equal(f[30:34], to)
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	sent, arrived = counter(d.NS, "eth0"), counter(home.Internet(), "home0")
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	flood := lab.Flood{To: blastTo, Sources: netip.PrefixFrom(d.IPv4(), 32), PerSecond: blastRate}
	var sender sync.WaitGroup
	sender.Go(func() {
		if err := d.Flood(ctx, flood); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		sender.Wait()
	})
	return sent, arrived
}

// stopped wants nothing to arrive any more though the device sends on.
func (a *agent) stopped(after string, sent, arrived *lab.FrameCounter) {
	a.t.Helper()
	began, passed := sent.Count(), arrived.Count()
	a.eventually("it blasts on", func() bool { return sent.Count() > began+blastUnseen })
	if n := arrived.Count() - passed; n > 0 {
		a.t.Errorf("%d packets passed after the answer said in force, after %s", n, after)
	}
}
