package names

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/packet"
)

var (
	cam = packet.MAC{2, 0, 0, 0, 0, 1}
	tv  = packet.MAC{2, 0, 0, 0, 0, 2}

	camAddr  = addr("192.168.1.10")
	resolver = addr("192.168.1.1")
	start    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// record is a resource record: name, type and value as text.
type record struct{ name, kind, value string }

var types = map[string]dnsmessage.Type{
	"A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "CNAME": dnsmessage.TypeCNAME, "HTTPS": dnsmessage.TypeHTTPS,
	"TXT": dnsmessage.TypeTXT, "PTR": dnsmessage.TypePTR, "SRV": dnsmessage.TypeSRV,
}

func dnsName(s string) dnsmessage.Name { return dnsmessage.MustNewName(s + ".") }

func query(tb testing.TB, id uint16, name, kind string) []byte {
	return build(tb, dnsmessage.Header{ID: id}, record{name, kind, ""})
}

func answer(tb testing.TB, id uint16, name, kind string, records ...record) []byte {
	return build(tb, dnsmessage.Header{ID: id, Response: true}, record{name, kind, ""}, records...)
}

// build packs a message; a question without a name is left out.
func build(tb testing.TB, h dnsmessage.Header, question record, records ...record) []byte {
	tb.Helper()
	m := dnsmessage.Message{Header: h}
	if question.name != "" {
		m.Questions = []dnsmessage.Question{{
			Name: dnsName(question.name), Type: types[question.kind], Class: dnsmessage.ClassINET,
		}}
	}
	for _, r := range records {
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: dnsName(r.name), Class: dnsmessage.ClassINET, TTL: 60},
			Body:   body(r),
		})
	}
	b, err := m.Pack()
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func body(r record) dnsmessage.ResourceBody {
	switch r.kind {
	case "A":
		return &dnsmessage.AResource{A: addr(r.value).As4()}
	case "AAAA":
		return &dnsmessage.AAAAResource{AAAA: addr(r.value).As16()}
	case "CNAME":
		return &dnsmessage.CNAMEResource{CNAME: dnsName(r.value)}
	case "PTR":
		return &dnsmessage.PTRResource{PTR: dnsName(r.value)}
	case "TXT":
		return &dnsmessage.TXTResource{TXT: []string{r.value}}
	}
	return service(r.value)
}

// service reads "alias NAME" or a list of hints.
func service(value string) *dnsmessage.HTTPSResource {
	s := &dnsmessage.HTTPSResource{}
	if target, ok := strings.CutPrefix(value, "alias "); ok {
		s.Target = dnsName(target)
		return s
	}
	s.Priority, s.Target = 1, dnsmessage.MustNewName(".")
	var v4, v6 []byte
	for _, f := range strings.Fields(value) {
		if a := addr(f); a.Is4() {
			v4 = append(v4, a.AsSlice()...)
		} else {
			v6 = append(v6, a.AsSlice()...)
		}
	}
	if v4 != nil {
		s.SetParam(dnsmessage.SVCParamIPv4Hint, v4)
	}
	if v6 != nil {
		s.SetParam(dnsmessage.SVCParamIPv6Hint, v6)
	}
	return s
}

// asks and says are packets between the camera and a server.
func asks(server netip.Addr, port uint16, payload []byte) *packet.Packet {
	return &packet.Packet{
		Time: start, Proto: packet.ProtoUDP, Src: camAddr, Dst: server, SrcPort: port, DstPort: 53, Payload: payload,
	}
}

func says(server netip.Addr, port uint16, payload []byte) *packet.Packet {
	return &packet.Packet{
		Time: start, Proto: packet.ProtoUDP, Src: server, Dst: camAddr, SrcPort: 53, DstPort: port, Payload: payload,
	}
}
