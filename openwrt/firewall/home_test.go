package firewall

import (
	"net"
	"net/netip"
	"testing"

	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

// house is a home with a firewall of ours on its router. Its devices are cam, which misbehaves, and laptop
// and tv, which do not.
type house struct {
	*lab.Home
	firewall         *Firewall
	cam, laptop, tv  *lab.Device
	router4, server4 netip.Addr
	server6          netip.Addr
}

func startHouse(t *testing.T, o lab.Options) *house {
	t.Helper()
	o.Devices = []lab.Spec{{Name: "cam"}, {Name: "laptop"}, {Name: "tv"}}
	o.Idle = true
	o.Dir = t.TempDir()
	h, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	f, err := Open(Options{NetNS: h.Router().FD()})
	if err != nil {
		t.Fatal(err)
	}
	router4, _, _ := h.LANAddr()
	return &house{
		Home: h, firewall: f, router4: router4,
		cam: h.Device("cam"), laptop: h.Device("laptop"), tv: h.Device("tv"),
		server4: netip.MustParseAddr("198.51.100.77"), server6: netip.MustParseAddr("2001:db8:100::77"),
	}
}

// takeOver lets an agent that was started anew bring a state to the kernel.
func (h *house) takeOver(t *testing.T, s State) {
	t.Helper()
	f, err := Open(Options{NetNS: h.Router().FD()})
	if err != nil {
		t.Fatal(err)
	}
	h.firewall = f
	apply(t, f, s)
}

// state is the home with these quarantines.
func (h *house) state(qs ...Quarantine) State {
	v4, ula, gua := h.LANAddr()
	lan := LAN{Name: lab.Bridge, Router: []netip.Prefix{
		netip.PrefixFrom(v4, 24), netip.PrefixFrom(ula, 64), netip.PrefixFrom(gua, 64),
	}}
	for _, d := range h.Devices() {
		lan.Ports = append(lan.Ports, d.Port)
	}
	return State{LAN: []LAN{lan}, WAN: []string{lab.WAN}, Log: logged, Quarantines: qs}
}

// cut is the quarantine of a device in full, with all that the agent would know of it.
func cut(t *testing.T, d *lab.Device) Quarantine {
	t.Helper()
	return Quarantine{ID: d.Name, MAC: mac(t, d), Level: Full, Lease: d.IPv4(), Addresses: d.Addrs()}
}

func mac(t *testing.T, d *lab.Device) [6]byte {
	t.Helper()
	m, err := net.ParseMAC(d.MAC)
	if err != nil {
		t.Fatal(err)
	}
	return [6]byte(m)
}

// proof reads back what the kernel says about the quarantine of d.
func (h *house) proof(t *testing.T, d *lab.Device) Proof {
	t.Helper()
	return h.proofOf(t, d.Name)
}
