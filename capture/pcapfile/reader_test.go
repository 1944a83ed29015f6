package pcapfile

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
)

var hello = udp4(camera, "192.168.1.163", "198.51.100.7", 41234, 443, "hello")

const sentLen = 14 + 20 + 8 + 5 // bytes of hello

func TestReadPcap(t *testing.T) {
	for _, tt := range []struct {
		name  string
		order order
		magic uint32
		frac  uint32
	}{
		{"little-endian microseconds", binary.LittleEndian, magicMicro, 250_000},
		{"big-endian microseconds", binary.BigEndian, magicMicro, 250_000},
		{"little-endian nanoseconds", binary.LittleEndian, magicNano, 250_000_000},
		{"big-endian nanoseconds", binary.BigEndian, magicNano, 250_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkHello(t, file(
				pcap(tt.order, tt.magic, LinkEthernet),
				record(tt.order, 1_700_000_000, tt.frac, hello, len(hello)),
			))
		})
	}
}

// checkHello checks that a file has the one packet hello at a quarter of a second.
func checkHello(t *testing.T, file []byte) {
	t.Helper()
	got, stats, err := readAll(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || stats != (Stats{Packets: 1}) {
		t.Fatalf("%d packets, %+v; want one and nothing bad", len(got), stats)
	}
	p := got[0]
	if want := at(time.Second / 4); !p.Time.Equal(want) {
		t.Errorf("time %v, want %v", p.Time, want)
	}
	if p.SrcMAC != camera || p.DstPort != 443 || p.Length != 33 || string(p.Payload) != "hello" {
		t.Errorf("packet %+v, want hello", p)
	}
}

func TestReadPcapng(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	stamp := uint64(1_700_000_000_250_000) // microseconds, if nothing is said
	snapped := func(link LinkType) []byte { return iface(le, link, 96) }
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"little-endian", file(section(le), snapped(LinkEthernet), enhanced(le, 0, stamp, hello, sentLen))},
		{"big-endian", file(section(be), iface(be, LinkEthernet, 0), enhanced(be, 0, stamp, hello, sentLen))},
		{
			"nanoseconds",
			file(section(le), iface(le, LinkEthernet, 0, option(le, 9, 9)), enhanced(le, 0, stamp*1000, hello, sentLen)),
		},
		{
			"a power of two of units in a second",
			file(section(le), iface(le, LinkEthernet, 0, option(le, 9, 0x80|10)), enhanced(le, 0, 1_700_000_000<<10|256, hello, sentLen)),
		},
		{
			"an offset in seconds behind other options",
			file(section(be), iface(be, LinkEthernet, 0, option(be, 2, 'l', 'a', 'n'), option(be, 14, 0, 0, 0, 0, 0, 0, 0, 100), option(be, 0)),
				enhanced(be, 0, stamp-100_000_000, hello, sentLen)),
		},
		{
			"the second interface",
			file(section(le), snapped(LinkRaw), snapped(LinkEthernet), enhanced(le, 1, stamp, hello, sentLen)),
		},
		{
			"an interface that cannot be read but has no packets",
			file(section(le), snapped(LinkEthernet), snapped(105), enhanced(le, 0, stamp, hello, sentLen)),
		},
		{
			"blocks of other kinds",
			file(section(le), block(le, 4, make([]byte, 400)), snapped(LinkEthernet), block(le, 0xbad, make([]byte, 2*maxBlock)),
				enhanced(le, 0, stamp, hello, sentLen), block(le, 5, make([]byte, 8))),
		},
		{
			"a second section in the other byte order",
			file(section(le), snapped(LinkRaw), section(be), iface(be, LinkEthernet, 0), enhanced(be, 0, stamp, hello, sentLen)),
		},
		{
			"the obsolete packet block",
			file(section(le), snapped(LinkEthernet), block(le, blockPacket, le.AppendUint16(le.AppendUint16(nil, 0), 7),
				words(le, uint32(stamp>>32), uint32(stamp), sentLen, sentLen), hello)),
		},
	} {
		t.Run(tt.name, func(t *testing.T) { checkHello(t, tt.file) })
	}
}

func TestSimplePacketBlocks(t *testing.T) {
	le := binary.LittleEndian
	got, stats, err := readAll(t, file(
		section(le), iface(le, LinkEthernet, 42),
		enhanced(le, 0, 1_700_000_000_250_000, hello, sentLen),
		block(le, blockSimple, words(le, sentLen), hello[:42]),
	))
	if err != nil || len(got) != 2 || stats.Bad != 0 {
		t.Fatalf("%d packets, %+v, %v; want two", len(got), stats, err)
	}
	if p := got[1]; !p.Time.Equal(got[0].Time) || p.Length != 33 || len(p.Payload) != 0 {
		t.Errorf("packet %+v, want one at the time before, counted whole and cut at the snap length", p)
	}
}

func TestReadEndsWhereTheFileIsCut(t *testing.T) {
	le := binary.LittleEndian
	first := file(pcap(le, magicMicro, LinkEthernet), record(le, 1, 0, hello, sentLen))
	ng := file(section(le), iface(le, LinkEthernet, 0), enhanced(le, 0, 1, hello, sentLen))
	for _, tt := range []struct {
		name  string
		whole []byte
		more  []byte
	}{
		{"pcap", first, record(le, 2, 0, hello, sentLen)},
		{"pcapng packet", ng, enhanced(le, 0, 2, hello, sentLen)},
		{"pcapng block of another kind", ng, block(le, 5, make([]byte, 8))},
		{"pcapng section", ng, section(le)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for n := range tt.more {
				got, stats, err := readAll(t, file(tt.whole, tt.more[:n]))
				want := Stats{Packets: 1, Truncated: 1}
				if n == 0 {
					want.Truncated = 0
				}
				if err != nil || len(got) != 1 || stats != want {
					t.Fatalf("cut after %d bytes: %d packets, %+v, %v; want one, %+v", n, len(got), stats, err, want)
				}
			}
		})
	}
}

func TestBadFramesCountForTheirSender(t *testing.T) {
	le := binary.LittleEndian
	garbage := append(append(append([]byte(nil), packet.Broadcast[:]...), camera[:]...), 0x08, 0x00, 0xff, 0xff)
	got, stats, err := readAll(t, file(
		pcap(le, magicMicro, LinkEthernet),
		record(le, 1, 0, garbage, 18),
		record(le, 1, 0, garbage[:7], 7), // nobody's
		record(le, 1, 0, hello, sentLen),
	))
	if err != nil || len(got) != 2 || stats != (Stats{Packets: 3, Bad: 2}) {
		t.Fatalf("%d packets, %+v, %v; want two of three", len(got), stats, err)
	}
	if p := got[0]; p.IsIP() || p.SrcMAC != camera || p.Length != 18 {
		t.Errorf("bad frame %+v, want the camera's, of 18 bytes, without ip", p)
	}
}

func TestAbsurdWireLengthsCountAsCaptured(t *testing.T) {
	le := binary.LittleEndian
	lldp := append(append(append([]byte(nil), packet.Broadcast[:]...), camera[:]...), 0x88, 0xcc, 0, 0)
	for _, sent := range []int{0, 1, 0xffffffff} {
		got, _, err := readAll(t, file(pcap(le, magicMicro, LinkEthernet), record(le, 1, 0, lldp, sent)))
		if err != nil || len(got) != 1 || got[0].Length != 16 {
			t.Errorf("wire length %d: %+v, %v; want one packet of 16 bytes", sent, got, err)
		}
	}
}

func TestImpossibleTimesAreThoseBefore(t *testing.T) {
	le := binary.LittleEndian
	got, _, err := readAll(t, file(
		section(le), iface(le, LinkEthernet, 0, option(le, 9, 0)),
		enhanced(le, 0, 1_700_000_000, hello, sentLen),
		enhanced(le, 0, 1<<63, hello, sentLen),
	))
	if err != nil || len(got) != 2 || !got[1].Time.Equal(got[0].Time) {
		t.Errorf("packets %+v, %v; want two of one time", got, err)
	}
}

func TestDamageIsNamed(t *testing.T) {
	le := binary.LittleEndian
	head, ng := pcap(le, magicMicro, LinkEthernet), file(section(le), iface(le, LinkEthernet, 0))
	tooMany := section(le)
	for range maxInterfaces + 1 {
		tooMany = append(tooMany, iface(le, LinkEthernet, 0)...)
	}
	for _, tt := range []struct {
		name, want string
		file       []byte
	}{
		{"pcap packet of 4 GB", "damaged: a packet of 4294967295 bytes", file(head, words(le, 1, 0, 0xffffffff, 0xffffffff))},
		{"pcapng block of 4 bytes", "impossible length", file(ng, words(le, 6, 4, 0))},
		{"pcapng block of 4 GB", "impossible length", file(ng, words(le, 6, 0xfffffffc))},
		{"pcapng block of odd length", "impossible length", file(ng, words(le, 0xbad, 13, 0, 0, 0))},
		{"pcapng packet beyond its block", "a packet of 4096 bytes in a block", file(ng, block(le, 6, words(le, 0, 0, 0, 4096, 4096), hello))},
		{"pcapng packet of no interface", "interface 7", file(ng, enhanced(le, 7, 0, hello, sentLen))},
		{"pcapng option beyond its block", "option", file(ng, iface(le, 1, 0, words(le, 0x00ff0002)))},
		{"pcapng clock", "clock finer", file(ng, iface(le, 1, 0, option(le, 9, 20)))},
		{"pcapng section without byte order", "byte order", file(ng, words(le, blockSection, 28, 7, 0, 0, 0, 28))},
		{"pcapng version", "pcapng version 2", file(ng, block(le, blockSection, words(le, byteOrderMagic, 2, 0, 0)))},
		{"pcapng interfaces without end", "1024 interfaces", tooMany},
		{"pcapng 802.11", "link type 105 (802.11) is not supported", file(section(le), iface(le, 105, 0), enhanced(le, 0, 0, hello, sentLen))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(t, tt.file)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `"test.pcap"`) {
				t.Errorf("error %v, want one with the file and %q", err, tt.want)
			}
		})
	}
}

func TestFilesThatAreNoCaptures(t *testing.T) {
	le := binary.LittleEndian
	old := pcap(le, magicMicro, LinkEthernet)
	old[6] = 2
	for _, tt := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "is empty", nil},
		{"three bytes", "not a pcap or pcapng file", []byte{0xd4, 0xc3, 0xb2}},
		{"text", "not a pcap or pcapng file", []byte("# Packet captures kept here\n\nThird-party files")},
		{"big-endian look-alike", "not a pcap or pcapng file", append([]byte{0xa1, 1, 2, 3}, make([]byte, 30)...)},
		{"pcapng without a section", "not a pcap or pcapng file", words(le, blockSection, 28, 0)},
		{"half a pcap header", "ends inside its header", pcap(le, magicMicro, LinkEthernet)[:20]},
		{"gzip", "gunzip", []byte{0x1f, 0x8b, 8, 0, 0}},
		{"old pcap", "pcap version 2.2", old},
		{"wi-fi monitor", "link type 127 (802.11 with radiotap header)", pcap(le, magicMicro, 127)},
		{"unknown link", "link type 147 (unknown)", pcap(le, magicMicro, 147)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "home.pcap")
			if err := os.WriteFile(path, tt.file, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "home.pcap") {
				t.Errorf("error %v, want one with the file and %q", err, tt.want)
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.pcap")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v for a file that is not there", err)
	}
}

func TestReadingAllocatesNothingPerPacket(t *testing.T) {
	le := binary.LittleEndian
	packets := func(n int) []byte {
		b := pcap(le, magicMicro, LinkEthernet)
		for range n {
			b = append(b, record(le, 1, 0, hello, sentLen)...)
		}
		return b
	}
	allocs := func(file []byte) float64 {
		return testing.AllocsPerRun(5, func() {
			r, err := NewReader("test.pcap", strings.NewReader(string(file)))
			if err != nil {
				t.Fatal(err)
			}
			var p packet.Packet
			for r.Next(&p) == nil {
			}
		})
	}
	if few, many := allocs(packets(10)), allocs(packets(1000)); few != many {
		t.Errorf("%v allocations for 10 packets, %v for 1000: want as many", few, many)
	}
}
