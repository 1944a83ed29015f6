package anomaly

import (
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Ports and types that detectors look at (IANA).
const (
	portDNS        = 53
	portDHCPServer = 67
	portDHCPClient = 68
	portDHCP6      = 547
	portDHCP6To    = 546

	icmp6RouterAdvertisement   = 134
	icmp6NeighborAdvertisement = 136

	tcpSYN = 1 << 1
	tcpACK = 1 << 4
)

var _ capture.Observer = (*Detector)(nil).Packet

// Packet takes one packet with the devices at its ends, as capture.Table gives them. It allocates nothing for a
// device that is known.
func (d *Detector) Packet(p *packet.Packet, from, to packet.MAC) {
	isDNSAnswer := from.IsZero() && p.Proto == packet.ProtoUDP && p.SrcPort == portDNS && p.IsIP()
	if from.IsZero() && (!isDNSAnswer || to.IsZero()) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := p.Time.UnixNano()
	switch {
	case isDNSAnswer:
		d.heardDNS(d.of(to, now), p)
	case p.IsIP():
		d.sent(d.of(from, now), p, now)
	case p.EtherType == packet.EtherTypeARP && p.Src.IsValid():
		d.heardARP(d.of(from, now), p, now)
	}
}

// sent takes an IP packet of a device.
func (d *Detector) sent(rec *device, p *packet.Packet, now int64) {
	rec.flood.source(d, p, now)
	switch p.Proto {
	case packet.ProtoTCP:
		if p.TCPFlags&(tcpSYN|tcpACK) == tcpSYN && !p.Fragment {
			rec.flood.syns++
			rec.flood.to(d.hashAddr(p.Dst))
			d.attempt(rec, attempt{
				remote: p.Dst, port: p.DstPort, protocol: packet.ProtoTCP, at: now,
				connection: d.hash(uint64(p.SrcPort), uint64(p.TCPSeq)),
			})
		}
	case packet.ProtoUDP:
		d.datagram(rec, p, now)
	case packet.ProtoICMPv6:
		d.heardICMP6(rec, p, now)
	}
}

func (d *Detector) datagram(rec *device, p *packet.Packet, now int64) {
	switch {
	case p.DstPort == portDNS:
		d.asked(rec, p, now)
	case p.SrcPort == portDHCPClient && p.DstPort == portDHCPServer:
		rec.flood.dhcp++
	case p.SrcPort == portDHCPServer && p.DstPort == portDHCPClient && isBootReply(p.Payload):
		rec.lies.dhcp = now
	case p.SrcPort == portDHCP6 && p.DstPort == portDHCP6To:
		rec.lies.dhcp = now
	}
}

// seconds is a span of nanoseconds in seconds.
func seconds(d int64) float64 { return time.Duration(d).Seconds() }
