package registry

import (
	"time"

	"spinneret/capture"
)

// counters are the table's counters of one device.
type counters struct{ rxBytes, txBytes, rxPackets, txPackets uint64 }

// count adds what the table counted since the last round. The table may have dropped the device meanwhile and
// begun again from nothing; the device's sums never go back.
func (rec *record) count(d *capture.Device) {
	now, was := counters{d.RxBytes, d.TxBytes, d.RxPackets, d.TxPackets}, rec.seen
	if now.rxBytes < was.rxBytes || now.txBytes < was.txBytes || now.rxPackets < was.rxPackets || now.txPackets < was.txPackets {
		was = counters{}
	}
	rec.seen = now
	rec.RxBytes += now.rxBytes - was.rxBytes
	rec.TxBytes += now.txBytes - was.txBytes
	rec.RxPackets += now.rxPackets - was.rxPackets
	rec.TxPackets += now.txPackets - was.txPackets
	rec.rx.Add(now.rxBytes - was.rxBytes)
	rec.tx.Add(now.txBytes - was.txBytes)
}

// settleRates takes what moved into the rates, once a second at most.
func (rec *record) settleRates(now time.Time) {
	if rec.settled.IsZero() || now.Before(rec.settled) { // the clock was set back
		rec.settled = now.Add(-time.Second)
	}
	if took := now.Sub(rec.settled); took >= time.Second-time.Second/10 { // ticks come a little early or late
		rec.rx.Settle(took)
		rec.tx.Settle(took)
		rec.RxRate, rec.TxRate = rec.rx.PerSecond(), rec.tx.PerSecond()
		rec.settled = now
	}
}
