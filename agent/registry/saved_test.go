package registry

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

func TestANameTakenBackLeavesTheMAC(t *testing.T) {
	cam, name := packet.MAC{2, 0, 0, 0, 0, 1}, "Front door"
	r := New(10)
	r.Observe(time.Unix(0, 0), Input{Devices: []capture.Device{{MAC: cam}}})
	r.Edit(cam, Edit{Name: &name})
	r.Edit(cam, Edit{ClearName: true})
	if d, _ := r.Get(cam); d.Name != cam.String() || d.NameSource != NameMAC {
		t.Errorf("it is called %q by %s, want its MAC", d.Name, d.NameSource)
	}
}

func TestDevicesSurviveARestart(t *testing.T) {
	begin := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	cam, bulb := packet.MAC{2, 0, 0, 0, 0, 1}, packet.MAC{2, 0, 0, 0, 0, 2}
	address := netip.MustParseAddr("192.168.1.10")
	r := New(10)
	r.Observe(begin, Input{Devices: []capture.Device{
		{MAC: cam, First: begin, Last: begin, Addresses: []netip.Addr{address}, RxBytes: 100, TxBytes: 200, RxPackets: 1, TxPackets: 2},
		{MAC: bulb, First: begin.Add(time.Second), Last: begin.Add(time.Second)},
	}})
	name := "Front door"
	r.Edit(cam, Edit{Name: &name})

	again := New(10)
	again.Restore(r.Save())
	heard := capture.Device{MAC: cam, First: begin.Add(time.Hour), Last: begin.Add(time.Hour), RxBytes: 10, TxBytes: 20, RxPackets: 1, TxPackets: 1}
	if added := again.Observe(begin.Add(time.Hour), Input{Devices: []capture.Device{heard}}); added != nil {
		t.Errorf("known devices were taken for new ones: %v", added)
	}
	all := slices.Collect(again.All())
	if len(all) != 2 || all[0].Name != name || all[0].NameSource != NameOwner || !all[0].First.Equal(begin) {
		t.Errorf("after the restart the devices are %+v", all)
	}
	if d := all[0]; d.RxBytes != 110 || d.TxBytes != 220 || d.RxPackets != 2 || d.TxPackets != 3 {
		t.Errorf("its sums since the first time are %d, %d bytes and %d, %d packets", d.RxBytes, d.TxBytes, d.RxPackets, d.TxPackets)
	}
	if got := again.Addresses(cam); len(got) != 1 || got[0] != address {
		t.Errorf("addresses ever used: %v, want %v", got, address)
	}
	if all[1].Name != bulb.String() || all[1].NameSource != NameMAC {
		t.Errorf("the bulb is called %q by %s, want its MAC", all[1].Name, all[1].NameSource)
	}
}
