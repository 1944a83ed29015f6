package firewall

import (
	"bytes"
	"net/netip"
	"sync"
	"testing"

	"github.com/florianl/go-nflog/v2"

	"spinneret/openwrt/lab"
)

const triedGroup = 13

// tries is what was told of devices that are cut off.
type tries struct {
	mu      sync.Mutex
	packets []triedPacket
}

type triedPacket struct {
	mac, packet []byte
}

func tellTries(t *testing.T, ns *lab.NS) *tries {
	t.Helper()
	b := &tries{}
	hear(t, ns, triedGroup, func(a nflog.Attribute) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.packets = append(b.packets, triedPacket{bytes.Clone(*a.HwAddr), bytes.Clone(*a.Payload)})
	})
	return b
}

// count is how many packets of a device were told whose content holds mark.
func (b *tries) count(mac [6]byte, mark string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.packets {
		if bytes.Equal(p.mac, mac[:]) && bytes.Contains(p.packet, []byte(mark)) {
			n++
		}
	}
	return n
}

func TestWhomADeviceTriesToReachIsToldAtEachLevel(t *testing.T) {
	h := startHouse(t, lab.Options{})
	told := tellTries(t, h.Router())
	mac := mac(t, h.cam)
	for _, c := range []struct {
		name string
		cut  Quarantine
		to   netip.AddrPort
	}{
		{"full", cut(t, h.cam), port(h.server4, 9000)},
		{"full, to the router", cut(t, h.cam), port(h.router4, 53)},
		{"internet", offlineFor(t, h.cam), port(h.server6, 9000)},
		{"internet, to the router", offlineFor(t, h.cam), port(h.router4, 53)},
		{"flow to the internet", stop(t, h.cam, target(h.server4.String()+"/32", 17)), port(h.server4, 9000)},
		{"flow to a neighbour", stop(t, h.cam, target(h.tv.IPv4().String()+"/32", 17, 9000)), port(h.tv.IPv4(), 9000)},
	} {
		s := h.state(c.cut)
		s.Log = Log{Tried: triedGroup}
		apply(t, h.firewall, s)
		eventually(t, c.name+" is told", func() bool {
			datagram(t, h.cam.NS, c.to, c.name+".")
			return told.count(mac, c.name+".") > 0
		})
	}
}

// A flood of one device costs no more than its share, and takes nothing of another's.
func TestAFloodOfTriesIsToldAsASample(t *testing.T) {
	h := startHouse(t, lab.Options{})
	told := tellTries(t, h.Router())
	s := h.state(cut(t, h.cam), cut(t, h.tv))
	s.Log = Log{Tried: triedGroup}
	apply(t, h.firewall, s)
	const flood = 20_000
	c, err := h.cam.NS.Dial(t.Context(), "udp", port(h.server4, 9000))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for sent := 0; sent < flood; {
		if _, err := c.Write([]byte("flood")); err == nil {
			sent++
		}
	}
	eventually(t, "the other is told", func() bool {
		datagram(t, h.tv.NS, port(h.server4, 9000), "other")
		return told.count(mac(t, h.tv), "other") > 0
	})
	eventually(t, "the flood is refused", func() bool { return h.proof(t, h.cam).Refused.Packets > flood/2 })
	if n := told.count(mac(t, h.cam), "flood"); n == 0 || n > flood/4 {
		t.Errorf("of %d packets %d are told", flood, n)
	}
}

func TestWhatNamesNobodyIsNotTold(t *testing.T) {
	router, device := cable(t)
	f := open(t, router)
	told := tellTries(t, router)
	mac := [6]byte{2, 0, 0, 0, 9, 7}
	apply(t, f, State{LAN: []LAN{guests}, Log: Log{Tried: triedGroup}, Quarantines: []Quarantine{
		{ID: "q", MAC: mac, Level: Full, Lease: plainDevice, Addresses: []netip.Addr{plainDevice}},
	}})
	out := openWire(t, device, "eth0")
	out.send(t, ethernet([6]byte{2, 0, 0, 0, 9, 1}, mac, 0x88b5, []byte("everybody")))
	out.send(t, ethernet(broadcast, mac, 0x0800, ipv4Packet(17, plainDevice, limited, 0, udpDatagram(9, 9, []byte("everybody")))))
	eventually(t, "who is meant alone is told", func() bool {
		datagram(t, device, port(plainRouter, 9000), "one")
		return told.count(mac, "one") > 0
	})
	if told.count(mac, "everybody") > 0 {
		t.Error("the others are told as well")
	}
}
