package oui

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"spinneret/capture/packet"
)

func decode(tb testing.TB, entries ...Entry) *Table {
	tb.Helper()
	b, err := Encode(entries)
	if err != nil {
		tb.Fatal(err)
	}
	t, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// address is one that begins with the prefix and ends with the low bits of tail.
func address(e Entry, tail uint64) (mac packet.MAC) {
	n := e.Prefix<<(48-e.Bits) | tail&(1<<(48-e.Bits)-1)
	for i := range mac {
		mac[i] = byte(n >> (8 * (5 - i)))
	}
	return mac
}

func TestLongestPrefixTells(t *testing.T) {
	table := decode(t,
		Entry{0x00005e, 24, "Large"}, Entry{0x00005f1, 28, "Medium"}, Entry{0x00005e123, 36, "Small"},
		Entry{0xfcffff, 24, "Last"},
	)
	for text, want := range map[string]string{
		"00:00:5e:00:53:01": "Large",
		"00:00:5e:12:2f:ff": "Large",
		"00:00:5e:12:30:00": "Small",
		"00:00:5e:12:3f:ff": "Small",
		"00:00:5e:12:40:00": "Large",
		"00:00:5f:1f:ff:ff": "Medium",
		"00:00:5f:20:00:00": "",
		"00:00:5d:ff:ff:ff": "",
		"fc:ff:ff:00:00:00": "Last",
		"fd:00:00:00:00:00": "",
		"00:00:00:00:00:00": "",
		"01:00:5e:00:00:fb": "", // a group
		"02:00:5e:00:53:01": "", // made up by the device
	} {
		mac, err := packet.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := table.Vendor(mac); got != want || ok != (want != "") {
			t.Errorf("%s is %q %v, want %q", text, got, ok, want)
		}
	}
}

// TestEntriesAreFoundAgain fills several blocks of prefixes and of names, and asks for every ninth and its neighbours.
func TestEntriesAreFoundAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vendors := map[uint64]string{}
	var entries []Entry
	for i := range 3*nameBlock + 5 {
		prefix := r.Uint64() & 0x3ffff & ^uint64(0x030000) // with many that follow each other, unicast and global
		if vendors[prefix] == "" {
			vendors[prefix] = fmt.Sprintf("vendor %d", i)
			entries = append(entries, Entry{prefix, 24, vendors[prefix]})
		}
	}
	table := decode(t, entries...)
	for i := 0; i < len(entries); i += 9 {
		e := entries[i]
		for _, prefix := range []uint64{e.Prefix, e.Prefix + 1, e.Prefix - 1&0xffffff} {
			mac := address(Entry{prefix, 24, ""}, 0x123456)
			want := vendors[prefix]
			if !mac.IsUnicast() || mac.IsLocal() {
				want = ""
			}
			if got, _ := table.Vendor(mac); got != want {
				t.Fatalf("%v is %q, want %q", mac, got, want)
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	var many []Entry
	for i := range uint64(1<<16 + 1) {
		many = append(many, Entry{i, 28, fmt.Sprint(i)})
	}
	for name, entries := range map[string][]Entry{
		"a block with two owners": {{1, 24, "One"}, {1, 24, "Two"}},
		"a prefix too long":       {{1 << 24, 24, "One"}},
		"another length":          {{1, 25, "One"}},
		"a name of two lines":     {{1, 24, "One\nTwo"}},
		"too many names":          many,
	} {
		if _, err := Encode(entries); err == nil {
			t.Errorf("%s is encoded", name)
		}
	}
	if _, err := Encode([]Entry{{1, 24, "One"}, {1, 24, "One"}}); err != nil {
		t.Errorf("the same entry twice: %v", err)
	}
}

func TestDamagedTableIsRefused(t *testing.T) {
	b, err := Encode([]Entry{{1, 24, "One"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "another format": append([]byte("oui0"), b[4:]...), "cut short": b[:headerSize+5],
	} {
		if _, err := Open(bytes.NewReader(bad), int64(len(bad))); err == nil {
			t.Errorf("a table that is %s is decoded", name)
		}
	}
	table, err := Open(bytes.NewReader(b), int64(len(b)-4))
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := table.Vendor(address(Entry{1, 24, ""}, 0)); ok {
		t.Errorf("a table without its last bytes gives %q", got)
	}
}
