package neigh

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// kernel is a kernel whose answer tests change at will.
type kernel struct {
	mu    sync.Mutex
	links int
	reads int
	err   error
}

func (k *kernel) read(context.Context) (Snapshot, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reads++
	return Snapshot{Links: make([]Link, k.links)}, k.err
}

func (k *kernel) set(links int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.links, k.err = links, err
}

// start runs follow on the kernel and returns how to notify it, what it handed over and how it ended.
func (k *kernel) start(ctx context.Context) (changed chan struct{}, seen *[]int, ended chan error) {
	changed, seen, ended = make(chan struct{}, 1), new([]int), make(chan error, 1)
	go func() {
		ended <- follow(ctx, changed, nil, k.read, func(s Snapshot) { *seen = append(*seen, len(s.Links)) })
	}()
	return changed, seen, ended
}

func TestAStormOfNoticesGivesFiveSnapshotsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var k kernel
		changed, seen, ended := k.start(ctx)
		for i := range 10_000 { // ten a millisecond, for a second
			k.set(i+1, nil)
			select {
			case changed <- struct{}{}:
			default:
			}
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(pace)
		synctest.Wait()
		if n := len(*seen); n < 5 || n > 7 {
			t.Errorf("%d snapshots in 1.2 s, want about 6", n)
		}
		if last := (*seen)[len(*seen)-1]; last != 10_000 {
			t.Errorf("the last snapshot has %d links, want the last state of 10000", last)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("cancelled: %v, want nil", err)
		}
	})
}

func TestANoticeThatChangesNothingIsNotHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var k kernel
		changed, seen, ended := k.start(ctx)
		changed <- struct{}{}
		time.Sleep(time.Second)
		synctest.Wait()
		if k.reads != 2 || len(*seen) != 1 {
			t.Errorf("%d reads and %d snapshots, want 2 and 1", k.reads, len(*seen))
		}
		cancel()
		<-ended
	})
}

func TestAReadThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var k kernel
		k.set(3, errors.New("busy"))
		_, seen, ended := k.start(ctx)
		time.Sleep(pace)
		k.set(3, nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(*seen) != 1 {
			t.Errorf("%d snapshots after the kernel came back, want 1", len(*seen))
		}
		cancel()
		<-ended
	})
}

func TestReadsThatKeepFailingEndTheWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k kernel
		broken := errors.New("broken")
		k.set(0, broken)
		_, _, ended := k.start(t.Context())
		if err := <-ended; !errors.Is(err, broken) {
			t.Errorf("ended with %v, want %v", err, broken)
		}
		if k.reads != maxFailures {
			t.Errorf("%d reads, want %d", k.reads, maxFailures)
		}
	})
}
