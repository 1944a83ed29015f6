package anomaly

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"spinneret/capture/packet"
)

// learned is a detector that knows a camera, and that its telnet is fine.
func learned() *house {
	h := newHouse()
	h.learns()
	h.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	h.seconds(3)
	for _, f := range h.d.Findings() {
		h.d.Judge(f.ID, true)
	}
	return h
}

func TestStateSurvives(t *testing.T) {
	h := learned()
	saved := h.d.Append(nil)
	if len(saved) > 1500 {
		t.Errorf("one device takes %d bytes", len(saved))
	}
	again := newHouse()
	again.now, again.names = h.now, h.names
	if err := again.d.Restore(saved); err != nil {
		t.Fatal(err)
	}
	if k, ok := again.d.Knows(camMAC); !ok || !k.Single {
		t.Errorf("of the camera is known %q", k.Words())
	}
	if !bytes.Equal(again.d.Append(nil), saved) {
		t.Error("saved again it is another state")
	}
	again.opens(camMAC, netip.MustParseAddr("198.51.100.9"), 23, packet.ProtoTCP)
	again.seconds(3)
	if len(again.news) != 0 {
		t.Errorf("what was fine is told again: %q", again.found())
	}
	again.talks(camMAC, again.host("stranger.example"), 443, packet.ProtoTCP, 900, 900)
	again.seconds(3)
	if got := strings.Join(again.found(), "\n"); !strings.Contains(got, "note first-contact stranger.example") {
		t.Errorf("found %q", got)
	}
}

// TestAnOpenFindingSurvives a restart in its midst: it is the same, is told once, and ends when it should.
func TestAnOpenFindingSurvives(t *testing.T) {
	for name, act := range map[string]func(*house, int){"a scan": worm, "a flood from forged addresses": forgedFlood} {
		h := newHouse()
		for i := range 10 {
			act(h, i)
			h.second()
		}
		before := h.d.Findings()[0]
		again := newHouse()
		again.now = h.now.Add(40 * time.Second)
		if err := again.d.Restore(h.d.Append(nil)); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			act(again, i)
			again.second()
		}
		f := again.d.Findings()[0]
		if len(again.news) > 0 || len(again.d.Findings()) != 1 {
			t.Errorf("%s is told again: %q", name, again.found())
		}
		if f.ID != before.ID || f.State != Open || f.Start.Unix() != before.Start.Unix() || len(f.Flows) != len(before.Flows) || len(f.Sources) != len(before.Sources) {
			t.Errorf("%s was\n%+v, and is\n%+v", name, before, f)
		}
		if len(f.Flows)+len(f.Sources) < 8 {
			t.Errorf("%s is shown by %d flows and %d sources", name, len(f.Flows), len(f.Sources))
		}
		again.seconds(200)
		if f := again.d.Findings()[0]; f.State != Over || f.End.Before(h.now) {
			t.Errorf("%s, after its end, is %s since %v", name, f.State, f.End)
		}
	}
}

// TestAFindingEndsWhileNobodyLooks: what did not go on after a restart ended before it.
func TestAFindingEndsWhileNobodyLooks(t *testing.T) {
	h := newHouse()
	telnet(h, 0)
	h.seconds(3)
	again := newHouse()
	again.now = h.now.Add(time.Hour)
	if err := again.d.Restore(h.d.Append(nil)); err != nil {
		t.Fatal(err)
	}
	again.talks(camMAC, again.host("cameras.example"), 443, packet.ProtoTCP, 900, 900)
	again.seconds(3)
	if f := again.d.Findings()[0]; f.State != Over || f.End.After(h.now) || len(f.Flows) != 1 {
		t.Errorf("it is %s since %v, shown by %d flows", f.State, f.End, len(f.Flows))
	}
}

func TestADamagedStateChangesNothing(t *testing.T) {
	h := learned()
	saved := h.d.Append(nil)
	for name, b := range map[string][]byte{
		"empty": {}, "of another version": {1}, "cut off": saved[:len(saved)-1], "with something behind": append(bytes.Clone(saved), 0),
	} {
		if err := h.d.Restore(b); err == nil {
			t.Errorf("a state that is %s was taken", name)
		}
	}
	if _, ok := h.d.Knows(camMAC); !ok {
		t.Error("the camera is forgotten")
	}
}

// FuzzRestore takes any bytes: what is taken can be saved, and is then taken as the same.
func FuzzRestore(f *testing.F) {
	f.Add(New(Config{}).Append(nil))
	f.Add(learned().d.Append(nil))
	f.Add([]byte{stateVersion, 0, 1, 2, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := New(Config{Devices: 8})
		if d.Restore(b) != nil {
			return
		}
		saved := d.Append(nil)
		if err := d.Restore(saved); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(d.Append(nil), saved) {
			t.Error("it is not the same")
		}
	})
}
