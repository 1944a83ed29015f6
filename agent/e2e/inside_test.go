package e2e

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const experimental = 0x88b5 // IEEE 802: for local experiments

// insideFlow is the flow with that protocol between two devices, whichever began it.
func (a *agent) insideFlow(one, two *lab.Device, protocol string, port uint16) (found ui.Flow) {
	a.t.Helper()
	for _, f := range a.flows(one) {
		ends := *f.Device == one.MAC && f.Peer != nil && *f.Peer == two.MAC || *f.Device == two.MAC && f.Peer != nil && *f.Peer == one.MAC
		if ends && f.Protocol == protocol && (f.Port == nil && port == 0 || f.Port != nil && *f.Port == port) {
			return f
		}
	}
	return ui.Flow{}
}

// wire counts what reaches a device: frames that match, and their IP bytes or else whole length.
type wire struct {
	*lab.FrameCounter
	bytes uint64 // valid after Close
}

func watchWire(t *testing.T, d *lab.Device, match func(*packet.Packet) bool) *wire {
	t.Helper()
	w := &wire{}
	counter, err := d.NS.CountFrames(t.Context(), "eth0", func(frame []byte) bool {
		var p packet.Packet
		if p.DecodeEthernet(frame, len(frame)) != nil || !match(&p) {
			return false
		}
		w.bytes += uint64(p.Length)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	w.FrameCounter = counter
	t.Cleanup(func() { counter.Close() })
	return w
}

// TestWhoSpeaksNoIPIsADevice, with what it sent counted to the byte: to one neighbour, and LLDP that no bridge passes on.
func TestWhoSpeaksNoIPIsADevice(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	cam, tv := home.Device("cam"), home.Device("tv")
	sensor := &lab.Device{Name: "sensor", MAC: "02:00:00:00:88:b5"}
	hub, says := lab.ParseMAC(tv.MAC), lab.ParseMAC(sensor.MAC)
	arrived := watchWire(t, tv, func(p *packet.Packet) bool { return p.EtherType == experimental && p.SrcMAC == packet.MAC(says) })
	raw, err := cam.NS.OpenRaw("eth0") // it hangs on the cam's cable
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	send := func(to lab.MAC, etherType uint16, size int) {
		if err := raw.Send(lab.Ethernet(to, says, etherType, bytes.Repeat([]byte{7}, size))); err != nil {
			t.Fatal(err)
		}
	}
	const frames = 50
	for i := range frames {
		send(hub, experimental, 46+i)
	}
	send(lab.ParseMAC("01:80:c2:00:00:0e"), 0x88cc, 100)
	a.eventually("all frames arrived", func() bool { return arrived.Count() == frames })
	arrived.Close()
	a.eventually("the sensor's frames are counted", func() bool {
		return a.insideFlow(sensor, tv, "0x88b5", 0).TxBytes == arrived.bytes
	})
	a.eventually("its LLDP is seen", func() bool {
		d := a.device(sensor)
		return d.TxPackets == frames+1 && d.TxBytes == arrived.bytes+114
	})
	if f := a.insideFlow(sensor, tv, "0x88b5", 0); f.TxPackets != frames || f.RxPackets != 0 || f.Scope != "lan" || f.Remote != nil || f.DevicePort != nil || f.Direction != "out" {
		t.Errorf("the flow is %+v", f)
	}
	if d := a.device(sensor); len(d.Addresses) != 0 || !d.Online || d.NameSource != "mac" {
		t.Errorf("the sensor is %+v", d)
	}
	a.eventually("the TV has them, silent as it is", func() bool { return a.device(tv).RxPackets >= frames })
	before := a.device(tv)
	a.cutOff(sensor, `{"level":"full"}`)
	for range frames {
		send(hub, experimental, 100)
	}
	a.eventually("the frames are refused", func() bool {
		q := a.device(sensor).Quarantine
		return q != nil && q.RefusedPackets >= frames
	})
	a.release(sensor)
	send(hub, experimental, 100)
	a.eventually("a frame passes again", func() bool { return a.device(tv).RxPackets > before.RxPackets })
	a.eventually("it is counted for its sender", func() bool { return a.insideFlow(sensor, tv, "0x88b5", 0).TxPackets > frames })
	if f := a.insideFlow(sensor, tv, "0x88b5", 0); f.TxPackets != frames+1 {
		t.Errorf("%d frames are counted: what was refused is none of them", f.TxPackets)
	}
}

// TestTwoThatTalkOnlyToEachOther are counted to the byte against what arrives at either, also where what is bridged
// passes the IP firewall too.
func TestTwoThatTalkOnlyToEachOther(t *testing.T) {
	for name, bridgeNF := range map[string]bool{"as OpenWrt has it": false, "bridge-nf-call is 1": true} {
		t.Run(name, func(t *testing.T) {
			home := quietHome(t)
			if bridgeNF {
				home = openHome(t, lab.Options{BridgeNF: true}, "cam", "laptop")
			}
			a := startAgent(t, home)
			a.counts()
			talkToEachOther(t, a, home.Device("cam"), home.Device("laptop"))
		})
	}
}

func talkToEachOther(t *testing.T, a *agent, one, two *lab.Device) {
	for _, network := range []string{"udp4", "udp6", "tcp4"} {
		addr, port := two.IPv4(), uint16(9100)
		if network[3] == '6' {
			addr = two.IPv6()
		}
		mine := func(p *packet.Packet) bool {
			return p.Proto == map[string]uint8{"udp": packet.ProtoUDP, "tcp": packet.ProtoTCP}[network[:3]] &&
				(p.Src == addr && p.SrcPort == port || p.Dst == addr && p.DstPort == port)
		}
		there := watchWire(t, two, func(p *packet.Packet) bool { return mine(p) && p.Dst == addr })
		back := watchWire(t, one, func(p *packet.Packet) bool { return mine(p) && p.Src == addr })
		c, err := lab.StartCounter(t.Context(), lab.Path{From: one.NS, To: two.NS, Network: network[:3], Addr: netip.AddrPortFrom(addr, port), Size: 300, Every: 2 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		a.eventually("some hundred came back over "+network, func() bool { return c.Returned() >= 100 })
		c.Stop()
		var f ui.Flow
		agrees := func() bool {
			f = a.insideFlow(one, two, network[:3], port)
			return f.Device != nil && *f.Device == one.MAC && f.Remote != nil && *f.Remote == addr.String() &&
				f.TxPackets == uint64(there.Count()) && f.RxPackets == uint64(back.Count())
		}
		if !within(patience, agrees) || !agrees() {
			t.Errorf("%s: %d packets arrived and %d came back, the flow is %+v", network, there.Count(), back.Count(), f)
		}
		there.Close()
		back.Close()
		if f.TxBytes != there.bytes || f.RxBytes != back.bytes {
			t.Errorf("%s: %d bytes arrived and %d came back, the flow has %d and %d", network, there.bytes, back.bytes, f.TxBytes, f.RxBytes)
		}
	}
}

// TestWhatADeviceAnnouncesNamesIt: mDNS goes to a group that the router is no member of.
func TestWhatADeviceAnnouncesNamesIt(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	tv := home.Device("tv")
	mac, own := lab.MAC{2, 0, 0, 0, 0x53, 1}, netip.MustParseAddr("192.168.1.240")
	group := net.HardwareAddr{1, 0, 0x5e, 0, 0, 0xfb}
	answer := []byte("\x00\x00\x84\x00\x00\x00\x00\x01\x00\x00\x00\x00" + "\x07printer\x05local\x00" + "\x00\x01\x80\x01\x00\x00\x00\x78\x00\x04" + string(own.AsSlice()))
	frame := lab.IP(lab.MAC(group), mac, lab.UDP(netip.AddrPortFrom(own, 5353), netip.MustParseAddrPort("224.0.0.251:5353"), answer))
	if err := tv.SendFrame(frame); err != nil {
		t.Fatal(err)
	}
	d := a.device(&lab.Device{Name: "printer", MAC: net.HardwareAddr(mac[:]).String()})
	a.eventually("it has its name", func() bool {
		d = a.device(&lab.Device{Name: "printer", MAC: d.MAC})
		return d.Name == "printer" && d.NameSource == "mdns"
	})
	if len(d.Addresses) != 1 || d.Addresses[0] != own.String() {
		t.Errorf("it has %v", d.Addresses)
	}
}
