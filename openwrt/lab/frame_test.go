package lab

import (
	"bytes"
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// The kernel at the far side answers only what has right checksums.
func TestHandMadePacketsAreAnswered(t *testing.T) {
	h := quietHome(t, 1)
	d := h.Device("a")
	for _, family := range []struct{ self, server netip.Addr }{
		{d.IPv4(), netip.MustParseAddr("198.51.100.66")},
		{d.IPv6(), netip.MustParseAddr("2001:db8:166::66")},
	} {
		self := netip.AddrPortFrom(family.self, 5555)
		text := "odd text from " + self.String() // an odd length in one family, even in the other
		echoes, err := d.NS.CountFrames(t.Context(), nic, func(f []byte) bool {
			return bytes.Contains(f, []byte(text)) && ParseMAC(macRouter) == MAC(f[6:12])
		})
		if err != nil {
			t.Fatal(err)
		}
		defer echoes.Close()
		accepted, err := d.NS.CountFrames(t.Context(), nic, func(f []byte) bool {
			return bytes.Contains(f, []byte{80 >> 8, 80, 5555 >> 8, 5555 & 0xff}) && isSYNACK(f)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer accepted.Close()
		for _, packet := range [][]byte{
			UDP(self, netip.AddrPortFrom(family.server, portBeacon), []byte(text)),
			SYN(self, netip.AddrPortFrom(family.server, 80), 1),
		} {
			if err := d.SendFrame(IP(RouterMAC(), d.CurrentMAC(), packet)); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "answers came to "+self.String(), func() bool {
			return echoes.Count() == 1 && accepted.Count() >= 1
		})
	}
}

// isSYNACK looks at the TCP flags of a frame without IP options.
func isSYNACK(f []byte) bool {
	at := 14 + 20 + 13
	if f[12] == 0x86 {
		at += 20
	}
	return len(f) > at && f[at]&0x3f == 0x12
}

func TestEthernetFillsUpShortFrames(t *testing.T) {
	if n := len(Ethernet(Broadcast, RouterMAC(), 0x88b5, []byte{1})); n != 60 {
		t.Errorf("a frame of %d bytes, want 60", n)
	}
}

func TestRandomAddressesStayInTheirPrefix(t *testing.T) {
	for _, text := range []string{"192.168.1.0/24", "10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "2001:db8:20::/64", "2001:db8::/37"} {
		p, seen := netip.MustParsePrefix(text), map[netip.Addr]bool{}
		for range 200 {
			a := randomIn(p)
			if !p.Contains(a) {
				t.Fatalf("%v is not in %v", a, p)
			}
			seen[a] = true
		}
		if hostBits := p.Addr().BitLen() - p.Bits(); hostBits >= 8 && len(seen) < 50 {
			t.Errorf("only %d different addresses in %v", len(seen), p)
		}
	}
}

// Whatever is asked, the answer can be read and is to the question.
func FuzzNameServer(f *testing.F) {
	for _, name := range []string{"up.cam.example.net", "play.filmbox.example", "elsewhere", "example"} {
		for _, typ := range []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeHTTPS, dnsmessage.TypeTXT, 9999} {
			query, err := packQuery(7, typ, name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(query)
		}
	}
	f.Add([]byte{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1}) // a name that points at itself
	f.Fuzz(func(t *testing.T, query []byte) {
		var s names
		out := s.answer(query)
		if out == nil {
			return
		}
		var asked, got dnsmessage.Message
		if err := got.Unpack(out); err != nil {
			t.Fatalf("unreadable answer %x: %v", out, err)
		}
		if !got.Response || got.ID != uint16(query[0])<<8|uint16(query[1]) || len(got.Questions) != 1 {
			t.Errorf("answer %+v to %x", got.Header, query)
		}
		if asked.Unpack(query) == nil && asked.Questions[0] != got.Questions[0] {
			t.Errorf("answered %v, asked %v", got.Questions[0], asked.Questions[0])
		}
	})
}
