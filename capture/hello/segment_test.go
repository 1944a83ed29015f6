package hello

import (
	"crypto/tls"
	"fmt"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"spinneret/capture/packet"
)

var camSNI = Name{Host: camName, Source: SNI}

func TestNameInOneSegment(t *testing.T) {
	hello := recorded(t, nil)
	want(t, feed(NewReader(), segment(100, hello)), camSNI)
	want(t, feed(NewReader(), syn(99), segment(100, hello)), camSNI)

	old := recorded(t, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })
	want(t, feed(NewReader(), segment(100, old)), camSNI)

	fastOpen := syn(99) // RFC 7413
	fastOpen.Payload = hello
	want(t, feed(NewReader(), fastOpen), camSNI)
}

func TestNameIsWrittenInLowerCase(t *testing.T) {
	hello := recorded(t, func(c *tls.Config) { c.ServerName = "UP.Cam.Example.NET" })
	want(t, feed(NewReader(), segment(100, hello)), camSNI)
}

func TestHelloWithoutNameNamesNobody(t *testing.T) {
	for _, server := range []string{"198.51.100.7", "2001:db8::1"} {
		hello := recorded(t, func(c *tls.Config) { c.ServerName = server })
		want(t, feed(NewReader(), segment(100, hello)))
	}
}

func TestAnEncryptedHelloGivesTheOuterName(t *testing.T) {
	hello := recorded(t, withECH(t))
	want(t, feed(NewReader(), segment(100, hello)), Name{Host: "public.example", Source: SNI})
}

// TestSegmentsInAnyOrderGiveTheSameNameAsWhole tries hellos of post-quantum size, whose keys are random.
func TestSegmentsInAnyOrderGiveTheSameNameAsWhole(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			cryptotest.SetGlobalRandom(t, seed)
			hello := recorded(t, func(c *tls.Config) { c.NextProtos = manyProtocols(20) })
			if len(hello) < 1600 {
				t.Fatalf("the hello has %d bytes, want at least 1600", len(hello))
			}
			for _, size := range []int{1, 7, 100, 1000, 1460} {
				t.Run(fmt.Sprintf("segments of %d", size), func(t *testing.T) { inAnyOrder(t, seed, hello, size) })
			}
		})
	}
}

// inAnyOrder cuts a hello into segments and wants its name from them, with the SYN and without.
func inAnyOrder(t *testing.T, seed uint64, hello []byte, size int) {
	const wrapping = 1<<32 - 700 // the sequence number passes zero inside the hello
	parts := shuffled(seed, cut(wrapping, hello, size))
	want(t, feed(NewReader(), append([]*packet.Packet{syn(wrapping - 1)}, parts...)...), camSNI)
	want(t, feed(NewReader(), parts...), camSNI)
}

// A byte from the middle of a message may look like the first of one: of a record, or of a method's name.
func TestPartThatLooksLikeABeginningMayBeFromTheMiddle(t *testing.T) {
	for _, like := range []string{"\x16", "\x16\x03", "G", "PO", "CONNECT"} {
		for _, port := range []uint16{portHTTPS, portHTTP} {
			hello := recorded(t, nil)
			const at = recordHeader + messageHeader + 2 // the random of the hello
			copy(hello[at:], like+"as a whole it is none")
			before, middle, after := segment(100, hello[:at]), segment(100+at, hello[at:at+len(like)]),
				segment(100+at+uint32(len(like)), hello[at+len(like):])
			for _, p := range []*packet.Packet{before, middle, after} {
				p.DstPort = port
			}
			want(t, feed(NewReader(), middle, before, after), camSNI)
			want(t, feed(NewReader(), middle, after, before), camSNI)
		}
	}
}

func TestOverlapsAndRepeatsChangeNothing(t *testing.T) {
	hello := recorded(t, nil)
	var parts []*packet.Packet
	for at := 0; at < len(hello); at += 100 {
		parts = append(parts, segment(100+uint32(at), hello[at:min(at+250, len(hello))]))
	}
	parts = append(parts, parts...)
	for seed := range uint64(5) {
		want(t, feed(NewReader(), shuffled(seed, slices.Clone(parts))...), camSNI)
	}
}

func TestFirstBytesCount(t *testing.T) {
	hello := recorded(t, nil)
	forged := slices.Clone(hello)
	for i := range forged[50:] {
		forged[50+i] = 'x'
	}
	want(t, feed(NewReader(), segment(100, hello[:200]), segment(100, forged[:200]), segment(300, hello[200:])), camSNI)
}

func TestHelloSpreadOverRecords(t *testing.T) {
	hello := recorded(t, nil)
	for _, size := range []int{1000, 100, 50} {
		spread := records(hello, size)
		want(t, feed(NewReader(), segment(100, spread)), camSNI)
		want(t, feed(NewReader(), shuffled(1, cut(100, spread, 90))...), camSNI)
	}
	want(t, feed(NewReader(), segment(100, records(hello, 1))))
}

func TestPartsThatOvertookNeedTheSYNOnOtherPorts(t *testing.T) {
	hello := recorded(t, nil)
	parts := cut(100, hello, 1000)
	slices.Reverse(parts)
	for _, p := range parts {
		p.DstPort = 4443
	}
	want(t, feed(NewReader(), parts...))
	begin := syn(99)
	begin.DstPort = 4443
	want(t, feed(NewReader(), append([]*packet.Packet{begin}, parts...)...), camSNI)
}

func TestOneNameForEachConnection(t *testing.T) {
	hello := recorded(t, nil)
	r := NewReader()
	want(t, feed(r, segment(100, hello), segment(100, hello)), camSNI)

	want(t, feed(r, syn(5000), segment(5001, hello)), camSNI)

	later := segment(9000, hello) // the port is used again, and the SYN was not seen
	later.Time = start.Add(settleTime + time.Second)
	want(t, feed(r, later), camSNI)
}

func TestOtherStreamsNameNobody(t *testing.T) {
	hello := recorded(t, nil)
	for name, payload := range map[string][]byte{
		"ssh":                []byte("SSH-2.0-OpenSSH_9.2\r\n"),
		"application data":   {23, 3, 3, 0, 4, 1, 2, 3, 4},
		"a server's hello":   {22, 3, 3, 0, 4, 2, 0, 0, 0},
		"an empty record":    {22, 3, 1, 0, 0, 1},
		"a record too large": {22, 3, 1, 0x40, 1, 1},
		"version 2":          {22, 2, 0, 0, 4, 1, 0, 0, 0},
		"a damaged hello":    damaged(hello),
		"a hello too large":  {22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfd},
	} {
		r := NewReader()
		if got := feed(r, syn(99), segment(100, payload), segment(100+uint32(len(payload)), hello)); len(got) != 0 {
			t.Errorf("%s gives %+v", name, got)
		}
		if used := r.Stores()[0].Used; used != 0 {
			t.Errorf("after %s %d flows are held", name, used)
		}
	}
}

// damaged is a hello whose extensions claim one byte more than there is.
func damaged(hello []byte) []byte {
	b := slices.Clone(hello)
	at := recordHeader + messageHeader + 34
	at += 1 + int(b[at])
	at += 2 + int(b[at])<<8 + int(b[at+1])
	at += 1 + int(b[at])
	b[at+1]++
	return b
}

func TestFragmentsAndFramesWithoutIPAreLeftOut(t *testing.T) {
	part := segment(100, recorded(t, nil))
	part.Fragment = true
	arp := segment(100, recorded(t, nil))
	arp.EtherType = packet.EtherTypeARP
	want(t, feed(NewReader(), part, arp))
}
