package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/account"
	"spinneret/capture/nflog"
	"spinneret/capture/packet"
)

// fakeLog is a log that reads nothing until it breaks.
type fakeLog struct {
	breakC chan error
	lost   uint64
}

func (l *fakeLog) Run(ctx context.Context, _ func(*packet.Packet)) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-l.breakC:
		return err
	}
}

func (l *fakeLog) Lost() uint64 { return l.lost }
func (l *fakeLog) Close() error { return nil }

// TestALogThatBreaksIsOpenedAgain: first another program has its group, then it is free.
func TestALogThatBreaksIsOpenedAgain(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.seesPackets()
		b.ableC.put(account.Report{Accounting: capture.Able, Events: capture.Able})
		time.Sleep(time.Second)
		first, second := &fakeLog{breakC: make(chan error), lost: 3}, &fakeLog{lost: 4}
		var tries int
		l := &packetLog{name: "nflog", source: first, run: capture.Run, open: func() (logSource, error) {
			if tries++; tries < 3 {
				return nil, nflog.ErrBusy
			}
			return second, nil
		}}
		ctx, cancel := context.WithCancel(b.Context())
		var watching sync.WaitGroup
		watching.Go(func() {
			if err := l.watch(ctx, b.table, b.logC.put); err != nil {
				t.Error(err)
			}
		})
		first.breakC <- errors.New("read nflog group 1711: no such device")
		time.Sleep(time.Second)
		if s := b.levelAt(0); s != "read nflog group 1711: no such device" {
			t.Errorf("level 0: %q", s)
		}
		time.Sleep(reopenEvery)
		if s := b.levelAt(0); s != nflog.ErrBusy.Error() {
			t.Errorf("level 0: %q, want who has it", s)
		}
		time.Sleep(3 * reopenEvery)
		if s := b.levelAt(2); s != "" {
			t.Errorf("level 2: %q", s)
		}
		want := []string{
			"now at capability level 2", "no new packets are seen: read nflog group 1711: no such device", "now at capability level 2",
		}
		if got := b.told("capability"); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		if n := l.Lost(); n != 7 {
			t.Errorf("%d lost, want those of both", n)
		}
		cancel()
		watching.Wait()
	})
}

// TestALossThatEndsAtOnceIsTold: what was switched off is switched on again within a millisecond.
func TestALossThatEndsAtOnceIsTold(t *testing.T) {
	inBubble(t, 1, &fakeKernel{}, func(b bubble) {
		b.seesPackets()
		able := account.Report{Accounting: capture.Able, Events: capture.Able}
		b.ableC.put(able)
		b.ableC.put(account.Report{Accounting: capture.Able, Events: capture.Ability{Why: "events are 0: set them to 1"}})
		b.ableC.put(able)
		time.Sleep(time.Second)
		want := []string{"now at capability level 2", "now at capability level 1: events are 0: set them to 1", "now at capability level 2"}
		if got := b.told("capability"); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

// seesPackets puts the home at level 0, as a live agent begins.
func (b bubble) seesPackets() {
	b.Helper()
	err := b.do(b.Context(), func() {
		b.abilities[capture.LevelPackets] = capture.Able
		b.levels.Set(b.abilities)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// levelAt is why a level does not work, empty where it does.
func (b bubble) levelAt(level int) string {
	b.Helper()
	s, err := b.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if s.Levels[level].Why == nil {
		return ""
	}
	return *s.Levels[level].Why
}
