package anomaly

import (
	"time"

	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// The limits of a scan: different addresses tried on one port, or different ports on one address, within two minutes
// (window). People's programs come near a handful.
const (
	// scanSpread, addresses on a port that only worms look for: nobody has three such devices.
	scanSpread = 3
	// scanAddresses, of which two thirds do not answer. A printer's or a phone's search ends below a dozen; a scan
	// of one probe a second is past this in half a minute.
	scanAddresses = 25
	// scanWeb, addresses on 80 and 443, while somebody in the home is answered within half a minute (outage): where the
	// internet is down a laptop tries dozens.
	scanWeb = 150
	outage  = 30 * second
	// scanUDP, addresses on one UDP port: games and file sharing ask a few dozen that are gone.
	scanUDP = 100
	// scanPorts, ports on one address, of which two thirds do not answer: nothing honest tries fifteen doors.
	scanPorts = 15
	// scanPortsUDP: traceroute (UDP from port 33434 on) asks three times at each of thirty hops, on ports of their own.
	scanPortsUDP = 120
	// scanPortsOpen, ports on one address before it is known which answer: nobody has a hundred uses for one address
	// within two seconds.
	scanPortsOpen = 100
	// scanJudged, tries of which the outcome is known, at least.
	scanJudged = 10
	// sweepAddresses, asked for by ARP within a minute: an app that shows what is in the home asks for all 254.
	sweepAddresses = 40
)

// detectScan looks for many addresses on one port, and many ports on one address.
func (d *Detector) detectScan(rec *device, now int64) {
	strict := d.knows(rec).Single
	for i := range rec.ports {
		if t := &rec.ports[i]; t.live(now-d.late) && d.isAcross(t, strict, now) {
			d.raiseAcross(rec, t, now)
		}
	}
	for i := range rec.targets {
		if t := &rec.targets[i]; t.live(now-d.late) && isAlong(t, strict) {
			d.raiseAlong(rec, t, now)
		}
	}
}

// live reports whether the tracker saw something in the last second or two.
func (t *tries) live(now int64) bool { return t.all > 0 && now-t.last <= 2*answerTime }

func (d *Detector) isAcross(t *portTrack, strict bool, now int64) bool {
	n := t.different.count()
	if spreadPorts[t.port] != "" && t.protocol == packet.ProtoTCP && n >= scanSpread {
		return true
	}
	limit := scanAddresses
	switch {
	case isWeb(t.port) && (now-d.answeredAt > outage || t.began < d.resumedAt):
		return false
	case isWeb(t.port):
		limit = scanWeb
	case t.protocol != packet.ProtoTCP:
		limit = scanUDP
	}
	return n >= stricter(limit, strict) && t.failing(scanJudged)
}

func isAlong(t *targetTrack, strict bool) bool {
	n, limit := t.different.count(), scanPorts
	if t.protocol == packet.ProtoUDP {
		limit = scanPortsUDP
	}
	return n >= stricter(limit, strict) && t.failing(scanJudged) || n >= scanPortsOpen && t.judged < scanJudged && t.protocol == packet.ProtoTCP
}

// answered notes that the internet answered somebody. After a silence what was tried before says nothing.
func (d *Detector) answered(at int64) {
	if at-d.answeredAt > outage {
		d.resumedAt = at
	}
	d.answeredAt = at
}

// stricter halves a limit for a device of one purpose.
func stricter(limit int, strict bool) int {
	if strict {
		return (limit + 1) / 2
	}
	return limit
}

func (d *Detector) raiseAcross(rec *device, t *portTrack, now int64) {
	what, severity := service(t.protocol, t.port), Alarm
	if d.knows(rec).General && spreadPorts[t.port] == "" {
		severity = Warning // a program that looks for others of its kind finds many gone
	}
	d.raise(rec, now, signal{
		kind: Scan, severity: severity, party: what.String(), since: t.began,
		text:  say.New("scan.port", t.distinct(), what, t.within(), t.failed(), d.normal(rec, metricFlows)),
		match: match{port: t.port, from: t.began}, to: anywhere(t.protocol, t.port),
	})
}

func (d *Detector) raiseAlong(rec *device, t *targetTrack, now int64) {
	d.raise(rec, now, signal{
		kind: Scan, severity: Alarm, party: t.addr.String(), since: t.began,
		text:  say.New("scan.address", t.distinct(), t.addr.String(), t.within(), t.failed(), d.normal(rec, metricFlows)),
		match: match{remote: t.id, from: t.began}, to: []string{t.addr.String()},
	})
}

func (t *tries) within() say.Phrase { return say.Span(max(time.Duration(t.last-t.began), time.Second)) }

// failed says how many of those judged were not answered.
func (t *tries) failed() say.Phrase {
	switch t.judged {
	case 0:
		return say.Phrase{}
	case t.fail:
		return say.New("unanswered")
	}
	return say.New("unanswered.part", 100*t.fail/t.judged)
}

// sweepTrack follows the addresses of the home that a device asks for.
type sweepTrack struct{ tries }

// detectSweep looks for a search through the whole home. On a phone that is an app; a bulb has no business with it.
func (d *Detector) detectSweep(rec *device, now int64) {
	t := &rec.neighbor
	if !t.live(now) || t.different.count() < sweepAddresses {
		return
	}
	severity := Note
	if d.knows(rec).Single {
		severity = Warning
	}
	d.raise(rec, now, signal{
		kind: Scan, severity: severity, party: "the home", since: t.began,
		text:  say.New("scan.home", t.distinct(), t.within()),
		match: match{protocol: noIP | packet.EtherTypeARP},
	})
}
