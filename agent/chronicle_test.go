package agent

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
)

// scribe is a chronicle whose words are kept.
type scribe struct {
	*chronicle
	said []string
}

func newScribe(file string) *scribe {
	s := &scribe{}
	s.chronicle = &chronicle{
		file: state.NewFile(file), archive: newArchive(0), log: slog.New(slog.DiscardHandler),
		tell: func(_ context.Context, e events.Event) { s.said = append(s.said, e.Text.String()) },
	}
	return s
}

// happens adds a flow of a device.
func (s *scribe) happens(t *testing.T, device packet.MAC) {
	t.Helper()
	store, err := s.archive.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store.Add(&history.Flow{Flow: capture.Flow{Device: device, First: epoch, Last: epoch, TxPackets: 1}, Sure: true})
	s.archive.changed.Store(true)
	s.archive.put(store)
}

// knows returns the devices of the flows, the latest first.
func (s *scribe) knows(t *testing.T) (devices []packet.MAC) {
	t.Helper()
	store, err := s.archive.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.archive.put(store)
	flows, _ := store.Find(history.Query{})
	for _, f := range flows {
		devices = append(devices, f.Device)
	}
	return devices
}

// TestADiskThatComesLateIsReadBeforeItIsWritten: what an earlier run wrote there is not lost.
func TestADiskThatComesLateIsReadBeforeItIsWritten(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	away := disk + " in a drawer"
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	earlier := newScribe(filepath.Join(disk, "history"))
	earlier.happens(t, macOf(0))
	if err := earlier.save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(disk, away); err != nil {
		t.Fatal(err)
	}
	s := newScribe(filepath.Join(disk, "history"))
	s.say(t.Context(), s.catchUp(t.Context()))
	s.happens(t, macOf(1))
	for range 2 { // the second complaint is the same: it is not told
		s.say(t.Context(), s.save(t.Context()))
	}
	if err := os.Rename(away, disk); err != nil {
		t.Fatal(err)
	}
	s.say(t.Context(), s.save(t.Context()))
	if len(s.said) != 2 || !strings.HasSuffix(s.said[0], "is the disk there?") || s.said[1] != "the history is written down again" {
		t.Errorf("it said %q", s.said)
	}
	later := newScribe(filepath.Join(disk, "history"))
	for name, s := range map[string]*scribe{"the one that found it late": s, "the next": later} {
		if err := s.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := s.knows(t); len(got) != 2 || got[0] != macOf(1) || got[1] != macOf(0) {
			t.Errorf("%s knows %v", name, got)
		}
	}
}

// TestTooManyDamagedFilesAreNotAddedTo: the file stays, and the history is not written over it.
func TestTooManyDamagedFilesAreNotAddedTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	for _, name := range []string{"", ".damaged", ".damaged2", ".damaged3"} {
		if err := os.WriteFile(file+name, []byte("a diary"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newScribe(file)
	s.happens(t, macOf(0))
	if err := s.save(t.Context()); !errors.Is(err, state.ErrAside) || !errors.Is(err, history.ErrForeign) {
		t.Errorf("it says %v", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "a diary" {
		t.Errorf("the file is %q, %v", data, err)
	}
}

// TestTheLastIsWrittenWhenAllEnds, once the home has nothing more to hand in.
func TestTheLastIsWrittenWhenAllEnds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	s := newScribe(file)
	endedC := make(chan struct{})
	s.endedC = endedC
	ctx, cancel := context.WithCancel(t.Context())
	doneC := make(chan error, 1)
	go func() { doneC <- s.Run(ctx) }()
	cancel()
	s.happens(t, macOf(0))
	close(endedC)
	if err := <-doneC; err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	past, err := history.Load(bytes.NewReader(data), 0)
	if err != nil || past.Len() != 1 {
		t.Errorf("the file has %+v, %v", past, err)
	}
}

// TestADiskThatHangsDoesNotHoldUpTheEnd: the home never has done, as a disk that never answers.
func TestADiskThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history")
	synctest.Test(t, func(t *testing.T) {
		s, endedC := newScribe(file), make(chan struct{})
		s.endedC = endedC
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := s.Run(ctx); err != nil || time.Since(began) != lastWords {
			t.Errorf("it ends after %v, %v", time.Since(began), err)
		}
		close(endedC)
	})
}
