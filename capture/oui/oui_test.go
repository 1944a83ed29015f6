package oui

import (
	"bytes"
	"runtime"
	"testing"
	"unicode/utf8"

	"spinneret/capture/packet"
)

var hueBridge = packet.MAC{0x00, 0x17, 0x88, 1, 2, 3}

func TestVendorsOfWellKnownDevices(t *testing.T) {
	for text, want := range map[string]string{
		"00:17:88:01:02:03": "Philips Lighting",
		"b8:27:eb:01:02:03": "Raspberry Pi Foundation",
		"24:0a:c4:01:02:03": "Espressif",
		"00:0e:58:01:02:03": "Sonos",
		"f0:18:98:01:02:03": "Apple",
		"02:17:88:01:02:03": "",
	} {
		mac, err := packet.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := Vendor(mac); got != want || ok != (want != "") {
			t.Errorf("%s is %q %v, want %q", text, got, ok, want)
		}
	}
}

func TestTableIsCompact(t *testing.T) {
	if len(vendors) > 300_000 {
		t.Errorf("the table has %d bytes, want at most 300000", len(vendors))
	}
	table, err := Open(bytes.NewReader(vendors), int64(len(vendors)))
	if err != nil {
		t.Fatal(err)
	}
	prefixes := 0
	for _, g := range table.groups {
		prefixes += g.entries
	}
	if prefixes < 36_000 {
		t.Errorf("the table has %d prefixes, want at least 36000", prefixes)
	}
}

func TestEveryVendorHasAShortName(t *testing.T) {
	table, err := Open(bytes.NewReader(vendors), int64(len(vendors)))
	if err != nil {
		t.Fatal(err)
	}
	for number := 0; number < table.vendors; number += 37 {
		name, err := table.name(number)
		if n := utf8.RuneCountInString(name); err != nil || n == 0 || n > 32 || !utf8.ValidString(name) {
			t.Errorf("vendor %d is %q: %v", number, name, err)
		}
	}
	if name, err := table.name(table.vendors); err == nil {
		t.Errorf("the vendor after the last is %q", name)
	}
}

// TestLookUpsKeepNoMemory holds what look-ups leave behind far below the size of the table unpacked (500 kB).
func TestLookUpsKeepNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	Vendor(hueBridge)
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range byte(200) {
		Vendor(packet.MAC{0, i, 1, 2, 3, 4})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 64<<10 {
		t.Errorf("look-ups keep %d bytes", kept)
	}
}

func BenchmarkVendor(b *testing.B) {
	for name, mac := range map[string]packet.MAC{"known": hueBridge, "unknown": {0xfc, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Vendor(mac)
			}
		})
	}
}
