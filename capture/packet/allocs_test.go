package packet

import "testing"

// hotFrames are what most packets of a home look like, and one that is refused.
var hotFrames = []struct {
	name  string
	frame []byte
}{
	{"tcp4", ether(0x0800, ip4(6, tcp(0x10, "payload")))},
	{"udp6", ether(0x86dd, ip6(17, udp("payload")))},
	{"udp6ext", ether(0x86dd, ip6(0, raw("11 00 0502 0000 0100"), udp("payload")))},
	{"arp", ether(0x0806, raw("0001 0800 06 04 0001 020000000001 c0a801a3 000000000000 c0a80101"))},
	{"refused", ether(0x0800, ip4(6, tcp(0x10, "")[:12]))},
}

func TestDecodingAllocatesNothing(t *testing.T) {
	var p Packet
	for _, hot := range hotFrames {
		if n := testing.AllocsPerRun(100, func() { _ = p.DecodeEthernet(hot.frame, 0) }); n != 0 {
			t.Errorf("DecodeEthernet of %s allocates %v times, want 0", hot.name, n)
		}
		if n := testing.AllocsPerRun(100, func() { _ = p.DecodeIP(hot.frame[14:]) }); n != 0 {
			t.Errorf("DecodeIP of %s allocates %v times, want 0", hot.name, n)
		}
	}
}

func BenchmarkDecodeEthernet(b *testing.B) {
	for _, hot := range hotFrames {
		b.Run(hot.name, func(b *testing.B) {
			b.ReportAllocs()
			var p Packet
			for b.Loop() {
				_ = p.DecodeEthernet(hot.frame, 0)
			}
		})
	}
}
