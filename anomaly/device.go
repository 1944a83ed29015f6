package anomaly

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
)

// device is all that is kept of one MAC: flat, of a fixed size below 4 kB, so that an attacker can fill nothing.
type device struct {
	mac   packet.MAC
	begun bool // seen holds the counters of the last tick
	busy  bool // something happened since the last tick
	wants bool // flows that show its findings
	past  past
	seen  counters // of the capture table, as of the last tick
	now   current

	ports    [4]portTrack
	targets  [3]targetTrack
	logins   [3]loginTrack
	beacons  [3]beaconTrack
	tunnels  [2]tunnelTrack
	neighbor sweepTrack
	flood    floodTrack
	lies     lies
}

// past is what is known of a device: the part that survives a restart.
type past struct {
	first, last int64 // nanoseconds since 1970, heard
	active      uint32
	base        [metrics]baseline
	hours       [2]week
	most10      uint64 // bytes sent in ten minutes, at most
	parties     partyBook
}

// strangers is how many parties it met for the first time in this hour.
func (rec *device) strangers() uint16 { return rec.past.parties.total - rec.now.knew }

// acquainted is how many parties count as met for good: what a device of one purpose met while it was wild makes it no
// phone in the next hour either, nor after a restart.
func (d *Detector) acquainted(rec *device) uint16 {
	if !d.knows(rec).Single {
		return rec.past.parties.total
	}
	return min(rec.past.parties.total, rec.now.knew+characterStrangers)
}

// counters are the table's, of one device.
type counters struct{ rxBytes, txBytes, rxPackets, txPackets uint64 }

// current is what the device did in the minute and hour that run.
type current struct {
	minute, hour int64 // numbers since 1970, 0 before the first
	sum          [metrics]uint64
	nxdomain     uint64
	destinations sketch
	sent10       [10]uint64 // bytes sent in each of the last ten minutes
	hourSum      [2]uint64  // bytes up and down
	hourMost     [2]uint64  // in the busiest minute
	knew         uint16     // parties that it had met before this hour
	active       uint8      // minutes of this hour
	moved        bool       // in this minute
	mostSent     uint64     // bytes of the flow that sent most, of those of the last tick
	mostTo       netip.Addr // and where to
	rxPackets    uint64     // in the last tick
}

func word(m packet.MAC) uint64 {
	return uint64(binary.LittleEndian.Uint32(m[:4])) | uint64(binary.LittleEndian.Uint16(m[4:]))<<32
}

// of is the record of a device, made where there is none.
func (d *Detector) of(mac packet.MAC, now int64) *device {
	rec := d.devices[word(mac)]
	if rec == nil {
		rec = d.room()
		*rec = device{mac: mac, past: past{first: now}}
		d.devices[word(mac)] = rec
		d.order = append(d.order, rec)
	}
	rec.past.last = max(rec.past.last, now)
	rec.busy = true
	return rec
}

// room is where to keep one more device: in place of the one of which least is known where all is full. Made-up MACs go
// before what was learned for weeks, and a flood of them leaves no garbage.
func (d *Detector) room() *device {
	if len(d.devices) < d.config.Devices {
		return new(device)
	}
	var least *device
	for _, rec := range d.order {
		if least == nil || rec.past.active < least.past.active ||
			rec.past.active == least.past.active && rec.past.last < least.past.last {
			least = rec
		}
	}
	delete(d.devices, word(least.mac))
	d.order = slices.DeleteFunc(d.order, func(rec *device) bool { return rec == least })
	d.evicted++
	return least
}

// Knowledge is how much is known of a device.
type Knowledge struct {
	Learning bool          // its habits are not known yet
	Seen     time.Duration // since it was first heard
	Single   bool          // it has one purpose: few parties, regular habits
	General  bool          // it does many things, as a laptop or phone does
}

// Words say it.
func (k Knowledge) Words() say.Phrase {
	seen := say.Span(k.Seen)
	switch {
	case k.Learning:
		return say.New("habits.learning", seen)
	case k.Single:
		return say.New("habits.single", seen)
	case k.General:
		return say.New("habits.general", seen)
	}
	return say.New("habits.some", seen)
}

// Knows tells how much is known of a device; false where nothing is.
func (d *Detector) Knows(mac packet.MAC) (Knowledge, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rec := d.devices[word(mac)]
	if rec == nil {
		return Knowledge{}, false
	}
	return d.knows(rec), true
}

func (d *Detector) knows(rec *device) Knowledge {
	seen := time.Duration(rec.past.last - rec.past.first)
	minutes := uint32(d.config.Learning / time.Minute / activeShare)
	k := Knowledge{Seen: seen, Learning: seen < d.config.Learning || rec.past.active < minutes}
	k.Single = !k.Learning && rec.past.active >= singleActive && rec.now.knew <= singleParties &&
		rec.past.base[metricDestinations].quantile(singleQuantile) <= singleDestinations
	k.General = !k.Learning && rec.now.knew > singleParties
	return k
}

// What makes a device one of a single purpose.
const (
	// singleParties, a count since it was first seen: a camera has its maker, a clock and a cloud or two; a phone
	// meets more within its first hour. Those of the hour that runs do not count: who goes wild meets hundreds, and is
	// not to be taken for a phone because of it.
	singleParties = 12
	// singleActive, minutes: before that nobody has shown a purpose, however short the learning.
	singleActive = 24
	// singleDestinations, addresses a minute, not exceeded in nine minutes of ten (singleQuantile).
	singleDestinations = 8
	singleQuantile     = 0.9
)

// count takes the table's counters and returns what they grew by. Counters that went back began anew.
func (rec *device) count(c *capture.Device) (grown counters) {
	now, was := counters{c.RxBytes, c.TxBytes, c.RxPackets, c.TxPackets}, rec.seen
	if now.rxBytes < was.rxBytes || now.txBytes < was.txBytes || now.rxPackets < was.rxPackets || now.txPackets < was.txPackets {
		was = counters{}
	}
	rec.seen = now
	if !rec.begun {
		rec.begun = true
		if c.First.UnixNano() < rec.past.first { // it was counted before anybody watched
			return counters{}
		}
	}
	return counters{now.rxBytes - was.rxBytes, now.txBytes - was.txBytes, now.rxPackets - was.rxPackets, now.txPackets - was.txPackets}
}
