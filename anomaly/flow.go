package anomaly

import (
	"iter"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

const noIP = capture.NoIP

const (
	// answerTime is how long an answer may take: a second, in which TCP sends a SYN again (RFC 6298 section 2), and
	// one more for the second try.
	answerTime = 2 * second
	// settleTime is how late a flow may be told of: conntrack is asked once a second, as a rule.
	settleTime = second
	// maxLate is for how much longer an answer is waited for where conntrack is asked less often.
	maxLate = 30 * second
	// maxLookups parties of a tick are looked up by name; a flood does not make the detector slow.
	maxLookups = 512
)

// Late says how long ago the volumes of flows were last asked for: until then nobody knows who was answered. Call it
// before Flow where that is not each second.
func (d *Detector) Late(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.late = min(max(int64(by)-settleTime, 0), maxLate)
}

// Observe takes all flows as they are now, or those at least that had a packet within the last five seconds, and
// judges what happened since the last time: Flow for each, and Tick. Call it once a second.
func (d *Detector) Observe(now time.Time, devices []capture.Device, flows iter.Seq[*capture.Flow]) []Finding {
	for f := range flows {
		d.Flow(now, f)
	}
	return d.Tick(now, devices)
}

// Flow takes one flow as it is now. It allocates nothing for a flow that goes on.
func (d *Detector) Flow(now time.Time, f *capture.Flow) {
	if f.Device.IsZero() || !f.Remote.IsValid() || !f.Out {
		return
	}
	at, first, last := now.UnixNano(), f.First.UnixNano(), f.Last.UnixNano()
	d.mu.Lock()
	defer d.mu.Unlock()
	since := d.since(at)
	judgedTo := d.judgedTo(since)
	if max(last, first+answerTime) < min(since-answerTime, judgedTo+answerTime) {
		return // nothing came of it lately
	}
	rec := d.devices[word(f.Device)]
	if rec == nil {
		rec = d.of(f.Device, last)
	}
	rec.busy = true
	if within(first, since-settleTime, at-settleTime) {
		d.began(rec, f, first)
	}
	if within(first, judgedTo, at-answerTime-d.late) {
		failed := isFruitless(f)
		if !failed && f.Scope == capture.ScopeInternet {
			d.answered(at)
		}
		rec.flood.judge(f, failed)
		d.outcome(rec, f, failed)
	}
	if last > since {
		rec.weigh(f, first, last, since)
	}
	if rec.wants {
		d.ledger.show(f, rec.mac, d.hashAddr(f.Remote))
	}
}

// since is when the last tick was; a second ago before the first.
func (d *Detector) since(at int64) int64 {
	if d.last == 0 || d.last > at {
		return at - second
	}
	return d.last
}

// judgedTo is when the last flow began of which the outcome was judged.
func (d *Detector) judgedTo(since int64) int64 {
	if d.judged == 0 || d.judged > since-answerTime {
		return since - answerTime
	}
	return d.judged
}

// within reports whether t lies after one moment and not after another.
func within(t, after, until int64) bool { return t > after && t <= until }

// began takes a flow that began since the last tick.
func (d *Detector) began(rec *device, f *capture.Flow, first int64) {
	if isGroup(f.Remote) {
		return
	}
	rec.now.sum[metricFlows]++
	remote := d.hashAddr(f.Remote)
	rec.now.destinations.add(remote)
	if f.Protocol != packet.ProtoTCP && f.Protocol < noIP {
		d.attempt(rec, attempt{
			remote: f.Remote, port: f.Port, protocol: uint8(f.Protocol), at: first, connection: d.hash(uint64(f.DevicePort), 0),
		})
	}
	if (f.Scope == capture.ScopeInternet || isLogin(f)) && d.parts < maxLookups {
		d.parts++
		d.met(rec, f, first)
	}
}

// met takes a connection to a party on the internet, or to a login anywhere.
func (d *Detector) met(rec *device, f *capture.Flow, first int64) {
	party := d.config.Party(f.Device, f.Remote)
	id := hashText(party)
	hour := uint32(first / hourLong)
	since, fresh := rec.past.parties.meet(id, hour)
	if fresh {
		d.firstContact(rec, f, party, first)
	}
	if hour-since < newParty && f.Scope == capture.ScopeInternet {
		d.calls(rec, f, id, party, first)
	}
}

// weigh takes what a flow carries that had a packet since the last tick.
func (rec *device) weigh(f *capture.Flow, first, last, since int64) {
	if f.TxBytes > rec.now.mostSent && f.Scope == capture.ScopeInternet {
		rec.now.mostSent, rec.now.mostTo = f.TxBytes, f.Remote
	}
	ping := f.Protocol == packet.ProtoICMP || f.Protocol == packet.ProtoICMPv6
	answered := f.RxPackets*answerShare >= f.TxPackets || f.Protocol == packet.ProtoTCP && f.RxPackets > 0
	if isGroup(f.Remote) || answered && !ping {
		return // TCP sends no more than was acknowledged, with few packets where the network card gathers them
	}
	packets := f.TxPackets
	if first <= since { // of one that lasts, the part of one second on the average
		packets = uint64(float64(f.TxPackets) / seconds(last-first+second))
	}
	if f.Scope == capture.ScopeLAN && !ping {
		packets /= oneWayLAN
	}
	rec.flood.oneWay += packets
	if packets > rec.flood.oneWayMost {
		rec.flood.oneWayMost, rec.flood.oneWayTo = packets, f.Remote
		rec.flood.pings = ping
	}
}
