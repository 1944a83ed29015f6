package packet

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeLinkLayer(t *testing.T) {
	dns := from4(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 30, Payload: []byte("hi")})
	runDecodeTests(t, []decodeTest{
		{name: "802.1Q", frame: ether(0x8100, raw("e007 0800"), ip4(17, udp("hi"))), want: dns},
		{name: "802.1ad around 802.1Q", frame: ether(0x88a8, raw("0007 8100 0002 0800"), ip4(17, udp("hi"))), want: dns},
		{name: "snap", frame: ether(0x0026, raw("aaaa03 000000 0800"), ip4(17, udp("hi"))), want: dns},
		{
			name:  "lldp counts as the whole frame",
			frame: ether(0x88cc, make([]byte, 50)),
			want:  link(Packet{EtherType: 0x88cc, Length: 64, Payload: make([]byte, 50)}),
		},
		{
			name:  "also where the capture cut it",
			frame: ether(0x88cc, make([]byte, 4)),
			sent:  200,
			want:  link(Packet{EtherType: 0x88cc, Length: 200, Payload: make([]byte, 4)}),
		},
		{
			name:  "spanning tree has no ethertype",
			frame: ether(0x0026, raw("424203 00000000"), make([]byte, 39)),
			want:  link(Packet{EtherType: EtherType8022, Length: 60}),
		},
		{
			name:  "snap of a vendor has no ethertype",
			frame: ether(0x0026, raw("aaaa03 00000c 2000"), make([]byte, 38)),
			want:  link(Packet{EtherType: EtherType8022, Length: 60}),
		},
		{
			name:  "802.3 without llc",
			frame: ether(0x0026, raw("ffff 0022"), make([]byte, 42)),
			want:  link(Packet{EtherType: EtherType8023, Length: 60}),
		},
		{
			name:  "more tags than anyone uses",
			frame: ether(0x8100, repeat(raw("0007 8100"), 4), make([]byte, 40)),
			want:  link(Packet{EtherType: 0x8100, Length: 70}),
			err:   ErrMalformed,
		},
		{
			name:  "a tag cut by the capture",
			frame: ether(0x8100, raw("0007")),
			sent:  60,
			want:  link(Packet{EtherType: 0x8100, Length: 60}),
			err:   ErrTruncated,
		},
		{
			name:  "llc without room for a header",
			frame: ether(0x0002, raw("4242")),
			want:  link(Packet{EtherType: EtherType8022, Length: 16}),
			err:   ErrMalformed,
		},
		{name: "a frame shorter than its header", frame: router[:], want: Packet{Length: 6}, err: ErrMalformed},
		{name: "a header cut by the capture", frame: router[:], sent: 60, want: Packet{Length: 60}, err: ErrTruncated},
	})
}

func TestDecodeARP(t *testing.T) {
	request := ether(0x0806, raw("0001 0800 06 04 0001 020000000001 c0a801a3 000000000000 c0a80101"))
	want := link(Packet{
		EtherType: EtherTypeARP, ARPOp: 1, Src: cam4, Dst: netip.MustParseAddr("192.168.1.1"), Length: 42,
	})
	unread := link(Packet{EtherType: EtherTypeARP, Length: 42})
	runDecodeTests(t, []decodeTest{
		{name: "request", frame: request, want: want},
		{name: "for token ring", frame: set(request, 15, 4), want: unread, err: ErrMalformed},
		{name: "for ipv6", frame: set(request, 16, 0x86), want: unread, err: ErrMalformed},
		{name: "with addresses of another length", frame: set(request, 19, 6), want: unread, err: ErrMalformed},
		{name: "cut by the capture", frame: request[:30], sent: 42, want: unread, err: ErrTruncated},
		{
			name: "without room for its addresses", frame: request[:30],
			want: link(Packet{EtherType: EtherTypeARP, Length: 30}), err: ErrMalformed,
		},
	})
}

func TestDecodeIPKeepsWhatItsCallerKnows(t *testing.T) {
	got := Packet{In: 3, Out: 4, SrcMAC: camera, ARPOp: 2, DstPort: 99}
	if err := got.DecodeIP(ip6(17, udp("hi"))); err != nil {
		t.Fatal(err)
	}
	want := from6(Packet{Proto: 17, SrcPort: 0xa112, DstPort: 53, Length: 50, Payload: []byte("hi")})
	want.In, want.Out, want.DstMAC = 3, 4, MAC{}
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("decoded packet (-want +got):\n%s", diff)
	}
}

func TestDecodeIPTakesTheBeginningOfAPacket(t *testing.T) {
	var got Packet
	if err := got.DecodeIP(ip4(17, udp("a long answer"))[:30]); err != nil {
		t.Fatal(err)
	}
	if got.Length != 41 || string(got.Payload) != "a " {
		t.Errorf("length %d payload %q, want 41 and %q", got.Length, got.Payload, "a ")
	}
}

func TestDecodeIPRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    []byte
		err  error
	}{
		{"nothing", nil, ErrTruncated},
		{"another version", raw("50 00 0000"), ErrMalformed},
		{"half a header", ip4(17)[:10], ErrTruncated},
	} {
		var p Packet
		if err := p.DecodeIP(tt.b); !errors.Is(err, tt.err) || p.IsIP() {
			t.Errorf("%s: error %v, IsIP %v; want %v and false", tt.name, err, p.IsIP(), tt.err)
		}
	}
}

func TestDecodeNetworkCountsWithoutALinkLayerHeader(t *testing.T) {
	for _, tt := range []struct {
		name      string
		etherType uint16
		b         []byte
		want      Packet
	}{
		{"ip of either version", 0, ip6(59), Packet{EtherType: 0x86dd, Src: cam6, Dst: server6, Proto: 59, Length: 40}},
		{"ip", 0x0800, ip4(2), Packet{EtherType: 0x0800, Src: cam4, Dst: server4, Proto: 2, Length: 20}},
		{"llc", EtherType8022, raw("424203"), Packet{EtherType: EtherType8022, Length: 3}},
		{"lldp", 0x88cc, raw("0000"), Packet{EtherType: 0x88cc, Length: 2, Payload: raw("0000")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Packet{SrcMAC: camera}
			if err := got.DecodeNetwork(tt.etherType, tt.b, len(tt.b)); err != nil {
				t.Fatal(err)
			}
			tt.want.SrcMAC = camera
			if diff := cmp.Diff(tt.want, got, compare); diff != "" {
				t.Errorf("decoded packet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsIP(t *testing.T) {
	for _, tt := range []struct {
		p    Packet
		want bool
	}{
		{Packet{EtherType: EtherTypeIPv4, Src: cam4}, true},
		{Packet{EtherType: EtherTypeIPv6, Src: cam6}, true},
		{Packet{EtherType: EtherTypeIPv4}, false}, // its header could not be read
		{Packet{EtherType: EtherTypeARP, Src: cam4}, false},
	} {
		if got := tt.p.IsIP(); got != tt.want {
			t.Errorf("IsIP of ethertype %#04x from %v = %v, want %v", tt.p.EtherType, tt.p.Src, got, tt.want)
		}
	}
}

func TestNetworkBeginsBehindTheLink(t *testing.T) {
	ip := ip4(17, udp("hi"))
	for _, tt := range []struct {
		name   string
		decode func(*Packet) error
		want   []byte
	}{
		{"ethernet", func(p *Packet) error { return p.DecodeEthernet(ether(0x0800, ip), 0) }, ip},
		{"a tag", func(p *Packet) error { return p.DecodeEthernet(ether(0x8100, raw("00050800"), ip), 0) }, ip},
		{"snap", func(p *Packet) error { return p.DecodeEthernet(ether(0x0026, raw("aaaa03 000000 0800"), ip), 0) }, ip},
		{"llc", func(p *Packet) error { return p.DecodeEthernet(ether(0x0003, raw("424203")), 0) }, raw("424203")},
		{"bare", func(p *Packet) error { return p.DecodeIP(ip) }, ip},
		{"no ip", func(p *Packet) error { return p.DecodeNetwork(0x88cc, raw("0000"), 2) }, raw("0000")},
		{"nothing", func(p *Packet) error { _ = p.DecodeEthernet(ip[:4], 4); return nil }, nil},
	} {
		p := Packet{Network: []byte("old")}
		if err := tt.decode(&p); err != nil || !bytes.Equal(p.Network, tt.want) {
			t.Errorf("%s: %x, %v; want %x", tt.name, p.Network, err, tt.want)
		}
	}
}
