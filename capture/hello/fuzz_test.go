package hello

import (
	"strings"
	"testing"

	"spinneret/capture/packet"
)

// FuzzStream reads what a client may send over TCP: whatever it is, a name is fit to be shown, and pieces give
// the same one as the whole.
func FuzzStream(f *testing.F) {
	hello := recorded(f, nil)
	f.Add(hello, byte(7), uint64(1))
	f.Add(records(hello, 100), byte(200), uint64(2))
	f.Add(recorded(f, withECH(f)), byte(0), uint64(3))
	f.Add([]byte(get), byte(1), uint64(4))
	for _, p := range captured(f, packet.ProtoTCP) {
		f.Add(p.Payload, byte(99), uint64(5))
	}
	f.Fuzz(func(t *testing.T, b []byte, size byte, seed uint64) {
		whole := feed(NewReader(), syn(99), segment(100, b))
		wantClean(t, whole)
		parts := shuffled(seed, cut(100, b[:min(len(b), maxHeld)], 1+int(size)))
		r := NewReader()
		pieces := feed(r, append([]*packet.Packet{syn(99)}, parts...)...)
		want(t, pieces, whole...)
		wantWithin(t, r)
		r = NewReader()
		wantClean(t, feed(r, parts...))
		wantWithin(t, r)
	})
}

// FuzzDatagram reads what a client may send over UDP.
func FuzzDatagram(f *testing.F) {
	content := padded(crypto(0, recordedQUIC(f)))
	for _, v := range versions {
		f.Add(seal(f, sealed{version: v, id: sampleID, token: []byte("token"), content: content}))
	}
	for _, p := range captured(f, packet.ProtoUDP) {
		f.Add(p.Payload)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader()
		wantClean(t, feed(r, udp(b), udp(append(make([]byte, 0, minDatagram), b...))))
		wantWithin(t, r)
	})
}

// FuzzFrames seals what a client may write into a packet: mutation alone never gets past the seal.
func FuzzFrames(f *testing.F) {
	hello := recordedQUIC(f)
	f.Add(padded(crypto(0, hello)), false)
	f.Add(padded([]byte{frameACKECN, 5, 0, 1, 2, 0, 1, 7, 7, 7}, crypto(100, hello[100:]), crypto(0, hello[:100])), true)
	f.Fuzz(func(t *testing.T, content []byte, second bool) {
		v := versions[0]
		if second {
			v = versions[1]
		}
		content = content[:min(len(content), maxHeld-200)]
		r := NewReader()
		p := udp(seal(t, sealed{version: v, id: sampleID, content: padded(content)}))
		wantClean(t, feed(r, p))
		wantWithin(t, r)
	})
}

// FuzzHost wants a name that is clean to be clean for ever.
func FuzzHost(f *testing.F) {
	f.Add([]byte("Up.Cam.Example.net."))
	f.Add([]byte("198.51.100.7"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		host, ok := cleanHost(raw)
		if !ok {
			return
		}
		wantClean(t, []Name{{Host: host}})
		if again, ok := cleanHost([]byte(host)); !ok || again != host {
			t.Errorf("%q becomes %q", host, again)
		}
	})
}

func wantClean(t *testing.T, names []Name) {
	t.Helper()
	if len(names) > 1 {
		t.Errorf("%d names of one flow", len(names))
	}
	for _, n := range names {
		host := n.Host
		if host == "" || len(host) > maxHost || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" ||
			strings.HasPrefix(host, ".") || strings.HasSuffix(host, ".") || strings.Contains(host, "..") {
			t.Errorf("name %q", host)
		}
	}
}

// wantWithin wants one flow at most, of which no more is held than is allowed.
func wantWithin(t *testing.T, r *Reader) {
	t.Helper()
	stores := r.Stores()
	if stores[0].Used > 1 || stores[1].Used > 18<<10 || stores[1].Used < 0 || stores[0].Used == 0 && stores[1].Used != 0 {
		t.Errorf("held: %+v", stores)
	}
}
