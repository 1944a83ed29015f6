package e2e

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// TestWhatTheOwnerAllowsPassesACut: the firmware's server, say, and nothing beside it.
func TestWhatTheOwnerAllowsPassesACut(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	a.device(cam)
	allowed := count(t, home, cam, "udp4")
	others := []*flow{count(t, home, cam, "tcp4"), count(t, home, cam, "udp6")}
	inside := []*flow{countLAN(t, home, cam, laptop, "udp4")}
	a.edit(cam, `{"exceptions":["198.51.100.99/udp"]}`)
	for _, level := range []string{"internet", "full"} {
		a.cutOff(cam, `{"level":"`+level+`"}`)
		a.allStopped(others)()
		a.passes(allowed)
		if level == "full" {
			a.allStopped(inside)()
		} else {
			a.passes(inside[0])
		}
	}
	if d := a.edit(cam, `{"exceptions":[]}`); len(d.Exceptions) != 0 || d.Quarantine == nil || !d.Quarantine.InForce {
		t.Errorf("after the exception is taken back it is %+v", d)
	}
	a.allStopped([]*flow{allowed})()
	a.edit(cam, `{"exceptions":["198.51.100.99/udp"]}`)
	a.passes(allowed)
	a.edit(cam, `{"exceptions":[]}`)
}

func (a *agent) edit(d *lab.Device, body string) (answer ui.Device) {
	a.t.Helper()
	a.ask(http.MethodPatch, "devices/"+d.MAC, body, &answer)
	return answer
}

// TestADeviceMayBeForbiddenToOpenPorts: the router does not hear its requests, those of others it does.
func TestADeviceMayBeForbiddenToOpenPorts(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := startAgent(t, home)
	cam, laptop := home.Device("cam"), home.Device("laptop")
	a.device(cam)
	router, _, router6 := home.LANAddr()
	heard := map[netip.AddrPort]func() uint64{}
	for _, addr := range []netip.Addr{router, router6} {
		for _, port := range []uint16{1900, 5351} { // SSDP; NAT-PMP and PCP
			to := netip.AddrPortFrom(addr, port)
			heard[to] = hear(t, home.Router(), to)
		}
	}
	ask := func(d *lab.Device) {
		t.Helper()
		for to := range heard {
			c, err := d.Dial(t.Context(), "udp", to)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = c.Write([]byte("open a port")) // refused at times
			c.Close()
		}
	}
	// reaches asks until the router heard a device on every port.
	reaches := func(d *lab.Device) {
		t.Helper()
		for to, n := range heard {
			before := n()
			a.eventually(d.Name+" is heard at "+to.String(), func() bool { ask(d); return n() > before })
		}
	}
	reaches(cam)
	if d := a.edit(cam, `{"refuseMappings":true}`); !d.RefuseMappings {
		t.Errorf("the answer is %+v", d)
	}
	before := map[netip.AddrPort]uint64{}
	for to, n := range heard {
		before[to] = n()
	}
	for range still {
		ask(cam)
	}
	for to, n := range heard {
		if got := n() - before[to]; got > 0 {
			t.Errorf("%d of its %d requests arrived at %v", got, still, to)
		}
	}
	reaches(laptop)
	if _, err := cam.Lookup(t.Context(), "A", "shop.market.example"); err != nil {
		t.Errorf("the router's resolver refuses it: %v", err)
	}
	a.edit(cam, `{"refuseMappings":false}`)
	reaches(cam)
}

// hear counts the datagrams that reach a port.
func hear(t *testing.T, ns *lab.NS, at netip.AddrPort) func() uint64 {
	t.Helper()
	var conn *net.UDPConn
	err := ns.Do(func() (err error) {
		conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Uint64
	var listener sync.WaitGroup
	listener.Go(func() {
		for buf := make([]byte, 64); ; {
			_, _, err := conn.ReadFromUDPAddrPort(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				n.Add(1)
			}
		}
	})
	t.Cleanup(func() {
		conn.Close()
		listener.Wait()
	})
	return n.Load
}
