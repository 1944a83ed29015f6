package agent

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

func internetFlow(remote string, port uint16, packets uint64) capture.Flow {
	return capture.Flow{
		Device: macOf(0), DeviceAddr: netip.MustParseAddr("192.168.1.10"), Remote: netip.MustParseAddr(remote),
		Protocol: packet.ProtoTCP, DevicePort: 40000, RemotePort: port, Scope: capture.ScopeInternet, TxPackets: packets, First: epoch,
	}
}

// sees lets a witness look at some flows.
func (w *witness) sees(flows []capture.Flow, l look) {
	watch(func(yield func(*capture.Flow) bool) {
		for i := range flows {
			if !yield(&flows[i]) {
				return
			}
		}
	}, []look{l})
}

func TestTheWitnessCountsWhatPassesAfterTheCutOnly(t *testing.T) {
	o := decide.Order{MAC: macOf(0), Level: "full"}
	var w witness
	w.sees([]capture.Flow{internetFlow("198.51.100.7", 443, 10)}, w.look(o, nil, false))
	w.sees([]capture.Flow{internetFlow("198.51.100.7", 443, 12)}, w.look(o, nil, false))
	w.sees([]capture.Flow{internetFlow("198.51.100.7", 443, 12)}, w.look(o, nil, true))
	if w.passed != 0 {
		t.Errorf("%d passed, though all of it was before the cut", w.passed)
	}
	w.sees([]capture.Flow{internetFlow("198.51.100.7", 443, 15), internetFlow("198.51.100.8", 80, 2)}, w.look(o, nil, true))
	if w.passed != 5 {
		t.Errorf("%d passed, want 3 of the old flow and 2 of a new one", w.passed)
	}
}

func TestTheWitnessLeavesOutWhatMayPass(t *testing.T) {
	for _, c := range []struct {
		why    string
		order  decide.Order
		except []firewall.Target
		want   uint64
	}{
		{"another device's order", decide.Order{MAC: macOf(1), Level: "full"}, nil, 0},
		{"the target is an exception", decide.Order{MAC: macOf(0), Level: "full"}, targets([]string{"198.51.100.0/24:443/tcp"}), 0},
		{"the exception is of another port", decide.Order{MAC: macOf(0), Level: "full"}, targets([]string{"198.51.100.0/24:80/tcp"}), 4},
		{"the target is to be stopped", decide.Order{MAC: macOf(0), Level: "flow", To: []string{"198.51.100.7"}}, nil, 4},
		{"another target is to be stopped", decide.Order{MAC: macOf(0), Level: "flow", To: []string{"198.51.100.8"}}, nil, 0},
	} {
		var w witness
		w.sees(nil, w.look(c.order, c.except, true))
		w.sees([]capture.Flow{internetFlow("198.51.100.7", 443, 4)}, w.look(c.order, c.except, true))
		if w.passed != c.want {
			t.Errorf("%s: %d passed, want %d", c.why, w.passed, c.want)
		}
	}
}

func TestPassedIsShownWithTheOrder(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		d, err := b.Quarantine(b.Context(), macOf(0).String(), ui.QuarantineOrder{Level: "full"})
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if err := b.do(b.Context(), func() { b.witnesses[d.Quarantine.ID].passed = 7 }); err != nil {
			b.Fatal(err)
		}
		if d, err = b.Device(b.Context(), d.MAC); err != nil || d.Quarantine.PassedPackets != 7 {
			b.Errorf("it shows %+v, %v", d.Quarantine, err)
		}
	})
}
