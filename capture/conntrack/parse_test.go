package conntrack

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestParseReadsEveryAttribute(t *testing.T) {
	var got Entry
	if err := got.parse(everything()); err != nil {
		t.Fatal(err)
	}
	device, server := netip.MustParseAddr("192.168.1.163"), netip.MustParseAddr("198.51.100.7")
	want := Entry{
		Orig:         Tuple{Src: device, Dst: server, Protocol: 6, SrcPort: 41234, DstPort: 443},
		Reply:        Tuple{Src: server, Dst: netip.MustParseAddr("203.0.113.20"), Protocol: 6, SrcPort: 443, DstPort: 40321},
		OrigCounters: Counters{700, 910000}, ReplyCounters: Counters{61, 5200},
		HasCounters: true, hasOrig: true, hasReply: true,
		ID: 0xcafe, Zone: 9, Mark: 0xbeef, TCPState: TCPEstablished,
		Status: SeenReply | Assured | Confirmed | SourceNAT | 1<<7 | 1<<8,
		Start:  time.Unix(1_700_000_000, 0).UTC(),
	}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestParseForgetsTheEntryBefore(t *testing.T) {
	var e Entry
	if err := e.parse(everything()); err != nil {
		t.Fatal(err)
	}
	bare := body(tuple(ctaTupleOrig, 17, "192.168.1.2:1", "198.51.100.7:2"), tuple(ctaTupleReply, 17, "198.51.100.7:2", "192.168.1.2:1"))
	if err := e.parse(bare); err != nil {
		t.Fatal(err)
	}
	if e.HasCounters || e.ID != 0 || e.TCPState != TCPNone || e.OrigCounters != (Counters{}) {
		t.Errorf("kept something of the entry before: %+v", e)
	}
}

func TestParseReadsICMPAndZones(t *testing.T) {
	ping := func(typ uint16, src, dst string, proto, kind, code uint8, id uint16, first uint16) []byte {
		a, b := netip.MustParseAddr(src), netip.MustParseAddr(dst)
		ip := uint16(ctaIPv4Src)
		if a.Is6() {
			ip = ctaIPv6Src
		}
		return nest(typ,
			nest(ctaTupleIP, attr(ip, a.AsSlice()), attr(ip+1, b.AsSlice())),
			nest(ctaTupleProto, attr(ctaProtoNum, n8(proto)), attr(first, n16(id)), attr(first+1, n8(kind)), attr(first+2, n8(code))),
			attr(ctaTupleZone, n16(5)))
	}
	var e Entry
	for _, c := range []struct {
		src, dst    string
		proto, kind uint8
		first       uint16
	}{
		{"192.168.1.163", "198.51.100.7", 1, 8, ctaICMPID},
		{"2001:db8:20::163", "2001:db8:100::7", 58, 128, ctaICMPv6ID},
	} {
		b := body(ping(ctaTupleOrig, c.src, c.dst, c.proto, c.kind, 3, 77, c.first), ping(ctaTupleReply, c.dst, c.src, c.proto, c.kind+1, 4, 78, c.first))
		if err := e.parse(b); err != nil {
			t.Fatal(err)
		}
		if want := (ICMP{c.kind, 3, 77}); e.Orig.ICMP != want || e.Orig.Protocol != c.proto || e.Orig.Zone != 5 {
			t.Errorf("original is %+v, want ICMP %+v", e.Orig, want)
		}
		if want := (ICMP{c.kind + 1, 4, 78}); e.Reply.ICMP != want {
			t.Errorf("reply is %+v, want ICMP %+v", e.Reply, want)
		}
	}
}

func TestCountersOfOneDirectionAloneAreNone(t *testing.T) {
	var e Entry
	if err := e.parse(body(
		tuple(ctaTupleOrig, 17, "192.168.1.2:1", "198.51.100.7:2"), tuple(ctaTupleReply, 17, "198.51.100.7:2", "192.168.1.2:1"),
		counters(ctaCountersOrig, 1, 2),
	)); err != nil {
		t.Fatal(err)
	}
	if e.HasCounters {
		t.Error("says that it has counters")
	}
}

func TestParseRefusesNonsense(t *testing.T) {
	orig := tuple(ctaTupleOrig, 17, "192.168.1.2:1", "198.51.100.7:2")
	reply := tuple(ctaTupleReply, 17, "198.51.100.7:2", "192.168.1.2:1")
	mixed := nest(ctaTupleReply, nest(ctaTupleIP, attr(ctaIPv4Src, make([]byte, 4)), attr(ctaIPv6Dst, make([]byte, 16))))
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":              {nil, errTruncated},
		"half a header":        {[]byte{2, 0, 0}, errTruncated},
		"no tuples":            {body(), errIncomplete},
		"no reply":             {body(orig), errIncomplete},
		"two families":         {body(orig, mixed), errIncomplete},
		"short address":        {body(nest(ctaTupleOrig, nest(ctaTupleIP, attr(ctaIPv4Src, make([]byte, 3))))), errLength},
		"long address":         {body(nest(ctaTupleOrig, nest(ctaTupleIP, attr(ctaIPv4Dst, make([]byte, 16))))), errLength},
		"short port":           {body(nest(ctaTupleOrig, nest(ctaTupleProto, attr(ctaSrcPort, n8(1))))), errLength},
		"long protocol":        {body(nest(ctaTupleOrig, nest(ctaTupleProto, attr(ctaProtoNum, n16(1))))), errLength},
		"short counter":        {body(orig, reply, nest(ctaCountersOrig, attr(ctaCountersBytes, n32(1)))), errLength},
		"short time":           {body(orig, reply, nest(ctaTimestamp, attr(ctaTimestampStop, n32(1)))), errLength},
		"short status":         {body(orig, reply, attr(ctaStatus, n16(1))), errLength},
		"attribute too long":   {append(body(orig, reply), 0xff, 0xff, ctaID, 0), errTruncated},
		"attribute of nothing": {append(body(orig, reply), 0, 0, ctaID, 0), errTruncated},
		"half an attribute":    {append(body(orig, reply), 8), errTruncated},
		"nested too long":      {body(nest(ctaTupleOrig, []byte{200, 0, ctaTupleIP, 0})), errTruncated},
	} {
		if err := new(Entry).parse(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestEveryCutOfAnEntryIsRefusedOrIncomplete(t *testing.T) {
	whole := everything()
	var full, e Entry
	if err := full.parse(whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := e.parse(whole[:n]); err == nil && (e.Orig != full.Orig || e.Reply != full.Reply) {
			t.Errorf("the first %d bytes parse as another connection: %+v", n, e)
		}
	}
}

func TestProcessSkipsWhatMakesNoSense(t *testing.T) {
	good := framed(msgNew, everything())
	for name, c := range map[string]struct {
		b         []byte
		entries   int
		malformed uint64
		done      bool
		err       error
	}{
		"two":                 {slices.Concat(good, good), 2, 0, false, nil},
		"bad between":         {slices.Concat(good, framed(msgNew, body()), good), 2, 1, false, nil},
		"of another kind":     {slices.Concat(good, framed(msgDelete, everything()), framed(unix.NLMSG_NOOP, nil)), 1, 0, false, nil},
		"done":                {slices.Concat(good, framed(unix.NLMSG_DONE, make([]byte, 4)), good), 1, 0, true, nil},
		"done with an error":  {framed(unix.NLMSG_DONE, []byte{0xf4, 0xff, 0xff, 0xff}), 0, 0, true, unix.ENOMEM},
		"error":               {framed(unix.NLMSG_ERROR, []byte{0xff, 0xff, 0xff, 0xff}), 0, 0, true, unix.EPERM},
		"error cut off":       {framed(unix.NLMSG_ERROR, nil), 0, 0, true, errMessage},
		"header cut off":      {append(slices.Clone(good), 1, 2, 3), 1, 1, false, nil},
		"longer than read":    {slices.Concat(good, good[:len(good)-4]), 1, 1, false, nil},
		"shorter than itself": {slices.Concat(good, make([]byte, 16)), 1, 1, false, nil},
	} {
		var r Reader
		n := 0
		done, err := r.process(c.b, msgNew, new(Entry), func(*Entry) { n++ })
		if n != c.entries || r.Losses().Malformed != c.malformed || done != c.done || !errors.Is(err, c.err) {
			t.Errorf("%s: %d entries, %d malformed, done %v, error %v; want %+v", name, n, r.Losses().Malformed, done, err, c)
		}
	}
}

func TestParsingMakesNoGarbage(t *testing.T) {
	read := slices.Concat(framed(msgNew, everything()), framed(msgNew, everything()))
	r, e, d := new(Reader), new(Entry), NewDeltas(10)
	var tx uint64
	fn := func(e *Entry) {
		tx += e.OrigCounters.Bytes
		d.Seen(e)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = r.process(read, msgNew, e, fn) }); n != 0 {
		t.Errorf("%v allocations for two entries, want none", n)
	}
	if tx != 101*2*910000 {
		t.Errorf("device sent %d bytes in all: the entries were not seen", tx)
	}
}

func TestIntervalIsSixtyDumpsAndWithinASecondAndTwenty(t *testing.T) {
	for last, want := range map[time.Duration]time.Duration{
		0:                     time.Second,
		16 * time.Millisecond: time.Second,
		60 * time.Millisecond: 3600 * time.Millisecond,
		time.Second:           20 * time.Second,
		dumpLimit:             20 * time.Second,
	} {
		if got := Interval(last); got != want {
			t.Errorf("after a dump of %v: %v, want %v", last, got, want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	msg, e := everything(), new(Entry)
	b.ReportAllocs()
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		if err := e.parse(msg); err != nil {
			b.Fatal(err)
		}
	}
}
