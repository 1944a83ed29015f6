package firewall

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// serves takes whoever comes to a TCP port, one after the other, until the test ends; connections stay open that each
// leaves open.
func serves(t *testing.T, ns *lab.NS, at netip.AddrPort, each func(net.Conn)) {
	t.Helper()
	err := ns.Do(func() error {
		l, err := net.Listen("tcp", at.String())
		if err != nil {
			return err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				defer c.Close()
				stop := context.AfterFunc(t.Context(), func() { c.Close() })
				each(c)
				stop()
			}
		}()
		t.Cleanup(func() {
			l.Close()
			<-done
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// echoes answers whatever is said to it on a TCP port.
func echoes(t *testing.T, ns *lab.NS, at netip.AddrPort) {
	t.Helper()
	serves(t, ns, at, func(c net.Conn) {
		buf := make([]byte, 64)
		if n, err := c.Read(buf); err == nil {
			_, _ = c.Write(buf[:n])
		}
		c.Close()
	})
}

// says whether a whole conversation is possible.
func talks(t *testing.T, from *lab.NS, to netip.AddrPort) bool {
	t.Helper()
	c, err := from.Dial(t.Context(), "tcp", to)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(3 * time.Second))
	buf := make([]byte, 5)
	if _, err := c.Write([]byte("hello")); err != nil {
		return false
	}
	n, err := c.Read(buf)
	return err == nil && n == 5
}

// Whole conversations pass, whoever began them, and nobody can tell more of those that are not allowed.
func TestWholeConversationsOfADeviceWithAProfile(t *testing.T) {
	h := startHouse(t, lab.Options{})
	for _, at := range []struct {
		ns *lab.NS
		ap netip.AddrPort
	}{
		{h.Internet(), port(h.server4, 4443)},
		{h.laptop.NS, port(h.laptop.IPv4(), 8000)},
		{h.cam.NS, port(h.cam.IPv4(), 8080)},
	} {
		echoes(t, at.ns, at.ap)
	}
	for _, strict := range []bool{false, true} {
		s := h.state()
		s.Profiles = []Profile{h.profile(t, Enforce, strict)}
		apply(t, h.firewall, s)
		for what, ok := range map[string]bool{
			"with the cloud":      talks(t, h.cam.NS, port(h.server4, 4443)),
			"with its controller": strict || talks(t, h.cam.NS, port(h.laptop.IPv4(), 8000)), // the file has no answers to it
			"with a neighbour":    strict || talks(t, h.tv.NS, port(h.cam.IPv4(), 8080)),
		} {
			if !ok {
				t.Errorf("strict %v: no conversation %s", strict, what)
			}
		}
	}
	// Its own quarantine wins over all of it.
	s := h.state(cut(t, h.cam))
	s.Profiles = []Profile{h.profile(t, Enforce, false)}
	apply(t, h.firewall, s)
	out, server := openWire(t, h.cam.NS, "eth0"), openWire(t, h.Internet(), "home0")
	before := h.proof(t, h.cam).Refused.Packets
	out.send(t, framed(routerMAC, mac(t, h.cam), lab.TCP(port(h.cam.IPv4(), 41000), port(h.server4, 4443), 1, lab.FlagSYN, []byte("quarantined"))))
	eventually(t, "what its maker allows is refused", func() bool { return h.proof(t, h.cam).Refused.Packets > before })
	if server.carries([]byte("quarantined")) > 0 {
		t.Error("it got through")
	}
}

// Between two devices that both have a profile, both makers must allow it.
func TestTwoDevicesWithProfiles(t *testing.T) {
	h := startHouse(t, lab.Options{})
	s := h.state()
	cam, laptop := h.profile(t, Enforce, false), h.profile(t, Enforce, false)
	laptop.MAC, laptop.Addresses = mac(t, h.laptop), h.laptop.Addrs()
	laptop.Policy = policy(t, false, "", `"ietf-mud:mud":{"local-networks":[null]},"ipv4":{"protocol":6},"tcp":{"destination-port":{"port":8001}}`)
	s.Profiles = []Profile{cam, laptop}
	apply(t, h.firewall, s)
	for p, ok := range map[uint16]bool{8001: true, 8002: false} {
		echoes(t, h.laptop.NS, port(h.laptop.IPv4(), p))
		ctx, cancel := context.WithTimeout(t.Context(), map[bool]time.Duration{true: 20 * time.Second, false: 500 * time.Millisecond}[ok])
		c, err := h.cam.Dial(ctx, "tcp", port(h.laptop.IPv4(), p))
		if cancel(); err == nil {
			c.Close()
		}
		if (err == nil) != ok {
			t.Errorf("port %d: %v", p, err)
		}
	}
	all, err := h.firewall.Profiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := all[mac(t, h.laptop)].RefusedTo.Packets; got == 0 || h.refused(t, false) > 0 {
		t.Errorf("the laptop's maker refused %d packets, the camera's %d", got, h.refused(t, false))
	}
}
