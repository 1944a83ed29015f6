package conntrack

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
	"spinneret/openwrt/lab/expect"
)

// dumpOf returns all entries of a namespace.
func dumpOf(t testing.TB, r *Reader, n *lab.NS) (out []Entry) {
	t.Helper()
	inside(t, n, func() error { return r.Dump(t.Context(), func(e *Entry) { out = append(out, *e) }) })
	return out
}

// talk makes one conversation of every kind through the router.
func (h *home) talk(t testing.TB) {
	t.Helper()
	server := socketAt(t, h.internet, "198.51.100.7:53")
	server6 := socketAt(t, h.internet, "[2001:db8:100::7]:53")
	mapped := socketAt(t, h.device, "192.168.1.163:80")
	device := socketAt(t, h.device, "192.168.1.163:41234")
	device6 := socketAt(t, h.device, "[2001:db8:20::163]:41234")
	other := socketAt(t, h.device, "192.168.1.164:6000")
	stranger := socketAt(t, h.internet, "198.51.100.7:5555")

	send(t, device, "198.51.100.7:53", 2, 100)
	_, from := receive(t, server, 2, 28)
	send(t, server, from.String(), 1, 200)
	receive(t, device, 1, 28)

	send(t, device6, "[2001:db8:100::7]:53", 3, 100)
	receive(t, server6, 3, 48)

	send(t, stranger, "203.0.113.20:8080", 1, 50)
	_, from = receive(t, mapped, 1, 28)
	send(t, mapped, from.String(), 4, 60)
	receive(t, stranger, 4, 28)

	send(t, other, "203.0.113.20:8080", 5, 10)
	receive(t, mapped, 5, 28)

	run(t, h.device, "", "busybox", "ping", "-q", "-c", "1", "-W", "5", "198.51.100.7")
	run(t, h.device, "", "busybox", "ping", "-q", "-c", "1", "-W", "5", "2001:db8:100::7")
	run(t, h.router, "", "busybox", "ping", "-q", "-c", "1", "-W", "5", "198.51.100.7")
}

// facts is a connection in one line without what differs from run to run.
func facts(e *Entry) string {
	way := func(t Tuple) string {
		if t.Protocol == unix.IPPROTO_ICMP || t.Protocol == unix.IPPROTO_ICMPV6 {
			return fmt.Sprintf("%v > %v type %d", t.Src, t.Dst, t.ICMP.Type)
		}
		return fmt.Sprintf("%v > %v", netip.AddrPortFrom(t.Src, t.SrcPort), netip.AddrPortFrom(t.Dst, t.DstPort))
	}
	return fmt.Sprintf("%d %s, %s: %v and %v", e.Orig.Protocol, way(e.Orig), way(e.Reply), e.OrigCounters, e.ReplyCounters)
}

func TestConnectionsOfARealKernel(t *testing.T) {
	h := newHome(t)
	h.talk(t)
	var got []string
	for _, e := range dumpOf(t, new(Reader), h.router) {
		if e.Orig.Protocol == unix.IPPROTO_ICMPV6 && e.Orig.ICMP.Type != 128 {
			continue // neighbour and router discovery
		}
		got = append(got, facts(&e))
	}
	slices.Sort(got)
	want := []string{
		"1 192.168.1.163 > 198.51.100.7 type 8, 198.51.100.7 > 203.0.113.20 type 0: {1 84} and {1 84}",
		"1 203.0.113.20 > 198.51.100.7 type 8, 198.51.100.7 > 203.0.113.20 type 0: {1 84} and {1 84}",
		"17 192.168.1.163:41234 > 198.51.100.7:53, 198.51.100.7:53 > 203.0.113.20:41234: {2 256} and {1 228}",
		"17 192.168.1.164:6000 > 203.0.113.20:8080, 192.168.1.163:80 > 192.168.1.1:6000: {5 190} and {0 0}",
		"17 198.51.100.7:5555 > 203.0.113.20:8080, 192.168.1.163:80 > 198.51.100.7:5555: {1 78} and {4 352}",
		"17 [2001:db8:20::163]:41234 > [2001:db8:100::7]:53, [2001:db8:100::7]:53 > [2001:db8:20::163]:41234: {3 444} and {0 0}",
		"58 2001:db8:20::163 > 2001:db8:100::7 type 128, 2001:db8:100::7 > 2001:db8:20::163 type 129: {1 104} and {1 104}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// conntrackTool reads the counters as another program does.
func conntrackTool(t testing.TB, n *lab.NS) (packets, bytes uint64) {
	t.Helper()
	text := run(t, n, "", "conntrack", "-L", "-f", "ipv4") + run(t, n, "", "conntrack", "-L", "-f", "ipv6")
	for _, m := range regexp.MustCompile(`packets=(\d+) bytes=(\d+)`).FindAllStringSubmatch(text, -1) {
		packets += number(t, m[1])
		bytes += number(t, m[2])
	}
	return packets, bytes
}

func number(t testing.TB, text string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDumpsLeaveTheCountersToOthers(t *testing.T) {
	h := newHome(t)
	h.talk(t)
	beforePackets, beforeBytes := conntrackTool(t, h.router)
	var r Reader
	for range 3 {
		dumpOf(t, &r, h.router)
	}
	var packets, bytes uint64
	for _, e := range dumpOf(t, &r, h.router) {
		packets += e.OrigCounters.Packets + e.ReplyCounters.Packets
		bytes += e.OrigCounters.Bytes + e.ReplyCounters.Bytes
	}
	afterPackets, afterBytes := conntrackTool(t, h.router)
	if beforePackets == 0 || afterPackets < beforePackets || afterBytes < beforeBytes {
		t.Errorf("conntrack -L says %d packets of %d bytes before and %d of %d after", beforePackets, beforeBytes, afterPackets, afterBytes)
	}
	if packets < beforePackets || packets > afterPackets || bytes < beforeBytes || bytes > afterBytes {
		t.Errorf("we read %d packets of %d bytes, conntrack -L %d of %d", packets, bytes, afterPackets, afterBytes)
	}
}

// rawDump reads the messages of a dump as the kernel wrote them.
func rawDump(t testing.TB, n *lab.NS) (out []message) {
	t.Helper()
	inside(t, n, func() error {
		s, err := dial(0)
		if err != nil {
			return err
		}
		defer s.close()
		if _, err := s.file.Write(request(msgGet, unix.NLM_F_DUMP)); err != nil {
			return err
		}
		for {
			buf := make([]byte, dumpBuffer)
			size, err := s.file.Read(buf)
			if err != nil {
				return err
			}
			rest := messages(buf[:size])
			for m, ok, err := rest.next(); ok || err != nil; m, ok, err = rest.next() {
				if err != nil || m.kind == unix.NLMSG_DONE {
					return err
				}
				out = append(out, m)
			}
		}
	})
	return out
}

const recorded = "testdata/messages.hex"

// TestRecordedMessages reads what a kernel once wrote (Linux 6.18, recorded with UPDATE=1 in the test's own
// home), so that the parser is held to real bytes also where it is changed without a kernel at hand.
func TestRecordedMessages(t *testing.T) {
	if os.Getenv("UPDATE") != "" {
		recordMessages(t)
	}
	var lines []string
	for _, b := range recordedBodies(t) {
		var e Entry
		if err := e.parse(b); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%v / %v counted %v status %#x tcp %d timed %v",
			e.Orig, e.Reply, e.HasCounters, uint32(e.Status), e.TCPState, !e.Start.IsZero()), "  "+facts(&e))
	}
	expect.Golden(t, "messages.golden", strings.Join(lines, "\n")+"\n")
}

// recordMessages writes one message of each conversation of talk, and of a TCP connection, to testdata.
func recordMessages(t *testing.T) {
	h := newHome(t)
	set(t, h.router, "net/netfilter/nf_conntrack_timestamp", "1")
	h.talk(t)
	h.connect(t)
	var text bytes.Buffer
	for _, m := range rawDump(t, h.router) {
		fmt.Fprintln(&text, hex.EncodeToString(m.body))
	}
	if err := os.WriteFile(recorded, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// connect makes a TCP connection and leaves it open until the test ends.
func (h *home) connect(t testing.TB) {
	t.Helper()
	inside(t, h.internet, func() error {
		l, err := net.Listen("tcp", "198.51.100.7:443")
		if err == nil {
			t.Cleanup(func() { l.Close() })
		}
		return err
	})
	inside(t, h.device, func() error {
		from := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 163), Port: 41235}
		c, err := (&net.Dialer{LocalAddr: from, Timeout: 5 * time.Second}).Dial("tcp", "198.51.100.7:443")
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
		return err
	})
}

func recordedBodies(t testing.TB) (out [][]byte) {
	t.Helper()
	text, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		b, err := hex.DecodeString(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func FuzzParse(f *testing.F) {
	for _, b := range append(recordedBodies(f), everything(), nil) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Entry
		if e.parse(b) != nil {
			return
		}
		if !e.Orig.complete() || !e.Reply.complete() {
			t.Errorf("parsed, but has no ends: %+v", e)
		}
		var again Entry
		if err := again.parse(b); err != nil || again != e {
			t.Errorf("parsed twice: %+v and %+v (%v)", e, again, err)
		}
	})
}

func FuzzProcess(f *testing.F) {
	for _, b := range recordedBodies(f) {
		f.Add(slices.Concat(framed(msgNew, b), framed(msgDelete, b), framed(unix.NLMSG_DONE, make([]byte, 4))))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Reader
		_, _ = r.process(b, msgNew, new(Entry), func(e *Entry) {
			if !e.Orig.complete() || !e.Reply.complete() {
				t.Errorf("handed on without its ends: %+v", e)
			}
		})
	})
}
