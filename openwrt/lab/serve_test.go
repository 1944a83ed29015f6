package lab

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowSocket takes a second to close; whoever closes it again meanwhile is not kept waiting, as with a socket of Go's.
type slowSocket struct{ closing, closed atomic.Bool }

func (s *slowSocket) Close() error {
	if !s.closing.Swap(true) {
		time.Sleep(time.Second)
		s.closed.Store(true)
	}
	return nil
}

func TestWhatEndsWithAContextIsClosedBeforeItsServerReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &slowSocket{}
		closed := closeWith(ctx, s)
		cancel()
		synctest.Wait() // the context's end has begun to close it
		closed()
		if !s.closed.Load() {
			t.Error("the port is still taken")
		}
		closed() // again: nothing to wait for
	})
}
