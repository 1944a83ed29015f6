package names

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/packet"
)

func known(s *Store) []string {
	var out []string
	for _, n := range s.Append(nil) {
		out = append(out, fmt.Sprintf("%s %s %s %s", n.Device, n.Addr, n.Name, n.Source))
	}
	slices.Sort(out)
	return out
}

func wantKnown(t *testing.T, s *Store, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, known(s)); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

var camRecord = record{"cam.example", "A", "198.51.100.1"}

func TestAnAnswerOverUDP(t *testing.T) {
	const known = "02:00:00:00:00:01 198.51.100.1 cam.example dns"
	ask := func(id uint16, name, kind string) *packet.Packet {
		return asks(resolver, 4000, query(t, id, name, kind))
	}
	changed := func(change func(*packet.Packet)) *packet.Packet {
		p := says(resolver, 4000, answer(t, 7, "cam.example", "A", camRecord))
		change(p)
		return p
	}
	asked, good := ask(7, "cam.example", "A"), changed(func(*packet.Packet) {})
	other := asks(resolver, 4001, query(t, 1, "x.example", "A"))
	none := says(resolver, 4000, answer(t, 7, "cam.example", "A", record{"cam.example", "A", "0.0.0.0"}))
	for name, c := range map[string]struct {
		asked  []*packet.Packet
		answer *packet.Packet
		want   []string
	}{
		"to a question that was seen":                      {[]*packet.Packet{asked}, good, []string{known}},
		"whose question is spelled in another case":        {[]*packet.Packet{ask(7, "cAm.eXample", "A")}, good, []string{known}},
		"to one of two questions that a port asks at once": {[]*packet.Packet{asked, ask(8, "cam.example", "AAAA")}, good, []string{known}},
		"with another identifier":                          {[]*packet.Packet{ask(8, "cam.example", "A")}, good, nil},
		"to another question":                              {[]*packet.Packet{ask(7, "tv.example", "A")}, good, nil},
		"of another type":                                  {[]*packet.Packet{ask(7, "cam.example", "AAAA")}, good, nil},
		"to nobody's question":                             {nil, good, nil},
		"that says there is no address":                    {[]*packet.Packet{asked}, none, nil},
		"from a server that was not asked": {
			[]*packet.Packet{asked}, changed(func(p *packet.Packet) { p.Src = addr("203.0.113.9") }), nil,
		},
		"whose question the kernel's log skipped, from a server that the device asks": {[]*packet.Packet{other}, good, []string{known}},
		"the same, hours after the device last asked there": {
			[]*packet.Packet{other}, changed(func(p *packet.Packet) { p.Time = start.Add(2 * time.Hour) }), nil,
		},
		"of which only the first fragment is here": {[]*packet.Packet{asked}, changed(func(p *packet.Packet) { p.Fragment = true }), nil},
		"on another port":                          {[]*packet.Packet{asked}, changed(func(p *packet.Packet) { p.SrcPort = 54 }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewStore()
			for _, p := range c.asked {
				s.Observe(p, cam, packet.MAC{})
			}
			s.Observe(c.answer, packet.MAC{}, cam)
			wantKnown(t, s, c.want...)
		})
	}
	t.Run("whose receiver is not known", func(t *testing.T) {
		s := NewStore()
		s.Observe(asked, cam, packet.MAC{})
		s.Observe(good, packet.MAC{}, packet.MAC{})
		wantKnown(t, s, known)
	})
}

func TestWhatCouldNotBeUsedIsCounted(t *testing.T) {
	s := NewStore()
	s.Observe(says(resolver, 4000, []byte("garbage")), packet.MAC{}, cam)
	s.Observe(says(resolver, 4000, answer(t, 7, "cam.example", "A", camRecord)), packet.MAC{}, cam)
	l := s.Losses()
	if len(l) != 2 || l[0].Lost != 1 || l[1].Lost != 1 {
		t.Errorf("losses %+v", l)
	}
}

func TestQuestionsAreRememberedUpToALimit(t *testing.T) {
	s := NewStore()
	for i := range 3 * maxQuestions {
		p := asks(resolver, uint16(i), query(t, 1, "x.example", "A"))
		p.Src = nth(i)
		s.Observe(p, cam, packet.MAC{})
	}
	for _, st := range s.Stores() {
		if st.Used > st.Limit || st.Name == "DNS questions" && st.Evicted != 2*maxQuestions {
			t.Errorf("store %+v", st)
		}
	}
}

func TestAnnouncements(t *testing.T) {
	say := func(s *Store, from netip.Addr, records ...record) {
		p := says(from, portMDNS, build(t, dnsmessage.Header{Response: true}, record{}, records...))
		p.SrcPort, p.Dst = portMDNS, addr("224.0.0.251")
		s.Observe(p, cam, packet.MAC{})
	}
	s := NewStore()
	say(s, camAddr, record{"Cam.local", "A", "192.168.1.10"}, record{"cam.local", "AAAA", "fe80::10"})
	say(s, addr("2001:db8::10"), record{"cam.local", "AAAA", "2001:db8::10"})
	say(s, camAddr, record{"cam.local", "A", "198.51.100.1"}, record{"bank.example", "A", "192.168.1.10"})
	wantKnown(t, s,
		"02:00:00:00:00:01 192.168.1.10 cam.local mdns",
		"02:00:00:00:00:01 2001:db8::10 cam.local mdns",
		"02:00:00:00:00:01 fe80::10 cam.local mdns")
	if n, ok := s.Announced(cam); !ok || n.Name != "cam.local" {
		t.Errorf("announced: %+v, %v", n, ok)
	}
}

// segments cuts what a server sends over TCP.
func segments(b []byte, sizes ...int) []*packet.Packet {
	seq := uint32(0xfffffff0) // so that the numbers go round
	syn := says(resolver, 4000, nil)
	syn.Proto, syn.TCPFlags, syn.TCPSeq, syn.TCPAck = packet.ProtoTCP, tcpSYN|tcpACK, seq, 1
	out := []*packet.Packet{syn}
	seq++
	for len(b) > 0 {
		n := len(b)
		if len(sizes) > 0 {
			n, sizes = min(n, sizes[0]), sizes[1:]
		}
		p := says(resolver, 4000, b[:n])
		p.Proto, p.TCPSeq = packet.ProtoTCP, seq
		out = append(out, p)
		seq += uint32(n)
		b = b[n:]
	}
	return out
}

func framed(messages ...[]byte) (b []byte) {
	for _, m := range messages {
		b = binary.BigEndian.AppendUint16(b, uint16(len(m)))
		b = append(b, m...)
	}
	return b
}

func TestAnswersOverTCP(t *testing.T) {
	one := answer(t, 1, "cam.example", "A", camRecord)
	two := answer(t, 2, "tv.example", "A", record{"tv.example", "A", "198.51.100.2"})
	const first, second = "02:00:00:00:00:01 198.51.100.1 cam.example dns", "02:00:00:00:00:01 198.51.100.2 tv.example dns"
	both := framed(one, two)
	bytewise := slices.Repeat([]int{1}, len(both))
	cases := map[string]struct {
		packets []*packet.Packet
		want    []string
	}{
		"two in one segment":                      {segments(both), []string{first, second}},
		"cut anywhere":                            {segments(both, 1, 20, 30), []string{first, second}},
		"byte by byte":                            {segments(both, bytewise...), []string{first, second}},
		"without the start":                       {segments(framed(one))[1:], []string{first}},
		"a segment is missing":                    {slices.Delete(segments(framed(one), 10, 10), 1, 2), nil},
		"a segment comes twice":                   {slices.Insert(segments(both, 10, 20), 2, segments(both, 10, 20)[1:3]...), []string{first, second}},
		"something else with a length in front":   {segments(append([]byte{0, 4}, both...)), nil},
		"a message that cannot be read, then one": {segments(framed([]byte("not a message"), one)), []string{first}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := NewStore()
			for _, p := range c.packets {
				s.Observe(p, packet.MAC{}, cam)
			}
			wantKnown(t, s, c.want...)
		})
	}
}

// TestAnAnswerOverTCPIsAskedFor where the client was seen asking for its connection, and the server granting it: who only
// sends what a server would is none.
func TestAnAnswerOverTCPIsAskedFor(t *testing.T) {
	call := func(port uint16, ago time.Duration) *packet.Packet {
		p := asks(resolver, port, nil)
		p.Proto, p.TCPFlags, p.Time = packet.ProtoTCP, tcpSYN, start.Add(-ago)
		return p
	}
	s := segments(framed(answer(t, 1, "cam.example", "A", camRecord)))
	bare := *s[0]
	bare.TCPFlags = tcpSYN
	blind := *s[0]
	blind.TCPAck++
	for name, c := range map[string]struct {
		packets []*packet.Packet
		want    bool
	}{
		"from the beginning on":           {[]*packet.Packet{call(4000, 0), s[0], s[1]}, true},
		"granted twice":                   {[]*packet.Packet{call(4000, 0), s[0], s[0], s[1]}, true},
		"without the client":              {[]*packet.Packet{s[0], s[1]}, false},
		"without the grant":               {[]*packet.Packet{call(4000, 0), s[1]}, false},
		"without either":                  {[]*packet.Packet{s[1]}, false},
		"the server asks for it":          {[]*packet.Packet{call(4000, 0), &bare, s[1]}, false},
		"long after the client asked":     {[]*packet.Packet{call(4000, answerTime+time.Second), s[0], s[1]}, false},
		"granted by who did not hear it":  {[]*packet.Packet{call(4000, 0), &blind, s[1]}, false},
		"granted to another of its ports": {[]*packet.Packet{call(4001, 0), s[0], s[1]}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, asked := NewStore(), []bool{}
			s.Tell(func(a Answer) { asked = append(asked, a.Asked) })
			for _, p := range c.packets {
				s.Observe(p, packet.MAC{}, cam)
			}
			if !slices.Equal(asked, []bool{c.want}) {
				t.Errorf("asked for: %v, want %v", asked, c.want)
			}
		})
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := NewStore()
	half := framed(make([]byte, maxStreamed))[:maxStreamed/2]
	for i := range 10 * maxStreams {
		for _, p := range segments(half) {
			p.DstPort = uint16(i)
			s.Observe(p, packet.MAC{}, cam)
		}
	}
	if n := len(s.wire.streams.entries); n > maxStreams {
		t.Errorf("%d streams", n)
	}
	for _, p := range segments(framed(make([]byte, maxStreamed+1))) {
		s.Observe(p, packet.MAC{}, cam)
	}
	if _, ok := s.wire.streams.get(dialogue{netip.AddrPortFrom(camAddr, 4000), netip.AddrPortFrom(resolver, 53)}); ok {
		t.Error("a message of more than we take is being put together")
	}
}

func TestObserveAllocatesNothingForOtherPackets(t *testing.T) {
	s := NewStore()
	p := says(resolver, 4000, []byte("x"))
	p.SrcPort = 443
	if n := testing.AllocsPerRun(100, func() { s.Observe(p, packet.MAC{}, cam) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
