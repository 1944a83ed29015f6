package lldp

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab/expect"
)

const lamp = "https://lamps.example/one"

func tlv(kind uint16, value ...byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, kind<<9|uint16(len(value))), value...)
}

// named is the TLV of RFC 8520 section 12.
func named(text string) []byte {
	return tlv(typeOwn, append([]byte{0, 0, 0x5e, 1}, text...)...)
}

// says is a frame with a device's port, a time to live, more, and an end.
func says(ttl byte, more ...[]byte) []byte {
	start := [][]byte{tlv(1, 4, 2, 0, 0, 0, 0, 1), tlv(2, 3, 2, 0, 0, 0, 0, 1), tlv(typeTTL, 0, ttl)}
	return slices.Concat(slices.Concat(append(start, more...)...), tlv(typeEnd))
}

func TestTheURLIsRead(t *testing.T) {
	for what, c := range map[string]struct {
		frame []byte
		want  string
	}{
		"a URL":                     {says(120, named(lamp)), lamp},
		"what follows a space":      {says(120, named(lamp+" more")), lamp},
		"a zero byte at its end":    {says(120, named(lamp+"\x00")), lamp},
		"none":                      {says(120), ""},
		"of another organisation":   {says(120, tlv(typeOwn, append([]byte{0, 0x80, 0xc2, 1}, lamp...)...)), ""},
		"of another subtype":        {says(120, tlv(typeOwn, append([]byte{0, 0, 0x5e, 2}, lamp...)...)), ""},
		"an empty one":              {says(120, named("")), ""},
		"letters that no URL has":   {says(120, named("https://caf\xe9")), ""},
		"two of them":               {says(120, named(lamp), named("https://other.example/")), lamp},
		"after the end":             {append(says(120), named(lamp)...), ""},
		"the longest that there is": {says(120, named(strings.Repeat("x", 507))), strings.Repeat("x", 507)},
	} {
		if m, err := Parse(c.frame); err != nil || m.MUDURL != c.want || m.TTL != 120 {
			t.Errorf("%s: %+v, %v, want %q", what, m, err, c.want)
		}
	}
}

func TestAFrameThatEndsEarlyIsRefused(t *testing.T) {
	whole := says(120, named(lamp))
	for n := range len(whole) - 1 {
		if m, err := Parse(whole[:n]); err == nil || m != (Message{}) {
			t.Errorf("%d of %d bytes give %+v", n, len(whole), m)
		}
	}
}

func frame(b []byte) *packet.Packet {
	return &packet.Packet{EtherType: packet.EtherTypeLLDP, Payload: b}
}

func urls(s *Store) map[packet.MAC]string {
	all := map[packet.MAC]string{}
	s.All(func(mac packet.MAC, u string) { all[mac] = u })
	return all
}

func TestADevicesLatestURLStands(t *testing.T) {
	s, mac := NewStore(), packet.MAC{2, 0, 0, 0, 0, 1}
	s.Observe(frame(says(120, named(lamp))), mac, packet.MAC{})
	s.Observe(frame(says(120)), mac, packet.MAC{})
	s.Observe(frame(says(0, named("https://gone.example/"))), mac, packet.MAC{})
	s.Observe(frame(says(120, named("https://nobody.example/"))), packet.MAC{}, packet.MAC{})
	s.Observe(&packet.Packet{EtherType: packet.EtherTypeIPv4, Payload: says(120, named("https://ip.example/"))}, mac, packet.MAC{})
	if got := urls(s); len(got) != 1 || got[mac] != lamp {
		t.Errorf("it knows %v", got)
	}
}

// TestAFloodOfDevicesEndsAtTheLimit, and those that were there stay.
func TestAFloodOfDevicesEndsAtTheLimit(t *testing.T) {
	s := NewStore()
	for i := range 2 * Limit {
		s.Observe(frame(says(120, named(lamp))), packet.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)}, packet.MAC{})
	}
	if st := s.Stores()[0]; st.Used != Limit || st.Evicted != Limit || urls(s)[packet.MAC{2}] != lamp {
		t.Errorf("the store is %+v", st)
	}
}

func TestARealFrameIsRead(t *testing.T) {
	s := NewStore()
	err := pcapfile.Walk(expect.ThirdParty(t, "pcap", "mud-emission"), func(_ string, p *packet.Packet) bool {
		s.Observe(p, p.SrcMAC, packet.MAC{})
		return true
	})
	const want = "https://imright.mud.example.com/.well-known/mud/v1/vomitv2.0"
	if got := urls(s)[packet.MAC{0, 0x23, 0x54, 0xc2, 0x57, 2}]; err != nil || got != want {
		t.Errorf("it names %q, %v", got, err)
	}
}

// FuzzObserve: whatever comes, a URL is short and of visible letters.
func FuzzObserve(f *testing.F) {
	f.Add(says(120, named(lamp)))
	f.Add(says(120, named(lamp+" x"), tlv(typeOwn), tlv(9, 1, 2, 3)))
	f.Add(says(0)[:7])
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewStore()
		s.Observe(frame(b), packet.MAC{2}, packet.MAC{})
		s.All(func(_ packet.MAC, u string) {
			if len(u) > 507 || u == "" || strings.ContainsFunc(u, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("URL %q", u)
			}
		})
	})
}
