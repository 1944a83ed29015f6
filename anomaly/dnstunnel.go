package anomaly

import (
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// The limits of a DNS tunnel: names asked for under one domain, within two minutes (window).
const (
	// tunnelNames, all different: a page asks for a handful of one domain, a filter of advertisements for none.
	tunnelNames = 40
	// tunnelLabel, bytes before the domain, on the average: who carries data fills the 63 of a label; names made for
	// people and their caches stay below thirty.
	tunnelLabel = 40
)

// tunnelTrack follows the names under one domain.
type tunnelTrack struct {
	id     uint64
	domain [64]byte
	length uint8
	bytes  uint64 // before the domain, in all names
	tries
}

// question finds the name that a DNS message asks for, in wire format, where it asks for one.
func question(b []byte) []byte {
	const header, flagResponse = 12, 0x80
	if len(b) < header+5 || b[2]&flagResponse != 0 || b[4] != 0 || b[5] != 1 {
		return nil
	}
	name := b[header:]
	for i := 0; i < len(name) && i < 255; i += 1 + int(name[i]) {
		if name[i] == 0 {
			return name[:i]
		}
		if name[i] > 63 {
			return nil
		}
	}
	return nil
}

// domainOf is the part of a name in wire format that somebody registered: the last two labels, or three where the last
// but one is short, as in co.uk.
func domainOf(name []byte) []byte {
	const short = 3
	var starts [128]int
	n := 0
	for i := 0; i < len(name); i += 1 + int(name[i]) {
		starts[n] = i
		n++
	}
	switch {
	case n < 2:
		return name
	case n >= 3 && name[starts[n-2]] <= short:
		return name[starts[n-3]:]
	}
	return name[starts[n-2]:]
}

// asked takes a question of a device.
func (d *Detector) asked(rec *device, p *packet.Packet, now int64) {
	rec.now.sum[metricQueries]++
	name := question(p.Payload)
	domain := domainOf(name)
	before := len(name) - len(domain)
	if before == 0 {
		return
	}
	t := rec.tunnel(d.hashBytes(domain), now)
	if t.length == 0 {
		t.length = uint8(copy(t.domain[:], domain))
	}
	bytes := t.bytes
	t.tries.try(d.hashBytes(name), now)
	if t.all == 1 {
		bytes = 0 // a new window
	}
	t.bytes = bytes + uint64(before-1)
}

func (rec *device) tunnel(id uint64, now int64) *tunnelTrack {
	t, ok := pick(rec.tunnels[:], func(t *tunnelTrack) bool { return t.id == id && t.all > 0 },
		func(t *tunnelTrack) int64 { return t.worth(now) })
	if !ok {
		*t = tunnelTrack{id: id}
	}
	return t
}

// heardDNS takes the answer to one: whether there is such a name (RFC 1035 section 4.1.1: 3 says no).
func (d *Detector) heardDNS(rec *device, p *packet.Packet) {
	const flagResponse, codeMask, noName = 0x80, 0x0f, 3
	if len(p.Payload) < 12 || p.Payload[2]&flagResponse == 0 {
		return
	}
	rec.now.sum[metricNXDomain]++ // counts answers until the minute ends
	if p.Payload[3]&codeMask == noName {
		rec.now.nxdomain++
	}
}

// detectTunnel looks for data that leaves in the names that are asked for.
func (d *Detector) detectTunnel(rec *device, now int64) {
	for i := range rec.tunnels {
		t := &rec.tunnels[i]
		if !t.live(now) || t.different.count() < tunnelNames || t.bytes < tunnelLabel*uint64(t.all) {
			continue
		}
		domain := t.name()
		d.raise(rec, now, signal{
			kind: DNSTunnel, severity: Alarm, party: domain, since: t.began,
			text:  say.New("tunnel", t.distinct(), domain, t.within(), t.bytes/uint64(t.all)),
			match: match{port: portDNS, from: t.began},
		})
	}
}

// name writes the domain as text. What is no letter, digit or hyphen is shown as a question mark.
func (t *tunnelTrack) name() string {
	b := t.domain[:t.length]
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i += 1 + int(b[i]) {
		if len(out) > 0 {
			out = append(out, '.')
		}
		for _, c := range b[i+1 : min(i+1+int(b[i]), len(b))] {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				c = '?'
			}
			out = append(out, c)
		}
	}
	return string(out)
}
