package capture

import (
	"net/netip"
	"time"

	"spinneret/capture/packet"
)

// The home of the tests.
var (
	cam     = packet.MAC{2, 0, 0, 0, 0, 1}
	tv      = packet.MAC{2, 0, 0, 0, 0, 2}
	printer = packet.MAC{2, 0, 0, 0, 0, 3}
	gateway = packet.MAC{2, 0, 0, 0, 0, 0xfe}
	isp     = packet.MAC{2, 0, 0, 0, 0, 0xff}

	camAddr     = addr("192.168.1.10")
	tvAddr      = addr("192.168.1.20")
	printerAddr = addr("192.168.1.30")
	gatewayAddr = addr("192.168.1.1")
	wanAddr     = addr("203.0.113.20")
	server      = addr("198.51.100.7")
	other       = addr("198.51.100.8")
)

const (
	lanIndex = 3
	wanIndex = 2
)

var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// wireHome is a home seen in a capture file: MACs on both ends, no interfaces.
func wireHome() *Home {
	return &Home{
		LAN:         []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24"), netip.MustParsePrefix("fd00:1::/64")},
		RouterMACs:  []packet.MAC{gateway},
		RouterAddrs: []netip.Addr{gatewayAddr, addr("fd00:1::1")},
	}
}

// logHome is the same home seen by the router's kernel.
func logHome() *Home {
	h := wireHome()
	h.LANInterfaces = []int32{lanIndex}
	h.RouterAddrs = append(h.RouterAddrs, wanAddr)
	return h
}

func tableOf(h *Home) *Table {
	t := NewTable(Limits{Flows: 1000, Devices: 100})
	t.SetHome(h)
	return t
}

// a change alters a packet under construction.
type change func(*packet.Packet)

func udp(src netip.Addr, srcPort uint16, dst netip.Addr, dstPort uint16, changes ...change) *packet.Packet {
	p := &packet.Packet{
		Time: start, EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP, Length: 100,
		Src: src, Dst: dst, SrcPort: srcPort, DstPort: dstPort,
	}
	if src.Is6() {
		p.EtherType = packet.EtherTypeIPv6
	}
	for _, c := range changes {
		c(p)
	}
	return p
}

func tcp(src netip.Addr, srcPort uint16, dst netip.Addr, dstPort uint16, flags uint8, changes ...change) *packet.Packet {
	p := udp(src, srcPort, dst, dstPort, changes...)
	p.Proto, p.TCPFlags = packet.ProtoTCP, flags
	return p
}

// frame is one without IP.
func frame(etherType uint16, changes ...change) *packet.Packet {
	p := &packet.Packet{Time: start, EtherType: etherType, Length: 60}
	for _, c := range changes {
		c(p)
	}
	return p
}

func macs(src, dst packet.MAC) change {
	return func(p *packet.Packet) { p.SrcMAC, p.DstMAC = src, dst }
}

func at(d time.Duration) change {
	return func(p *packet.Packet) { p.Time = start.Add(d) }
}

func size(n uint32) change {
	return func(p *packet.Packet) { p.Length = n }
}

// via is what nflog tells: interfaces, and only the sender's MAC.
func via(in, out int32, src packet.MAC) change {
	return func(p *packet.Packet) { p.In, p.Out, p.SrcMAC = in, out, src }
}

func arp(src, dst netip.Addr, changes ...change) *packet.Packet {
	p := frame(packet.EtherTypeARP, changes...)
	p.Src, p.Dst, p.ARPOp = src, dst, 1
	return p
}

func part(offset uint16, id uint32) change {
	return func(p *packet.Packet) {
		p.Fragment, p.FragOffset, p.FragID = true, offset, id
		if offset > 0 {
			p.SrcPort, p.DstPort = 0, 0
		}
	}
}
