package e2e

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// TestDevicesThatGoWild are found, and held back, as the owner wants it; the others lose nothing. One floods from made-up addresses, one scans fast, one slowly.
func TestDevicesThatGoWild(t *testing.T) {
	home := quietHome(t)
	a := prepare(t, home, func(o options) options {
		return append(o, "option learning '0s'", "\nconfig action 'wild'", "option level 'internet'", "option for '5m'")
	})
	a.start()
	a.counts()
	beside := []*flow{count(t, home, home.Device("laptop"), "udp4"), count(t, home, home.Device("laptop"), "tcp6")}
	var wild sync.WaitGroup
	for _, w := range []wildness{
		{
			home.Device("cam"), "flood",
			func(ctx context.Context, d *lab.Device) error {
				return d.Flood(ctx, lab.Flood{
					To: netip.MustParseAddrPort("198.51.100.66:80"), Sources: netip.MustParsePrefix("10.0.0.0/8"), PerSecond: 1000, SYN: true,
				})
			},
		},
		{home.Device("tv"), "scan", scans("198.51.100.66", 100)},
		{home.Device("lamp"), "scan", scans("198.51.100.67", 3)}, // fifteen ports, and the time for their answers
	} {
		wild.Go(func() { w.isHeldBack(t, a) })
	}
	wild.Wait()
	if d := a.device(home.Device("laptop")); d.Quarantine != nil || len(d.Findings) > 0 {
		t.Errorf("of the laptop: %+v, %+v", d.Quarantine, d.Findings)
	}
	for _, f := range beside {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s, of another device: %d sent, %d arrived; missing:%s", f.name, sent, arrived, f.gaps())
		}
	}
}

// wildness is what a device does, and as what it is to be found.
type wildness struct {
	device *lab.Device
	kind   string
	do     func(context.Context, *lab.Device) error
}

// scans sends a SYN from the device to one port after the other, so many a second.
func scans(to string, perSecond int) func(context.Context, *lab.Device) error {
	return func(ctx context.Context, d *lab.Device) error {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for port := uint16(2000); ; port++ {
			syn := lab.SYN(netip.AddrPortFrom(d.IPv4(), 40000), netip.AddrPortFrom(netip.MustParseAddr(to), port), 7)
			if err := d.SendFrame(lab.IP(lab.RouterMAC(), lab.ParseMAC(d.MAC), syn)); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	}
}

// isHeldBack lets the device go wild until the agent has held it back.
func (w wildness) isHeldBack(t *testing.T, a *agent) {
	ctx, stop := context.WithCancel(t.Context())
	var doing sync.WaitGroup
	defer doing.Wait()
	defer stop()
	began := time.Now()
	doing.Go(func() {
		if err := w.do(ctx, w.device); err != nil {
			t.Errorf("%s: %v", w.device.Name, err)
		}
	})
	var d ui.Device
	if !within(time.Minute, func() bool { d = a.device(w.device); return d.Quarantine != nil && d.Quarantine.InForce }) {
		t.Errorf("%s, a %s, is not held back: %+v, findings %+v", w.device.Name, w.kind, d.Quarantine, d.Findings)
		return
	}
	inForce := time.Now()
	at := slices.IndexFunc(d.Findings, func(f ui.Finding) bool { return f.Kind == w.kind && f.Severity == "alarm" })
	if at < 0 {
		t.Errorf("%s has findings %+v", w.device.Name, d.Findings)
		return
	}
	f := d.Findings[at]
	t.Logf("%s: found after %v, held back %v later: %s", w.device.Name, f.Found.Sub(began), inForce.Sub(f.Found.Time), f.Text)
	if q := d.Quarantine; q.Source != "anomaly" || q.Level != "internet" || q.Until == nil {
		t.Errorf("%s is under %+v", w.device.Name, q)
	}
}
