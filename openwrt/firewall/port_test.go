package firewall

import (
	"testing"

	"spinneret/openwrt/lab"
)

// A frame to a group that bridges pass on to nobody is taken up at its port: no rule of the bridge's sees it, and what it
// has for the router comes in by an interface that is none of the home's.
func TestWhatIsSentToThePortAloneIsRefusedToo(t *testing.T) {
	h := startHouse(t, lab.Options{})
	cam := mac(t, h.cam)
	out := openWire(t, h.cam.NS, "eth0")
	held := h.state()
	held.Profiles = []Profile{h.profile(t, Enforce, false)}
	refused := func() uint64 { return h.proof(t, h.cam).Refused.Packets }
	for what, c := range map[string]struct {
		state State
		count func() uint64
	}{
		"full":     {h.state(cut(t, h.cam)), refused},
		"internet": {h.state(offlineFor(t, h.cam)), refused},
		"flow":     {h.state(stop(t, h.cam, target("192.168.1.0/24", 17, 99))), refused},
		"profile":  {held, func() uint64 { return h.refused(t, false) }},
	} {
		apply(t, h.firewall, c.state)
		for _, group := range []byte{0x03, 0x0e} { // of 802.1X and of LLDP
			before := c.count()
			out.send(t, framed([6]byte{1, 0x80, 0xc2, 0, 0, group}, cam, lab.UDP(port(h.cam.IPv4(), 40000), port(h.router4, 99), []byte("question"))))
			eventually(t, what+" refuses it", func() bool { return c.count() > before })
		}
	}
}
