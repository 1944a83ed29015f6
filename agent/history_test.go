package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/ui"
)

// pastHome is a home of one device, cam, at a time that the test sets.
type pastHome struct {
	*home
	at time.Time
	up time.Duration
}

var (
	camMAC  = macOf(0)
	camAddr = netip.MustParseAddr("192.168.1.163")
	shop    = netip.MustParseAddr("198.51.100.7")
)

func newPastHome(t *testing.T) *pastHome {
	t.Helper()
	w := &pastHome{at: epoch}
	o := Options{Now: func() time.Time { return w.at }}
	o.setDefaults()
	w.home = newHome(o, slog.New(slog.DiscardHandler))
	w.table.SetHome(&capture.Home{LAN: []netip.Prefix{netip.MustParsePrefix("192.168.1.0/24")}})
	return w
}

// sends counts a datagram of the camera to the shop.
func (w *pastHome) sends(port uint16) {
	p := packet.Packet{
		Time: w.at, Length: 100, SrcMAC: camMAC, DstMAC: packet.MAC{2, 0, 0, 0, 0, 0xff}, EtherType: packet.EtherTypeIPv4,
		Src: camAddr, Dst: shop, Proto: packet.ProtoUDP, SrcPort: port, DstPort: 443,
	}
	w.table.Add(&p)
}

// second lets a second pass, as the loop does.
func (w *pastHome) second() { w.passes(time.Second) }

// passes lets time pass, and the loop look once at its end.
func (w *pastHome) passes(d time.Duration) {
	w.at, w.up = w.at.Add(d), w.up+d
	for range fullTick {
		w.tick()
	}
	select {
	case s := <-w.handInC():
		w.handIn(s)
	default:
	}
}

func (w *pastHome) asks(t *testing.T, q ui.HistoryQuery) []ui.Flow {
	t.Helper()
	found, _, err := w.History(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var flows []ui.Flow
	for f, err := range found {
		if err != nil {
			t.Fatal(err)
		}
		flows = append(flows, f)
	}
	return flows
}

// TestWhatEndsIsKeptWithTheNameOfThen: the address may be called otherwise when somebody asks.
func TestWhatEndsIsKeptWithTheNameOfThen(t *testing.T) {
	w := newPastHome(t)
	learn := func(name string) {
		w.names.Learn(names.Name{Device: camMAC, Addr: shop, Name: name, Source: "dns", At: w.at})
	}
	learn("shop.example.net")
	w.sends(5000)
	w.second()
	if flows := w.asks(t, ui.HistoryQuery{}); len(flows) != 0 {
		t.Fatalf("what goes on is in the history: %+v", flows)
	}
	w.passes(10 * time.Minute)
	learn("other.example.org")
	flows := w.asks(t, ui.HistoryQuery{Device: camMAC.String(), Remote: netip.PrefixFrom(shop, 24), Port: 443, Protocol: "udp"})
	if len(flows) != 1 {
		t.Fatalf("the history has %d flows", len(flows))
	}
	f := flows[0]
	if *f.Device != camMAC.String() || *f.Name != "shop.example.net" || *f.Owner != "example.net" || f.State != "ended" || !f.First.Equal(epoch) {
		t.Errorf("it has %+v", f)
	}
	b, err := w.Buckets(t.Context(), ui.HistoryQuery{From: epoch, To: epoch.Add(time.Minute), Step: time.Minute})
	if err != nil || len(b) != 1 || b[0].TxBytes != 100 {
		t.Errorf("the buckets are %+v, %v", b, err)
	}
}

// TestTheLoopDoesNotWaitForAQuestion that takes its time: what ended meanwhile is handed in afterwards.
func TestTheLoopDoesNotWaitForAQuestion(t *testing.T) {
	w := newPastHome(t)
	w.sends(5000)
	w.second()
	s, err := w.archive.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.passes(10 * time.Minute)
	w.sends(5001)
	w.passes(10 * time.Minute)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var p *ui.Problem
	if _, _, err := w.History(ctx, ui.HistoryQuery{}); !errors.As(err, &p) || p.Code != "busy" {
		t.Errorf("a second question hears %v", err)
	}
	w.archive.put(s)
	w.second()
	w.second()
	if flows := w.asks(t, ui.HistoryQuery{}); len(flows) != 2 {
		t.Errorf("the history has %d flows, want 2", len(flows))
	}
}

// TestProtocolsAreReadAsTheyAreWritten by the contract.
func TestProtocolsAreReadAsTheyAreWritten(t *testing.T) {
	for _, text := range []string{"tcp", "udp", "icmp", "icmpv6", "50", "0", "0x88cc"} {
		if p, err := parseProtocol(text); err != nil || p.String() != text {
			t.Errorf("%s is read as %s, %v", text, p, err)
		}
	}
}
