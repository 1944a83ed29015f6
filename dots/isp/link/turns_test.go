package link

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func from(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}), 32)
}

// fill gives all turns to callers that never say who they are, one a millisecond; each ends when it is let go.
func fill(t *testing.T, all *turns) {
	t.Helper()
	for n := range maxHandshakes {
		turn, ok := all.take(t.Context(), from(n))
		if !ok {
			t.Fatalf("caller %d gets no turn", n)
		}
		go func() {
			<-turn.ctx.Done()
			all.done(turn)
		}()
		time.Sleep(time.Millisecond)
	}
}

// TestForgersHoldNoTurnForLong: sources of datagrams can be forged, and none of them ever answers the cookie.
func TestForgersHoldNoTurnForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newTurns(giveWayAfter)
		began := time.Now()
		fill(t, all)
		for i := range 10 {
			turn, ok := all.take(t.Context(), from(1000))
			if at := time.Since(began); !ok || at != giveWayAfter+time.Duration(i)*time.Millisecond {
				t.Fatalf("honest caller %d has a turn: %v, after %v", i, ok, at)
			}
			defer all.done(turn)
		}
	})
}

func TestWhereNobodyWaitsASlowHandshakeMayEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newTurns(giveWayAfter)
		turn, _ := all.take(t.Context(), from(1))
		time.Sleep(handshakeTime - time.Second)
		for n := range 20 {
			if _, ok := all.take(t.Context(), from(n)); !ok {
				t.Error("there is no room")
			}
		}
		if turn.ctx.Err() != nil {
			t.Error("it was let go early")
		}
		time.Sleep(time.Second)
		if synctest.Wait(); turn.ctx.Err() == nil {
			t.Error("it goes on for ever")
		}
		all.done(turn)
	})
}

func TestASourceWithHalfOfAllTurnsDoesNotKeepOthersWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, crowd := newTurns(giveWayAfter), from(1)
		var last *turn
		for n := range maxHandshakes {
			if n == maxOfSource {
				crowd = from(2)
			}
			last, _ = all.take(t.Context(), crowd)
		}
		began := time.Now()
		if _, ok := all.take(t.Context(), from(1)); ok || time.Since(began) != 0 {
			t.Errorf("it has one more: %v, after %v", ok, time.Since(began))
		}
		all.done(last)
		if _, ok := all.take(t.Context(), from(1)); !ok {
			t.Error("it has none though one is free")
		}
	})
}

func TestNoTurnIsWaitedForAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := newTurns(giveWayAfter)
		fill(t, all)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, ok := all.take(ctx, from(1000)); ok {
			t.Error("it got one")
		}
	})
}

func TestASourceIsAnAddressOrAnIPv6Network(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.1:40000": "192.0.2.1/32", "[::ffff:192.0.2.1]:40000": "192.0.2.1/32", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:1": "fe80::/64",
	} {
		a := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr))
		if got := sourceOf(a); got.String() != want {
			t.Errorf("%s: %v, want %s", addr, got, want)
		}
	}
}
