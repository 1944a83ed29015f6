package firewall

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// The two things that pass do so to the router only, and DHCP slowly.
func TestADeviceThatIsCutOffKeepsItsLeaseAndKnowsTheRouter(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam, router := mac(t, h.cam), [6]byte{2, 0, 0, 0, 1, 1}
	out := openWire(t, h.cam.NS, "eth0")
	laptop, bridge := openWire(t, h.laptop.NS, "eth0"), openWire(t, h.Router(), lab.Bridge)
	apply(t, h.firewall, h.state(cut(t, h.cam)))

	ask := []byte("who is the router")
	out.send(t, ethernet(broadcast, cam, 0x0806, arpPacket(1, cam, h.cam.IPv4(), [6]byte{}, h.router4), ask))
	eventually(t, "its ARP request reaches the router", func() bool { return bridge.seen(cam, ask) > 0 })
	answer := arpPacket(2, router, h.router4, cam, h.cam.IPv4())
	eventually(t, "the answer reaches it", func() bool { return out.seen(router, answer) > 0 })

	for i := range 50 {
		mark := fmt.Appendf(nil, "lease-%02d", i)
		out.send(t, ethernet(broadcast, cam, 0x0800, ipv4Packet(17, anybody, limited, 0, udpDatagram(68, 67, mark))))
	}
	eventually(t, "DHCP reaches the router", func() bool { return bridge.seen(cam, []byte("lease-00")) > 0 })
	eventually(t, "all but a few are refused", func() bool { return h.proof(t, h.cam).Refused.Packets >= 44 })
	if n := bridge.seen(cam, []byte("lease-")); n > 6 {
		t.Errorf("%d of 50 DHCP packets reached the router at once, want 2 a second", n)
	}
	if n := laptop.seen(cam, []byte("lease-")) + laptop.seen(cam, ask); n > 0 {
		t.Errorf("%d frames for the router reached another device", n)
	}

	eventually(t, "it gets its lease again", func() bool { return renewed(t, h.cam) })
}

func TestOnlyTheRouterAnswersADeviceThatIsCutOff(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam, router := mac(t, h.cam), [6]byte{2, 0, 0, 0, 1, 1}
	device, bridge := openWire(t, h.cam.NS, "eth0"), openWire(t, h.Router(), lab.Bridge)
	lease := func(from netip.Addr, mark string) []byte {
		return ethernet(cam, router, 0x0800, ipv4Packet(17, from, h.cam.IPv4(), 0, udpDatagram(67, 68, []byte(mark))))
	}
	refused := map[string][]byte{
		"routed":   lease(h.server4, "routed"),
		"question": ethernet(cam, router, 0x0806, arpPacket(1, router, h.router4, [6]byte{}, h.cam.IPv4()), []byte("question")),
		"other":    ethernet(cam, router, 0x0800, ipv4Packet(17, h.router4, h.cam.IPv4(), 0, udpDatagram(53, 68, []byte("other")))),
		"unknown":  ethernet(cam, router, 0x88b5, []byte("unknown")),
	}
	for when, cuts := range map[string][]Quarantine{"free": nil, "held": {cut(t, h.cam)}} {
		apply(t, h.firewall, h.state(cuts...))
		for name, frame := range refused {
			bridge.send(t, bytes.ReplaceAll(frame, []byte(name), []byte(name+when)))
		}
		bridge.send(t, lease(h.router4, "allowed"+when))
		eventually(t, "a lease from the router arrives", func() bool { return device.seen(router, []byte("allowed"+when)) > 0 })
		for name := range refused {
			if got := device.seen(router, []byte(name+when)) > 0; got != (when == "free") {
				t.Errorf("%s: %q arrives: %v", when, name, got)
			}
		}
	}
}

// renewed asks for a lease as a device does that has just been switched on.
func renewed(t *testing.T, d *lab.Device) bool {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := d.NS.Run(d.NS.Command(ctx, "busybox", "udhcpc", "-i", "eth0", "-f", "-n", "-q", "-t", "3", "-T", "1", "-s", "/bin/true"))
	return err == nil
}
