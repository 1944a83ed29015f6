package anomaly

import (
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// The limits of a flood, in packets a second.
const (
	// floodSYN, to a few addresses, unanswered: a browser that opens a hundred pages at once asks a hundred servers,
	// and they answer.
	floodSYN = 100
	// floodTargets is how many addresses are few.
	floodTargets = 8
	// floodOneWay, without an answer to one in fifty (answerShare): a call or a stream of that many hears from the
	// other side at least each second. Pings count also where they are answered.
	floodOneWay = 500
	answerShare = 50
	// oneWayLAN: inside the home ten times as many are a screen that is mirrored.
	oneWayLAN = 10
	// floodForged, from at least forgedSources addresses within ten seconds (sourcesWindow): behind a repeater are a
	// dozen devices with some addresses each, and no device has so many.
	floodForged   = 50
	forgedSources = 128
	sourcesWindow = 10 * second
	// maxSources of them are shown: they are made up, and show no more than that.
	maxSources = 8
	// floodDHCP, messages to a DHCP server: a client doubles its pauses, from four seconds on (RFC 2131 section 4.1).
	floodDHCP = 10
	// floodJudged, connections of which the outcome is known: of fewer, chance is a part.
	floodJudged = 20
	// floodFailed, a share of these: a server that is overrun still answers some.
	floodFailed = 0.8
	// floodSilence, SYNs for each packet that comes back from anybody: who is answered hears at least as many.
	floodSilence = 4
)

// floodTicks is for how many ticks in a row a limit must be passed. What is ten times above it is said at once, unless it
// is for want of answers, which conntrack tells of a second later.
const (
	floodTicks  = 2
	floodAtOnce = 10
)

// floodTrack counts what a device sent since the last tick.
type floodTrack struct {
	packets, syns, dhcp uint32
	judged, failed      uint32
	targets             sketch // of SYNs

	oneWay, oneWayMost uint64
	oneWayTo           netip.Addr

	sources      sketch                  // over sourcesWindow
	sample       *[maxSources]netip.Addr // of these, once they are many
	sourcesBegan int64

	target     netip.Addr // where most go, by majority vote (Boyer and Moore)
	targetPort uint16
	pings      bool // oneWayTo is sent pings
	votes      uint32

	from [floodKinds]int64   // when it began, in nanoseconds since 1970
	last [floodKinds]int64   // and when it was last above its limit
	most [floodKinds]float32 // packets a second meanwhile
	mine int32               // addresses it sent from meanwhile
	high [floodKinds]uint8   // ticks in a row
	whom netip.Addr          // for whom it was when it began, where that is known
}

const (
	floodOfForged = iota
	floodOfSYN
	floodOfOneWay
	floodOfDHCP
	floodKinds
)

// source takes the address that a packet was sent from.
func (t *floodTrack) source(d *Detector, p *packet.Packet, now int64) {
	if p.Src.IsUnspecified() {
		return
	}
	if now-t.sourcesBegan > sourcesWindow || now < t.sourcesBegan {
		t.sources, t.sample, t.sourcesBegan = sketch{}, nil, now
	}
	t.packets++
	if t.sources.add(d.hashAddr(p.Src)) {
		t.show(p.Src)
	}
	t.vote(p.Dst, p.DstPort)
}

// show keeps an address as one of some, from half as many on as are called forged: hardly any device has so many.
func (t *floodTrack) show(a netip.Addr) {
	n := t.sources.set()
	if n < forgedSources/2 {
		return
	}
	if t.sample == nil {
		t.sample = new([maxSources]netip.Addr)
	}
	t.sample[n%maxSources] = a
}

func (t *floodTrack) vote(to netip.Addr, port uint16) {
	switch {
	case t.votes == 0:
		t.target, t.targetPort, t.votes = to, port, 1
	case t.target == to:
		t.votes++
	default:
		t.votes--
	}
}

func (t *floodTrack) to(hash uint64) { t.targets.add(hash) }

func (t *floodTrack) judge(f *capture.Flow, failed bool) {
	if f.Protocol == packet.ProtoTCP {
		t.judged++
		if failed {
			t.failed++
		}
	}
}

func (t *floodTrack) endTick() {
	t.packets, t.syns, t.dhcp, t.judged, t.failed = 0, 0, 0, 0, 0
	t.oneWay, t.oneWayMost, t.votes = 0, 0, 0
	t.targets = sketch{}
}

// detectFlood looks for more packets than anybody answers.
func (d *Detector) detectFlood(rec *device, at, since int64) {
	t := &rec.flood
	took := max(1, seconds(at-since))
	rate := func(n uint32) float64 { return float64(n) / took }
	forged := t.sources.count() >= forgedSources
	if forged && t.over(floodOfForged, rate(t.packets-t.dhcp), floodForged, at) {
		d.raiseFlood(rec, at, floodOfForged, "flood.forged", t.forged(), t.sample[0].String(), t.sample[1].String(), t.whither())
	} else if !forged && t.isUnanswered(rec) && t.over(floodOfSYN, rate(t.syns), floodSYN, at) {
		d.raiseFlood(rec, at, floodOfSYN, "flood.syn", t.whither())
	}
	if t.over(floodOfOneWay, float64(t.oneWay), floodOneWay, at) {
		key := "flood.packets"
		if t.pings {
			key = "flood.pings"
		}
		d.raiseFlood(rec, at, floodOfOneWay, key, say.New("flood.to", t.oneWayTo.String()))
	}
	if t.over(floodOfDHCP, rate(t.dhcp), floodDHCP, at) {
		d.raiseFlood(rec, at, floodOfDHCP, "flood.dhcp")
	}
}

// isUnanswered reports whether SYNs to a few addresses come to nothing. What nearly nothing is received for is not
// waited for.
func (t *floodTrack) isUnanswered(rec *device) bool {
	if t.targets.count() > floodTargets {
		return false
	}
	return t.judged >= floodJudged && float64(t.failed) >= floodFailed*float64(t.judged) ||
		uint64(t.syns) > floodSilence*rec.now.rxPackets && t.syns > floodJudged
}

// over counts the ticks in a row in which a rate was above its limit. Pauses shorter than a finding's are of one flood.
func (t *floodTrack) over(kind int, rate, limit float64, at int64) bool {
	if rate < limit {
		t.high[kind] = 0
		return false
	}
	if at-t.last[kind] > int64(lull) {
		t.from[kind], t.most[kind], t.mine = at-second, 0, 0
	}
	if at-max(t.last[floodOfSYN], t.last[floodOfOneWay]) > int64(lull) {
		t.whom = netip.Addr{}
	}
	t.last[kind] = at
	t.high[kind] = min(t.high[kind]+1, floodTicks)
	t.most[kind] = max(t.most[kind], float32(rate))
	t.mine = max(t.mine, int32(t.sources.count()))
	return t.high[kind] >= floodTicks || rate >= floodAtOnce*limit && kind != floodOfSYN
}

func (t *floodTrack) forged() any { return atMost(int(t.mine)) }

func (t *floodTrack) whither() say.Phrase {
	if t.votes == 0 {
		return say.Phrase{}
	}
	if t.targetPort == 0 {
		return say.New("flood.to", t.target.String())
	}
	return say.New("flood.to", netip.AddrPortFrom(t.target, t.targetPort).String())
}

// floodParties are what the owner can call fine where no target is known, or none makes it so.
var floodParties = [floodKinds]string{"forged senders", "connections", "packets", "DHCP"}

// floodParty is whom a flood is for. It keeps the one that it began with: a flood that turns to others is still one.
func (d *Detector) floodParty(rec *device, kind int) string {
	t := &rec.flood
	switch {
	case kind != floodOfSYN && kind != floodOfOneWay:
		return floodParties[kind]
	case !t.whom.IsValid() && kind == floodOfOneWay:
		t.whom = t.oneWayTo
	case !t.whom.IsValid() && t.votes > 0:
		t.whom = t.target
	}
	if !t.whom.IsValid() {
		return floodParties[kind]
	}
	return d.config.Party(rec.mac, t.whom)
}

// targetText is where most go, as a target; none where nothing is known.
func (t *floodTrack) targetText() []string {
	if t.votes == 0 {
		return nil
	}
	return []string{t.target.String()}
}

// raiseFlood tells of one: how much of what was sent for how long, and what more there is to say.
func (d *Detector) raiseFlood(rec *device, at int64, kind int, key string, more ...any) {
	t := &rec.flood
	from := t.from[kind]
	s := signal{
		kind: Flood, severity: Alarm, party: d.floodParty(rec, kind), since: from, match: match{from: from},
		text: say.New(key, append([]any{uint64(t.most[kind]), say.Span(max(time.Duration(at-from), time.Second))}, more...)...),
	}
	switch kind {
	case floodOfForged:
		s.to, s.match.none = t.targetText(), true
		s.sources = slices.Clone(t.sample[:])
	case floodOfSYN:
		s.to = t.targetText()
		s.match.protocol, s.match.unanswered = packet.ProtoTCP, true
	case floodOfOneWay:
		s.match.remote, s.to = d.hashAddr(t.oneWayTo), []string{t.oneWayTo.String()}
	case floodOfDHCP:
		s.match.port = portDHCPServer
	}
	d.raise(rec, at, s)
}
