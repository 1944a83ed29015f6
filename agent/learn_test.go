package agent

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/agent/learned"
	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/ui"
)

func TestWhatAFlowSaysOfADevice(t *testing.T) {
	cam, laptop := macOf(0), macOf(1)
	server, camAddr, laptopAddr := netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("192.168.1.10"), netip.MustParseAddr("192.168.1.11")
	web := capture.Flow{
		Device: cam, DeviceAddr: camAddr, Remote: server, Protocol: packet.ProtoTCP, Port: 443, Out: true, RxPackets: 1, TxPackets: 1,
	}
	inVain, estimated := web, web
	inVain.RxPackets = 0
	estimated.RxPackets, estimated.Estimated = 0, true
	inside := web
	inside.Remote, inside.Peer, inside.Scope, inside.Port = laptopAddr, laptop, capture.ScopeLAN, 8080
	reached := learned.Use{Protocol: packet.ProtoTCP, Opened: true, Port: 443, Remote: server, Name: "up.example"}
	for what, c := range map[string]struct {
		mac  packet.MAC
		flow capture.Flow
		want []learned.Use
	}{
		"it opened a connection":                {cam, web, []learned.Use{reached}},
		"that nobody answered":                  {cam, inVain, nil},
		"of which not all is known":             {cam, estimated, []learned.Use{reached}},
		"it opened one to a device of the home": {cam, inside, []learned.Use{{Protocol: packet.ProtoTCP, Opened: true, Port: 8080, Remote: laptopAddr, Name: "up.example", Inside: true}}},
		"that one saw it come":                  {laptop, inside, []learned.Use{{Protocol: packet.ProtoTCP, Port: 8080, Remote: camAddr, Inside: true}}},
	} {
		if got := uses(c.mac, &c.flow, "up.example"); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: %+v, want %+v", what, got, c.want)
		}
	}
}

func TestADescriptionIsMadeOfWhatADeviceDid(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		var p *ui.Problem
		if _, err := b.LearnMUD(b.Context(), macOf(0).String()); !errors.As(err, &p) || p.Status != 409 {
			t.Errorf("of one that did nothing: %v", err)
		}
		if _, err := b.LearnMUD(b.Context(), "02:ff:ff:ff:ff:ff"); !errors.As(err, &p) || p.Code != "unknown-device" {
			t.Errorf("of nobody: %v", err)
		}
		server := netip.MustParseAddr("198.51.100.7")
		b.names.Learn(names.Name{Device: macOf(0), Addr: server, Name: "up.cam.example", Source: names.DNS, At: b.now()})
		b.table.SetVolumes(capture.FromSamples)
		b.table.Add(&packet.Packet{
			Time: b.now(), In: 3, SrcMAC: macOf(0), EtherType: packet.EtherTypeIPv4, Proto: packet.ProtoUDP,
			Src: netip.MustParseAddr("192.168.1.10"), Dst: server, SrcPort: 4000, DstPort: 123, Length: 76,
		})
		time.Sleep(3 * time.Second)
		l, err := b.LearnMUD(b.Context(), macOf(0).String())
		if err != nil || l.Entries != 1 || !json.Valid(l.File) || !strings.Contains(string(l.File), "up.cam.example") {
			t.Fatalf("learned %+v, %v", l, err)
		}
		if len(l.Warnings) == 0 || !strings.Contains(l.Warnings[0], "a minute") || l.Since == nil {
			t.Errorf("warnings %q, since %v", l.Warnings, l.Since)
		}
	})
}
