package agent

import (
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/account"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
)

// TestLevel0SaysThatVolumesAreEstimates: of each flow, and once for all on the page.
func TestLevel0SaysThatVolumesAreEstimates(t *testing.T) {
	for level, want := range map[int]bool{capture.LevelPackets: true, capture.LevelEvents: false} {
		a, err := newAgent(Options{MaxLevel: level, Log: firewall.Log{Group: packetGroup}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		a.account()
		if level > capture.LevelPackets {
			a.home.ableTo(account.Report{Accounting: capture.Able, Events: capture.Able})
		}
		if got := slices.Contains(a.home.blindSpots(), say.New("spot.estimates")); got != want {
			t.Errorf("level %d: blind spots %q", level, a.home.blindSpots())
		}
		if level > capture.LevelPackets {
			continue // the accountant tells the table, once it runs
		}
		a.home.table.SetHome(&capture.Home{LAN: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}})
		a.home.table.Add(&packet.Packet{
			Time: time.Unix(1, 0), SrcMAC: packet.MAC{2, 0, 0, 0, 0, 1}, EtherType: 0x0800, Proto: packet.ProtoUDP, Length: 100,
			Src: netip.MustParseAddr("192.168.1.5"), Dst: netip.MustParseAddr("198.51.100.7"), SrcPort: 5000, DstPort: 443,
		})
		if flows := a.home.table.AppendFlows(nil, nil); len(flows) != 1 || !flows[0].Estimated {
			t.Errorf("flows %+v, want one that is an estimate", flows)
		}
	}
}
