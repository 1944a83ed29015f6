package dhcp

import (
	"context"
	"net/netip"
	"testing"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var wait = expect.Eventually

// listen shows a store what passes the router's bridge, as capture.Run does, until the test ends.
func listen(t *testing.T, s *Store) lab.Options {
	return lab.Options{
		Idle: true,
		BeforeJoin: func(_ context.Context, h *lab.Home) error {
			router := packet.MAC(lab.RouterMAC())
			frames, err := h.Router().CountFrames(t.Context(), lab.Bridge, func(frame []byte) bool {
				p := packet.Packet{Time: start}
				if err := p.DecodeEthernet(frame, len(frame)); err != nil {
					return false
				}
				from := p.SrcMAC
				if from == router {
					from = packet.MAC{}
				}
				s.Observe(&p, from, packet.MAC{})
				return true
			})
			if err == nil {
				t.Cleanup(func() { frames.Close() })
			}
			return err
		},
	}
}

// until waits for what a device says to be as wished.
func until(t *testing.T, s *Store, mac packet.MAC, what string, ok func(Client) bool) (c Client) {
	t.Helper()
	wait(t, what, func() bool {
		c, _ = s.Get(mac)
		return ok(c)
	})
	return c
}

// named says whether a device told its name, and more of what it is.
func named(c Client) bool { return c.Hostname != "" && c.Fingerprint != "" }

func TestADeviceThatTakesAnotherMACKeepsItsFingerprint(t *testing.T) {
	s := NewStore(100)
	o := listen(t, s)
	o.Devices = []lab.Spec{
		{Name: "cam", Class: "maker-cam-2", Ask: []string{"ntpsrv"}},
		{Name: "plug", Class: "maker-plug-1"},
	}
	home, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { home.Close() })
	device := home.Device("cam")
	was := until(t, s, packet.MAC(device.CurrentMAC()), "its name", named)
	if was.Hostname != "cam" {
		t.Errorf("the device says %+v", was)
	}
	plug := until(t, s, packet.MAC(home.Device("plug").CurrentMAC()), "the other's name", named)
	if plug.Fingerprint == was.Fingerprint || plug.Hostname != "plug" {
		t.Errorf("another kind of device says %+v", plug)
	}

	other := lab.MAC{0x0a, 1, 2, 3, 4, 5}
	if err := device.ChangeMAC(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	now := until(t, s, packet.MAC(other), "its name under the other MAC", named)
	if now.Fingerprint != was.Fingerprint || now.Hostname != was.Hostname {
		t.Errorf("under another MAC it says %+v, was %+v", now, was)
	}
}

func TestADeviceThatFloodsOrLiesChangesNobodysWords(t *testing.T) {
	s := NewStore(100)
	o := listen(t, s)
	o.Devices = []lab.Spec{{Name: "cam"}, {Name: "attacker"}}
	home, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { home.Close() })
	cam := packet.MAC(home.Device("cam").CurrentMAC())
	was := until(t, s, cam, "its name", named)

	attacker := home.Device("attacker")
	from := netip.AddrPortFrom(netip.IPv4Unspecified(), v4ClientPort)
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), v4ServerPort)
	lie := lab.UDP(from, to, ask(Request, cam, text(v4Hostname, "evil"), text(v4MUD, mud)))
	if err := attacker.SendFrame(lab.IP(lab.Broadcast, attacker.CurrentMAC(), lie)); err != nil {
		t.Fatal(err)
	}
	wait(t, "the lie", func() bool { return s.Losses()[1].Lost > 0 })
	if c, _ := s.Get(cam); c != was {
		t.Errorf("the camera says %+v, said %+v", c, was)
	}

	if err := attacker.HammerDHCP(300); err != nil {
		t.Fatal(err)
	}
	wait(t, "more devices than the store holds", func() bool { return s.Stores()[0].Evicted > 0 })
	if used := s.Stores()[0].Used; used > 100 {
		t.Errorf("%d clients in a store of 100", used)
	}
}
