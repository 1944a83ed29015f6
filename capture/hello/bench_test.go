package hello

import (
	"testing"

	"spinneret/capture/packet"
)

// strangers are packets that are part of no hello, as a home has many.
func strangers() map[string]*packet.Packet {
	answer := segment(100, append([]byte{22, 3, 3, 0, 90, 2}, make([]byte, 1400)...))
	answer.SrcPort, answer.DstPort = 443, 40321
	ssh := segment(100, []byte("SSH-2.0-OpenSSH_9.2\r\n"))
	ssh.DstPort = 22
	dns := udp(make([]byte, 40))
	dns.DstPort = 53
	return map[string]*packet.Packet{
		"ack":         segment(100, nil),
		"records":     segment(100, append([]byte{23, 3, 3, 5, 160}, make([]byte, 1400)...)),
		"answer":      answer,
		"other":       ssh,
		"dns":         dns,
		"quic short":  udp(append([]byte{fixedBit}, make([]byte, 1300)...)),
		"quic others": udp(append([]byte{longHeader | fixedBit, 0xff, 0, 0, 29}, make([]byte, 1300)...)),
	}
}

func TestStrangersCostNoMemory(t *testing.T) {
	r := NewReader()
	for name, p := range strangers() {
		if n := testing.AllocsPerRun(100, func() { r.Add(p) }); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
	feed(r, segment(100, recorded(t, nil)))
	upload := segment(5000, make([]byte, 1400))
	for name, p := range map[string]*packet.Packet{"a settled flow": upload, "a SYN": syn(7)} {
		if n := testing.AllocsPerRun(100, func() { r.Add(p) }); n != 0 {
			t.Errorf("%s allocates %v times, want 0", name, n)
		}
	}
}

func BenchmarkStranger(b *testing.B) {
	for name, p := range strangers() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := NewReader()
			for b.Loop() {
				r.Add(p)
			}
		})
	}
}

func BenchmarkHello(b *testing.B) {
	hello := recorded(b, nil)
	quic := seal(b, sealed{version: versions[0], id: sampleID, content: padded(crypto(0, recordedQUIC(b)))})
	for name, packets := range map[string][]*packet.Packet{
		"whole":  {segment(100, hello)},
		"parted": {segment(100+700, hello[700:]), segment(100, hello[:700])},
		"quic":   {udp(quic)},
		"http":   {segment(100, []byte(get))},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := NewReader()
			n := 0
			for b.Loop() {
				n++
				for _, p := range packets {
					p.SrcPort, p.SrcMAC[5] = uint16(n), byte(n>>16)
					r.Add(p)
				}
			}
		})
	}
}

// BenchmarkAttack is what a packet costs of those that are made to cost the most.
func BenchmarkAttack(b *testing.B) {
	endless := append([]byte("GET / HTTP/1.1\r\n"), make([]byte, maxHeld)...)
	forged := udp(append(longBegin(versions[0], 0, sampleID), append([]byte{0, 0x44, 0x9e}, make([]byte, 1300)...)...))
	for name, packets := range map[string][]*packet.Packet{
		"one byte each": append([]*packet.Packet{syn(99)}, shuffled(1, cut(100, endless, 1))...),
		"many records":  append([]*packet.Packet{syn(99)}, cut(100, records(recorded(b, nil), 24), 1)...),
		"forged quic":   {forged},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := NewReader()
			n := 0
			for b.Loop() {
				r.Add(packets[n%len(packets)])
				n++
			}
		})
	}
}
