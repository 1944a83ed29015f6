package names

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
)

// FuzzParse reads hostile messages: whatever comes, names are fit to be shown and few.
func FuzzParse(f *testing.F) {
	f.Add(query(f, 1, "cam.example", "A"))
	f.Add(answer(f, 1, "www.example", "A", record{"www.example", "CNAME", "a.example"}, record{"a.example", "A", "198.51.100.1"}))
	f.Add(answer(f, 1, "www.example", "HTTPS", record{"www.example", "HTTPS", "198.51.100.1 2001:db8::1"}))
	f.Add(build(f, dnsmessage.Header{Response: true}, record{}, record{"cam.local", "AAAA", "fe80::1"}))
	for _, b := range captured(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func([]byte) (message, error){parse, parseMulticast} {
			m, err := read(b)
			if err != nil {
				continue
			}
			if len(m.hosts) > maxHosts {
				t.Errorf("%d hosts", len(m.hosts))
			}
			wantClean(t, m.question)
			for _, h := range m.hosts {
				wantClean(t, h.name)
				if h.name == "" || !h.addr.IsValid() || h.addr.Is4In6() {
					t.Errorf("host %+v", h)
				}
			}
		}
	})
}

// FuzzStream feeds a connection in pieces: what is held stays within its limit.
func FuzzStream(f *testing.F) {
	f.Add(framed(answer(f, 1, "cam.example", "A", camRecord)), byte(7))
	f.Add([]byte("\xff\xff\x00\x01"), byte(1))
	f.Fuzz(func(t *testing.T, b []byte, size byte) {
		s := NewStore()
		var sizes []int
		for range len(b) {
			sizes = append(sizes, 1+int(size))
		}
		for _, p := range segments(b, sizes...) {
			s.Observe(p, packet.MAC{}, cam)
			for _, st := range s.wire.streams.entries {
				if len(st.held) > 2*maxStreamed {
					t.Fatalf("%d bytes held", len(st.held))
				}
			}
		}
	})
}

func wantClean(t *testing.T, name string) {
	t.Helper()
	const clean = `abcdefghijklmnopqrstuvwxyz0123456789-_.\`
	if len(name) > maxName || strings.Trim(name, clean) != "" || strings.HasSuffix(name, ".") {
		t.Errorf("name %q is not clean", name)
	}
}

// captured are the DNS messages of the captures that SPINNERET_TESTDATA names, if it does.
func captured(tb testing.TB) (messages [][]byte) {
	dir := os.Getenv("SPINNERET_TESTDATA")
	if dir == "" {
		return nil
	}
	taken := map[string]int{}
	err := pcapfile.Walk(filepath.Join(dir, "pcap"), func(path string, p *packet.Packet) bool {
		if p.Proto == packet.ProtoUDP && (p.SrcPort == portDNS || p.SrcPort == portMDNS) {
			messages = append(messages, append([]byte{}, p.Payload...))
			taken[path]++
		}
		return taken[path] < 20
	})
	if err != nil {
		tb.Fatal(err)
	}
	return messages
}
