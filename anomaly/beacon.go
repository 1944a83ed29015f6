package anomaly

import (
	"math"

	"spinneret/capture"
	"spinneret/capture/say"
)

// The limits of a beacon: calls home in even pauses.
const (
	// beaconCalls, in a row: eight even pauses are not chance.
	beaconCalls = 8
	// beaconJitter, the part of a pause that it may differ by on the average: people and their pages are uneven.
	beaconJitter = 0.1
	// beaconWeight of the newest pause in the running means: of eight calls the last three count as much as all before.
	beaconWeight = 0.25
	// beaconLeast and beaconMost bound the pause: below is one conversation, above takes a day to see.
	beaconLeast = 5 * second
	beaconMost  = 3 * hourLong
	// newParty, hours: a party is new for a day; who always called home is learned.
	newParty = 24
)

// beaconTrack follows the calls to one new party.
type beaconTrack struct {
	party       uint64
	first, last int64
	pause, off  float64 // seconds, running means
	calls       uint16
}

// calls takes one connection to a party that is new to a device whose habits are known.
func (d *Detector) calls(rec *device, f *capture.Flow, id uint64, party string, at int64) {
	k := d.knows(rec)
	if k.Learning || !k.Single && party != f.Remote.String() { // of others only who has no name is worth a look
		return
	}
	t := rec.beacon(id, at)
	if t.add(at) {
		return
	}
	severity := Note
	if k.Single {
		severity = Warning
	}
	if t.calls < beaconCalls || t.off > beaconJitter*t.pause {
		return
	}
	d.raise(rec, at, signal{
		kind: Beacon, severity: severity, party: party, since: t.first,
		text:  say.New("beacon", party, t.calls, say.Span(durationOf(t.pause))),
		match: match{remote: d.hashAddr(f.Remote), from: t.first}, to: []string{f.Remote.String()},
	})
}

// beacon is the track of a party, in place of the one not heard for longest where it is new.
func (rec *device) beacon(id uint64, at int64) *beaconTrack {
	t, ok := pick(rec.beacons[:], func(t *beaconTrack) bool { return t.party == id && t.calls > 0 },
		func(t *beaconTrack) int64 { return t.last })
	if !ok {
		*t = beaconTrack{party: id, first: at, last: at}
	}
	return t
}

// add takes the time of a call; it returns true where it tells nothing: the first one, or part of the last.
func (t *beaconTrack) add(at int64) bool {
	gap := at - t.last
	switch {
	case t.calls == 0:
		t.calls = 1
		return true
	case gap < beaconLeast:
		return true
	case gap > beaconMost:
		*t = beaconTrack{party: t.party, first: at, last: at, calls: 1}
		return true
	}
	t.last = at
	t.calls++
	if t.calls == 2 {
		t.pause = seconds(gap)
		return false
	}
	t.off += beaconWeight * (math.Abs(seconds(gap)-t.pause) - t.off)
	t.pause += beaconWeight * (seconds(gap) - t.pause)
	return false
}
