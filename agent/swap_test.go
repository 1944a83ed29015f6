package agent

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is work that writes down when it begins and ends; it takes a second to end.
func recorder(diary *[]string, name string) work {
	return func(ctx context.Context) error {
		*diary = append(*diary, name+" begins")
		<-ctx.Done()
		time.Sleep(time.Second)
		*diary = append(*diary, name+" has ended")
		return nil
	}
}

func TestTheNextWorkBeginsWhenTheLastHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var diary []string
		s := newSwap(recorder(&diary, "first"))
		ctx, cancel := context.WithCancel(t.Context())
		doneC := make(chan error)
		go func() { doneC <- s.Run(ctx) }()
		synctest.Wait()
		if err := s.give(ctx, recorder(&diary, "second")); err != nil {
			t.Fatal(err)
		}
		if err := s.give(ctx, recorder(&diary, "third")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
		want := []string{"first begins", "first has ended", "second begins", "second has ended", "third begins", "third has ended"}
		if !slices.Equal(diary, want) {
			t.Errorf("the diary says %q", diary)
		}
	})
}

func TestWorkThatFailsEndsTheTask(t *testing.T) {
	broken := errors.New("broken")
	fails := func(context.Context) error { return broken }
	if err := newSwap(fails).Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := newSwap(func(ctx context.Context) error { <-ctx.Done(); return broken })
		doneC := make(chan error)
		go func() { doneC <- s.Run(t.Context()) }()
		synctest.Wait()
		if err := s.give(t.Context(), fails); err != nil {
			t.Fatal(err)
		}
		if err := <-doneC; !errors.Is(err, broken) {
			t.Errorf("what could not end well is answered with %v", err)
		}
	})
}
