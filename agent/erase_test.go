package agent

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"iter"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/registry"
	"spinneret/agent/state"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

// lives gives a device of a bubble something of everything that is kept: flows that go on and that ended, with a name, an
// event, and its name from the owner.
func (b bubble) lives(i int) {
	b.Helper()
	mac := macOf(i)
	err := b.do(b.Context(), func() {
		b.names.Learn(names.Name{Device: mac, Addr: shop, Name: "shop.example.net", Source: "dns", At: b.now()})
	})
	if err != nil {
		b.Fatal(err)
	}
	b.speaks(i, b.now().Add(-time.Hour))
	b.speaks(i, b.now())
	name := "device " + string(rune('a'+i))
	if _, err := b.EditDevice(b.Context(), mac.String(), ui.DeviceEdit{Name: &name}); err != nil {
		b.Fatal(err)
	}
	time.Sleep(3 * time.Second) // the old flow ends, and is handed in
}

// speaks lets a device send something at a time, from a port that goes with the time.
func (b bubble) speaks(i int, at time.Time) {
	b.table.Add(&packet.Packet{
		Time: at, Length: 100, SrcMAC: macOf(i), EtherType: packet.EtherTypeIPv4, In: 3,
		Src: netip.AddrFrom4([4]byte{192, 168, 1, byte(i + 10)}), Dst: shop, Proto: packet.ProtoUDP, SrcPort: uint16(at.Hour()), DstPort: 443,
	})
}

// everything is all that anybody can ask of the home, as text.
func (b bubble) everything() string {
	b.Helper()
	var text strings.Builder
	add := func(v any, err error) {
		if err != nil {
			b.Fatal(err)
		}
		text.WriteString(jsonText(b.T, v))
	}
	add(b.Devices(b.Context()))
	list, _, err := b.Events(b.Context(), 0, 1000)
	add(list, err)
	add(b.Requests(b.Context()))
	live, _, err := b.Flows(b.Context(), ui.FlowQuery{Limit: 1000})
	add(collected(b.T, live), err)
	past, _, err := b.History(b.Context(), ui.HistoryQuery{Limit: 1000})
	add(collected(b.T, past), err)
	add(b.names.Append(nil), nil)
	return text.String()
}

func TestAnErasedDeviceIsGoneFromEverything(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		b.lives(0)
		b.lives(1)
		b.tries.Add(&packet.Packet{Time: b.now(), SrcMAC: macOf(0), EtherType: packet.EtherTypeIPv4, Src: netip.MustParseAddr("192.168.1.10"), Dst: shop})
		before := b.everything()
		for _, trace := range []string{macOf(0).String(), "device a", "192.168.1.10"} {
			if !strings.Contains(before, trace) {
				b.Fatalf("there is no %s to erase in %s", trace, before)
			}
		}
		if err := b.Erase(b.Context(), macOf(0).String()); err != nil {
			b.Fatal(err)
		}
		time.Sleep(5 * time.Second) // the neighbour table has it still
		after := b.everything()
		for _, trace := range []string{macOf(0).String(), "device a"} {
			if strings.Contains(after, trace) {
				b.Errorf("%s is left in %s", trace, after)
			}
		}
		if left := b.tries.Flows(time.Time{}); len(left) > 0 {
			b.Errorf("what it tried in vain is left: %+v", left)
		}
		if told := strings.Join(b.told("audit"), "\n"); !strings.Contains(after, macOf(1).String()) || !strings.Contains(told, "erased a device") {
			b.Errorf("the other, or the word of it, is gone: %s, %s", after, told)
		}
		if err := b.Erase(b.Context(), macOf(0).String()); code(b.T, err) != "404 unknown-device" {
			b.Errorf("again: %v", err)
		}
		erased := b.now()
		b.speaks(0, erased)
		if d, err := b.Device(b.Context(), macOf(0).String()); err != nil || d.Name != macOf(0).String() || d.FirstSeen.Before(erased.Truncate(time.Second)) {
			b.Errorf("when it speaks again it is %+v, %v: want it new", d, err)
		}
	})
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func collected(t *testing.T, flows iter.Seq2[ui.Flow, error]) (list []ui.Flow) {
	t.Helper()
	for f, err := range flows {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}

// TestADeviceThatIsCutOffIsNotErased: nobody would know any more why it is cut off, nor one whom a provider waits for.
func TestADeviceThatIsCutOffIsNotErased(t *testing.T) {
	inBubble(t, 2, &fakeKernel{}, func(b bubble) {
		if _, err := b.cut(0, ui.QuarantineOrder{}); err != nil {
			b.Fatal(err)
		}
		if err := b.Erase(b.Context(), macOf(0).String()); code(b.T, err) != "409 in-use" || !strings.Contains(err.Error(), "let it back in first") {
			b.Errorf("cut off: %v", err)
		}
		err := b.do(b.Context(), func() {
			b.requests.List = append(b.requests.List,
				&decide.Request{ID: "r1", State: decide.Refused, Devices: []packet.MAC{macOf(0), macOf(1)}, Why: say.Plain("by its port")},
				&decide.Request{ID: "r2", State: decide.Asking, Devices: []packet.MAC{macOf(1)}})
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := b.Erase(b.Context(), macOf(1).String()); code(b.T, err) != "409 in-use" || !strings.Contains(err.Error(), "request r2") {
			b.Errorf("asked about: %v", err)
		}
		if _, err := b.Release(b.Context(), macOf(0).String(), ""); err != nil {
			b.Fatal(err)
		}
		if err := b.Erase(b.Context(), macOf(0).String()); err != nil {
			b.Errorf("let back in: %v", err)
		}
		if r, err := b.Request(b.Context(), "r1"); err != nil || len(r.Devices) != 1 || r.Devices[0] != macOf(1).String() || r.Why != "the device was erased" {
			b.Errorf("the request that was about it says %+v, %v", r, err)
		}
	})
}

// TestNoFileHasAnErasedDevice, nor the copy of any that is kept from before.
func TestNoFileHasAnErasedDevice(t *testing.T) {
	path := t.TempDir()
	dir, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	has := func(trace string) (files []string) {
		t.Helper()
		err := fs.WalkDir(os.DirFS(path), ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			data, err := os.ReadFile(filepath.Join(path, name))
			if bytes.Contains(data, []byte(trace)) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	r := registry.New(10)
	r.Restore([]registry.Saved{{MAC: macOf(0), First: epoch, Name: "to be erased"}, {MAC: macOf(1), First: epoch, Name: "to stay"}})
	k := newKeeper(dir, nil, slog.New(slog.DiscardHandler))
	k.save(deviceFile, r.Save(), 0)
	k.save(deviceFile, r.Save(), 0)
	if files := has("to be erased"); len(files) != 2 {
		t.Fatalf("before it is in %v", files)
	}
	r.Forget(macOf(0))
	k.save(deviceFile, r.Save(), 1)
	if files := has("to be erased"); len(files) != 0 {
		t.Errorf("after it is in %v", files)
	}
	if files := has("to stay"); len(files) != 2 {
		t.Errorf("who stays is in %v only", files)
	}
	k.save(deviceFile, r.Save(), 1)
	if _, found := r.Get(macOf(1)); !found || r.Stores()[0].Used != 1 {
		t.Errorf("the registry has %+v", slices.Collect(r.All()))
	}
}

// TestAnErasureIsWrittenDownWithTheRules: the file of quarantines has more than those.
func TestAnErasureIsWrittenDownWithTheRules(t *testing.T) {
	h := newPastHome(t).home
	h.trial = &decide.Book{}
	if h.worthSaving(firewall.State{}) != nil {
		t.Error("where nothing was ever written, nothing is to be erased")
	}
	h.lastSaved = &savedQuarantines{}
	if h.worthSaving(firewall.State{}) != nil {
		t.Error("what is written down already is written again")
	}
	h.erasures++
	if s := h.worthSaving(firewall.State{}); s == nil || s.erasures != 1 {
		t.Errorf("after an erasure %+v is written", s)
	}
}

// TestADiskThatComesLateHasNoErasedDeviceEither: it was written before the device was erased.
func TestADiskThatComesLateHasNoErasedDeviceEither(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	earlier := newScribe(file)
	earlier.happens(t, macOf(0))
	earlier.happens(t, macOf(1))
	if err := earlier.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := newScribe(file)
	s.archive.erased(macOf(0))
	if err := s.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	mac := macOf(0)
	if data, err := os.ReadFile(file); err != nil || bytes.Contains(data, mac[:]) {
		t.Errorf("the file has it still, %v", err)
	}
	if got := s.knows(t); len(got) != 1 || got[0] != macOf(1) {
		t.Errorf("it knows %v", got)
	}
}
