package anomaly

import "spinneret/capture/say"

// The limits of a peak, of bytes in one minute.
const (
	// peakSPIN is what SPIN's prototype alarmed at: a fifth above the highest minute ever. It is the least here too;
	// alone it alarms at each video that is longer than the last.
	peakSPIN = 1.2
	// peakTimes above what 99 of 100 active minutes stay below: a power of two is what baselines can tell apart.
	peakTimes = 4
	// peakQuantile of the active minutes is what the device reaches in a good quarter of an hour of a day.
	peakQuantile = 0.99
	// peakHour times above what this hour of the day reaches, where that is known.
	peakHour = 8
	// peakBytes: less in a minute slows nobody's line down (13 Mbit/s); of a device of one purpose a twentieth is
	// more than its firmware.
	peakBytes       = 100_000_000
	peakBytesSingle = 5_000_000
)

// detectPeak looks for more traffic in one minute than the device ever had, or ever has at this hour.
func (d *Detector) detectPeak(rec *device, at int64, slot int) {
	k := d.knows(rec)
	least, severity := uint64(peakBytes), Note
	if k.Single {
		least, severity = peakBytesSingle, Warning
	}
	if k.Learning || rec.now.sum[metricUp] < least && rec.now.sum[metricDown] < least {
		return
	}
	for i, m := range []metric{metricUp, metricDown} {
		v := rec.now.sum[m]
		if v < least || !rec.isPeak(m, i, v, slot, k.Single) {
			continue
		}
		party, key := "sent", "peak.sent"
		if m == metricDown {
			party, key = "received", "peak.received"
		}
		d.raise(rec, at, signal{
			kind: Peak, severity: severity, party: party, since: rec.now.minute * minuteLong,
			text:  say.New(key, say.Bytes(v), d.normal(rec, m), say.Bytes(rec.past.base[m].most)),
			match: match{from: rec.now.minute * minuteLong},
		})
	}
}

// isPeak compares with the hour of the day where that is known: of a device with regular habits only, others have none.
func (rec *device) isPeak(m metric, i int, v uint64, slot int, regular bool) bool {
	b := &rec.past.base[m]
	if usual, known := rec.past.hours[i].usual(slot); regular && known && v > peakHour*usual && v > peakTimes*b.quantile(usualQuantile) {
		return true
	}
	return float64(v) > peakSPIN*float64(b.most) && v > peakTimes*b.quantile(peakQuantile)
}
