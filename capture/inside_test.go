package capture

import (
	"net/netip"
	"testing"
	"time"
)

func TestInsideCountsOnceWhoeverTellsFirst(t *testing.T) {
	for name, first := range map[string]string{"the bridge": "bridge", "conntrack": "conntrack"} {
		t.Run(name, func(t *testing.T) {
			table := tableOf(wireHome())
			table.SetVolumes(FromConntrack)
			table.BeginInside()
			p := udp(camAddr, 5000, printerAddr, 9100, macs(cam, printer), size(1))
			table.AddInside(p)
			table.AddInside(udp(printerAddr, 1, tvAddr, 1, macs(printer, tv), size(1))) // so that it is known
			bridge := func() { table.AccountInside(p, Volume{10, 400}) }
			conntrack := func() {
				table.Account(&Counted{
					Initiator: netip.AddrPortFrom(camAddr, 5000), Responder: netip.AddrPortFrom(printerAddr, 9100), Protocol: 17,
					Sent: Volume{10, 400}, Time: p.Time.Add(time.Second),
				})
			}
			for range 2 {
				if first == "bridge" {
					bridge()
					conntrack()
				} else {
					conntrack()
					bridge()
				}
			}
			if d := deviceOf(t, table, cam); d.TxBytes != 800 || d.TxPackets != 20 || d.RxBytes != 0 {
				t.Errorf("the sender: %+v", d)
			}
			if d := deviceOf(t, table, printer); d.RxBytes != 800 || d.RxPackets != 20 || d.TxBytes != 0 {
				t.Errorf("the receiver: %+v", d)
			}
			if f := table.AppendFlows(nil, func(f *Flow) bool { return f.Device == cam }); len(f) != 1 || f[0].Scope != ScopeLAN || f[0].Peer != printer || f[0].TxBytes != 800 {
				t.Errorf("flows: %+v", f)
			}
		})
	}
}

func TestConntrackTakesOverFromTheBridges(t *testing.T) {
	table := tableOf(wireHome())
	table.SetVolumes(FromConntrack)
	table.BeginInside()
	p := udp(camAddr, 5000, printerAddr, 9100, macs(cam, printer), size(1))
	conntrack := func() {
		table.Account(&Counted{
			Initiator: netip.AddrPortFrom(camAddr, 5000), Responder: netip.AddrPortFrom(printerAddr, 9100), Protocol: 17,
			Sent: Volume{1, 40}, Time: p.Time.Add(time.Second),
		})
	}
	table.AccountInside(p, Volume{10, 400})
	conntrack()
	table.EndInside()
	table.AccountInside(p, Volume{10, 400}) // from a dump that was under way
	conntrack()
	if d := deviceOf(t, table, cam); d.TxBytes != 440 || d.TxPackets != 11 {
		t.Errorf("the sender: %+v", d)
	}
}
