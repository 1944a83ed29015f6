package firewall

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

var (
	plainRouter = netip.MustParseAddr("192.168.9.1")
	plainDevice = netip.MustParseAddr("192.168.9.7")
)

// A LAN interface without a bridge: the router at the one end, one device at the other.
func TestADeviceOnAPlainInterfaceIsCutOff(t *testing.T) {
	router, device := cable(t)
	f := open(t, router)
	from := udpStream(t, "device to router", device, router, port(plainRouter, 9000))
	to := udpStream(t, "router to device", router, device, port(plainDevice, 9001))
	out, in := openWire(t, device, "eth0"), openWire(t, router, "eth2")
	mac, routerMAC := [6]byte{2, 0, 0, 0, 9, 7}, [6]byte{2, 0, 0, 0, 9, 1}
	q := Quarantine{ID: "q", MAC: mac, Level: Full, Lease: plainDevice, Addresses: []netip.Addr{plainDevice}}
	apply(t, f, State{LAN: []LAN{guests}, Quarantines: []Quarantine{q}})
	lastFrom, lastTo := from.sent.Load(), to.sent.Load()

	out.send(t, ethernet(broadcast, mac, 0x0806, arpPacket(2, mac, plainRouter, broadcast, plainRouter)))
	ask := ethernet(broadcast, mac, 0x0806, arpPacket(1, mac, plainDevice, [6]byte{}, plainRouter))
	out.send(t, ask)
	answer := arpPacket(2, routerMAC, plainRouter, mac, plainDevice)
	eventually(t, "the router says who it is", func() bool { return out.seen(routerMAC, answer) > 0 })
	for i := range 20 {
		mark := fmt.Appendf(nil, "lease-%02d", i)
		out.send(t, ethernet(broadcast, mac, 0x0800, ipv4Packet(17, anybody, limited, 0, udpDatagram(68, 67, mark))))
	}

	const sent = 1 + 20 - 6 // the poison, and DHCP less what may pass while this runs
	eventually(t, "both directions are refused", func() bool { return proof(t, f, "q").Refused.Packets > sent+400 })
	if from.goesOnFrom(lastFrom+1) || to.goesOnFrom(lastTo+1) {
		t.Errorf("passed up to %d of %d and %d of %d", from.highest.Load(), lastFrom, to.highest.Load(), lastTo)
	}
	if !proof(t, f, "q").InForce {
		t.Error("not in force")
	}
	apply(t, f, State{LAN: []LAN{guests}})
	eventually(t, "it comes back", func() bool { return from.goesOnFrom(lastFrom+1) && to.goesOnFrom(lastTo+1) })
	if in.seen(mac, []byte("lease-00")) == 0 {
		t.Error("the wire at the router saw nothing: it proves nothing")
	}
}

func proof(t *testing.T, f *Firewall, id string) Proof {
	t.Helper()
	c, err := f.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Quarantines[id]
}

// cable connects eth2 of a router with eth0 of a device.
func cable(t *testing.T) (router, device *lab.NS) {
	t.Helper()
	router, device = newNS(t), newNS(t)
	fd, err := unix.Dup(device.FD())
	if err != nil {
		t.Fatal(err)
	}
	peer := os.NewFile(uintptr(fd), "device")
	defer peer.Close()
	cmd := router.Command(t.Context(), "ip", "-batch", "-")
	cmd.ExtraFiles = append(cmd.ExtraFiles, peer)
	cmd.Stdin = strings.NewReader("link add eth2 address 02:00:00:00:09:01 up type veth peer name eth0 address 02:00:00:00:09:07 netns /proc/self/fd/3\n" +
		"addr add 192.168.9.1/24 dev eth2\n")
	if _, err := router.Run(cmd); err != nil {
		t.Fatal(err)
	}
	run(t, device, "link set eth0 up\naddr add 192.168.9.7/24 dev eth0\n", "ip", "-batch", "-")
	return router, device
}

// The milder levels on such an interface, with what others route to it.
func TestADeviceOnAPlainInterfaceIsCutOffFromSome(t *testing.T) {
	router, device := cable(t)
	server := newNS(t)
	uplink(t, router, server)
	run(t, device, "", "ip", "route", "add", "default", "via", plainRouter.String())
	f := open(t, router)
	far := netip.MustParseAddr("198.51.100.77")
	mac := [6]byte{2, 0, 0, 0, 9, 7}
	out := udpStream(t, "to the internet", device, server, port(far, 9000))
	in := udpStream(t, "from the internet", server, device, port(plainDevice, 9001))
	inOther := udpStream(t, "from the internet to another port", server, device, port(plainDevice, 9002))
	fromRouter := udpStream(t, "of the router", router, device, port(plainDevice, 9003))
	for name, c := range map[string]struct {
		q            Quarantine
		dies, passes []*stream
	}{
		"internet": {Quarantine{ID: "q", MAC: mac, Level: Internet}, []*stream{out, in, inOther, fromRouter}, nil},
		"internet with an exception": {
			Quarantine{ID: "q", MAC: mac, Level: Internet, Except: []Target{target("198.51.100.77/32", 17)}},
			[]*stream{fromRouter},
			[]*stream{out, in, inOther},
		},
		"flow": {
			Quarantine{ID: "q", MAC: mac, Level: Flow, To: []Target{target("198.51.100.0/24", 17)}},
			[]*stream{out, in, inOther},
			[]*stream{fromRouter},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.q.Addresses = []netip.Addr{plainDevice}
			apply(t, f, State{LAN: []LAN{guests}, Quarantines: []Quarantine{c.q}})
			var last []uint64
			for _, s := range c.dies {
				last = append(last, s.sent.Load())
			}
			eventually(t, "packets are refused", func() bool { return proof(t, f, "q").Refused.Packets > uint64(100*len(c.dies)) })
			for _, s := range c.passes {
				from := s.sent.Load()
				eventually(t, s.name+" goes on", func() bool { return s.goesOnFrom(from + 100) })
			}
			for i, s := range c.dies {
				if s.goesOnFrom(last[i] + 1) {
					t.Errorf("%s passed", s.name)
				}
			}
			if !proof(t, f, "q").InForce {
				t.Error("not in force")
			}
			apply(t, f, State{LAN: []LAN{guests}})
			for i, s := range c.dies {
				eventually(t, s.name+" comes back", func() bool { return s.goesOnFrom(last[i] + 1) })
			}
		})
	}
}

// uplink connects a router that has cable with a server on the internet, which knows the way back.
func uplink(t *testing.T, router, server *lab.NS) {
	t.Helper()
	fd, err := unix.Dup(server.FD())
	if err != nil {
		t.Fatal(err)
	}
	peer := os.NewFile(uintptr(fd), "server")
	defer peer.Close()
	cmd := router.Command(t.Context(), "ip", "-batch", "-")
	cmd.ExtraFiles = append(cmd.ExtraFiles, peer)
	cmd.Stdin = strings.NewReader("link add wan up type veth peer name eth0 netns /proc/self/fd/3\naddr add 198.51.100.1/24 dev wan\n")
	if _, err := router.Run(cmd); err != nil {
		t.Fatal(err)
	}
	if err := router.Do(func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) }); err != nil {
		t.Fatal(err)
	}
	run(t, server, "link set eth0 up\naddr add 198.51.100.77/24 dev eth0\nroute add default via 198.51.100.1\n", "ip", "-batch", "-")
}

func TestAKernelWithoutTheBridgeFamilyCutsWhatItCan(t *testing.T) {
	h := startHouse(t, lab.Options{})
	h.firewall.kernel.bridge = false
	out := udpStream(t, "cam to the internet", h.cam.NS, h.Internet(), port(h.server6, 9000))
	lan := udpStream(t, "cam to a neighbour", h.cam.NS, h.tv.NS, port(h.tv.IPv4(), 9001))
	if l := h.firewall.Limits(); len(l) != 1 || !strings.Contains(l[0], "kmod-nft-bridge") {
		t.Errorf("limits are %q, want what is missing and what to install", l)
	}
	apply(t, h.firewall, h.state(cut(t, h.cam)))
	lastOut, lastLAN := out.sent.Load(), lan.sent.Load()
	eventually(t, "the LAN goes on", func() bool { return lan.goesOnFrom(lastLAN + 100) })
	if out.goesOnFrom(lastOut + 1) {
		t.Error("the internet was reached")
	}
	if p := h.proof(t, h.cam); !p.InForce || p.Refused.Packets < 50 {
		t.Errorf("proof is %+v", p)
	}
}
