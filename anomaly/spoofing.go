package anomaly

import (
	"net/netip"
	"slices"

	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// lies are what a device said of itself that it must not, since the last tick; times in nanoseconds since 1970.
type lies struct {
	router     int64 // that it has an address of the router's
	address    netip.Addr
	claimed    int64 // that it has an address that another uses
	other      packet.MAC
	contested  netip.Addr
	dhcp       int64 // it answered DHCP
	advertised int64 // it is a router to a prefix of the internet
}

// claim is who last said that an address is its own.
type claim struct {
	mac    packet.MAC
	at     int64
	before packet.MAC // who said so before
	turns  uint8
}

const (
	// maxClaims is four for each device.
	maxClaims = 1024
	// claimMemory is how long two claims contradict each other: a lease is not given to another within the minute.
	claimMemory = minuteLong
	// claimTurns, of one address between two devices: a device that got another's old address takes it once.
	claimTurns = 3
)

// heardARP takes who says that an address is its own.
func (d *Detector) heardARP(rec *device, p *packet.Packet, now int64) {
	const request = 1
	if p.ARPOp == request && p.Dst.IsValid() && p.Dst != p.Src {
		rec.neighbor.try(d.hashAddr(p.Dst), now)
	}
	if !p.Src.IsUnspecified() { // RFC 5227 section 2.1.1: a probe claims nothing
		d.claimed(rec, p.Src, now)
	}
}

// heardICMP6 takes neighbour and router advertisements (RFC 4861 sections 4.2 and 4.4).
func (d *Detector) heardICMP6(rec *device, p *packet.Packet, now int64) {
	switch p.ICMPType {
	case icmp6NeighborAdvertisement:
		if len(p.Payload) >= 16 {
			d.claimed(rec, netip.AddrFrom16([16]byte(p.Payload[:16])), now)
		}
	case icmp6RouterAdvertisement:
		if announcesInternet(p.Payload) {
			rec.lies.advertised = now
		}
	}
}

// claimed takes a claim.
func (d *Detector) claimed(rec *device, a netip.Addr, now int64) {
	if slices.Contains(d.routers, a) {
		rec.lies.router, rec.lies.address = now, a
		return
	}
	c, known := d.claims[a]
	switch {
	case !known && len(d.claims) >= maxClaims:
		d.dropClaim()
	case known && c.mac != rec.mac:
		turns := c.turns
		if now-c.at > claimMemory || c.before != rec.mac {
			turns = 0
		}
		c = claim{mac: rec.mac, before: c.mac, turns: turns + 1}
		if c.turns >= claimTurns {
			rec.lies.claimed, rec.lies.other, rec.lies.contested, c.turns = now, c.before, a, 0
		}
	}
	c.mac, c.at = rec.mac, now
	d.claims[a] = c
}

// dropClaim forgets the oldest of a few: which ones a map shows first nobody can foresee.
func (d *Detector) dropClaim() {
	const few = 8
	var oldest netip.Addr
	seen := 0
	for a, c := range d.claims {
		if seen == 0 || c.at < d.claims[oldest].at {
			oldest = a
		}
		if seen++; seen == few {
			break
		}
	}
	delete(d.claims, oldest)
}

// announcesInternet reports whether the rest of a router advertisement, from the reachable time on, has a prefix of the
// internet. Border routers of a Thread mesh, as many speakers are, advertise the mesh's own prefix only (RFC 4191).
func announcesInternet(b []byte) bool {
	const times, optionPrefix, length = 8, 3, 32
	if len(b) < times {
		return false
	}
	for b = b[times:]; len(b) >= 8; {
		size := 8 * int(b[1])
		if size == 0 || size > len(b) {
			return false
		}
		if b[0] == optionPrefix && size == length && b[16]>>5 == 1 { // 2000::/3
			return true
		}
		b = b[size:]
	}
	return false
}

// detectLies tells of a device that speaks for the router or for another.
func (d *Detector) detectLies(rec *device, now int64) {
	l := rec.lies
	rec.lies = lies{}
	if l.router != 0 {
		d.raise(rec, now, signal{
			kind: Spoofing, severity: Alarm, party: l.address.String(), since: l.router,
			text: say.New("claim.address", l.address.String()),
		})
	}
	if l.claimed != 0 {
		d.raise(rec, now, signal{
			kind: Spoofing, severity: Warning, party: l.contested.String(), since: l.claimed,
			text: say.New("claim.both", l.other.String(), l.contested.String()),
		})
	}
	if l.advertised != 0 {
		d.raise(rec, now, signal{
			kind: Spoofing, severity: Alarm, party: "router", since: l.advertised,
			text: say.New("claim.router"),
		})
	}
	if l.dhcp != 0 {
		d.raiseDHCP(rec, now, l.dhcp)
	}
}
