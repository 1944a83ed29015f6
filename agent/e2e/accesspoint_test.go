package e2e

import (
	"bytes"
	"net/http"
	"net/netip"
	"slices"
	"testing"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// TestAnAccessPointHasNoWAN: it starts all the same, its devices and what they tell each other are seen on the bridge,
// and cutting one off works as far as it can there.
func TestAnAccessPointHasNoWAN(t *testing.T) {
	home := ownHome(t, "cam", "laptop", "gateway")
	onRouter(t, home, "ip", "link", "del", lab.WAN)
	t.Run("without a way out", func(t *testing.T) { bridgeOnly(t, startAccessPoint(t, home)) })
	t.Run("with one through the bridge", func(t *testing.T) {
		gateway := home.Device("gateway")
		onRouter(t, home, "ip", "route", "add", "default", "via", gateway.IPv4().String())
		onRouter(t, home, "busybox", "ping", "-c", "1", "-W", "2", gateway.IPv4().String())
		a := startAccessPoint(t, home)
		a.device(home.Device("cam"))
		onRouter(t, home, "busybox", "ping", "-c", "1", "-W", "2", gateway.IPv4().String())
		for _, d := range a.devices() {
			if d.MAC == gateway.MAC {
				t.Errorf("who leads to the internet is a device: %+v", d)
			}
		}
		noInternetLevel(t, a, home.Device("cam"))
	})
}

func startAccessPoint(t *testing.T, home *lab.Home) *agent {
	t.Helper()
	a := prepare(t, home, func(o options) options { return o.without("list wan") })
	a.start()
	a.counts()
	return a
}

func bridgeOnly(t *testing.T, a *agent) {
	t.Helper()
	cam, laptop := a.home.Device("cam"), a.home.Device("laptop")
	if s := a.status(); s.Level != 3 {
		t.Errorf("the level is %d of %+v", s.Level, s.Levels)
	}
	talkToEachOther(t, a, cam, laptop)
	if d := a.device(laptop); !slices.Contains(d.Addresses, laptop.IPv4().String()) {
		t.Errorf("the laptop has %v", d.Addresses)
	}
	noInternetLevel(t, a, cam)
	flowOnly(t, a, cam, a.home.Device("gateway"))
	inside := countLAN(t, a.home, cam, laptop, "udp4")
	a.passes(inside)
	a.cutOff(cam, "")
	a.allStopped([]*flow{inside})()
	a.release(cam)
	a.passes(inside)
}

// noInternetLevel: a bridge does not tell the internet from the home, nor a maker's servers from others, and says so.
func noInternetLevel(t *testing.T, a *agent, d *lab.Device) {
	t.Helper()
	status, answer, err := a.bySocket().send(http.MethodPut, "/api/v1/"+quarantineOf(d), `{"level":"internet"}`)
	if err != nil || status != http.StatusConflict || !bytes.Contains(answer, []byte(`:unsupported"`)) || !bytes.Contains(answer, []byte("level full")) {
		t.Errorf("level internet is answered %d %s, %v", status, answer, err)
	}
	status, answer, err = a.bySocket().send(http.MethodPut, "/api/v1/devices/"+d.MAC+"/mud", `{"url":"https://maker.example/cam"}`)
	if err != nil || status != http.StatusConflict || !bytes.Contains(answer, []byte(`:unsupported"`)) || !bytes.Contains(answer, []byte("on the router")) {
		t.Errorf("a description is answered %d %s, %v", status, answer, err)
	}
}

// flowOnly tries level flow where the way to the internet leads from port to port: what is cut off does not get to the
// gateway, what follows it does.
func flowOnly(t *testing.T, a *agent, d, gateway *lab.Device) {
	t.Helper()
	target, other := netip.MustParseAddrPort("198.51.100.99:4000"), netip.MustParseAddrPort("198.51.100.98:4000")
	to := func(addr netip.AddrPort) *wire {
		return watchWire(t, gateway, func(p *packet.Packet) bool { return p.Dst == addr.Addr() && p.DstPort == addr.Port() })
	}
	refused, passed := to(target), to(other)
	a.cutOff(d, `{"level":"flow","to":["198.51.100.99/udp"]}`)
	from := netip.AddrPortFrom(d.IPv4(), 4000)
	for range 20 {
		for _, addr := range []netip.AddrPort{target, other} {
			if err := d.SendFrame(lab.IP(lab.ParseMAC(gateway.MAC), lab.ParseMAC(d.MAC), lab.UDP(from, addr, []byte("out")))); err != nil {
				t.Fatal(err)
			}
		}
	}
	a.eventually("what is not cut off arrives", func() bool { return passed.Count() == 20 })
	if n := refused.Count(); n > 0 {
		t.Errorf("%d packets to what is cut off arrived", n)
	}
	a.release(d)
}

func onRouter(t *testing.T, home *lab.Home, command string, args ...string) {
	t.Helper()
	if _, err := home.Router().Run(home.Router().Command(t.Context(), command, args...)); err != nil {
		t.Fatal(err)
	}
}
