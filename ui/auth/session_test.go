package auth

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestSessionsEnd(t *testing.T) {
	for _, c := range []struct {
		name     string
		every    time.Duration // between uses
		lasts    time.Duration // at least
		endsWith time.Duration // at most
	}{
		{"unused", 8 * 24 * time.Hour, 0, Idle + time.Hour},
		{"used", 6 * 24 * time.Hour, 29 * 24 * time.Hour, Absolute + time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHome(t)
				owner, start := h.owner(), time.Now()
				for age := c.every; age <= c.lasts; age += c.every {
					time.Sleep(time.Until(start.Add(age)))
					h.session(owner)
				}
				time.Sleep(time.Until(start.Add(max(c.endsWith, Idle+time.Hour))))
				h.refused(c.name, owner)
			})
		})
	}
}

func TestAWatchedSessionIsNotIdleButEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		owner := h.owner()
		ctx, release := h.session(owner).Watch(context.Background())
		defer release()
		time.Sleep(Idle + 2*24*time.Hour)
		h.sweep()
		h.session(owner)
		time.Sleep(Absolute - Idle - 2*24*time.Hour - time.Second)
		if ctx.Err() != nil {
			t.Fatal("it ended early")
		}
		time.Sleep(2 * time.Second)
		if !errors.Is(context.Cause(ctx), ErrEnded) {
			t.Errorf("after 30 days: %v", context.Cause(ctx))
		}
	})
}

func TestASessionIsBoundToItsDevice(t *testing.T) {
	h := newHome(t)
	owner := h.owner()
	moved := owner
	moved.Addr = netip.MustParseAddr("fd00:1::7")
	h.session(moved)

	lost := owner
	lost.MAC = ""
	h.refused("the device is not known for a moment", lost)
	h.session(owner)

	thief := owner
	thief.MAC = device("66").MAC
	h.refused("another device", thief)
	h.refused("its secret is out", owner)
	if last := h.told[len(h.told)-1]; !strings.Contains(last, thief.MAC) || !strings.Contains(last, "door.cookie") {
		t.Errorf("the owner is told %q", last)
	}
}

func TestANewSessionReplacesTheOldOne(t *testing.T) {
	h := newHome(t)
	old := h.owner()
	lost := old
	lost.MAC = ""
	h.logIn(lost, "owner", password)
	h.session(old) // who cannot use it does not end it
	h.session(h.logIn(old, "owner", password))
	h.refused("replaced", old)
}

func TestASessionOfNoDeviceIsBoundToItsAddress(t *testing.T) {
	h := newHome(t)
	h.owner()
	tunnel := Client{Addr: netip.MustParseAddr("::ffff:127.0.0.1")}
	session := h.logIn(tunnel, "owner", password)
	session.Addr = netip.MustParseAddr("127.0.0.1")
	h.session(session)
	other := session
	other.Addr = netip.MustParseAddr("10.9.0.2")
	h.refused("another address", other)

	session.MAC = device("03").MAC
	h.session(session)
	session.Addr = netip.MustParseAddr("192.168.1.9")
	h.session(session)
}

func TestLoggingOut(t *testing.T) {
	h := newHome(t)
	here := h.owner()
	there := h.logIn(device("02"), "owner", password)
	ctx, release := h.session(there).Watch(context.Background())
	defer release()
	if err := h.Logout(h.session(here), false); err != nil {
		t.Fatal(err)
	}
	h.refused("after log-out", here)
	h.session(there)
	h.restartKeeping(t, there, here)

	there = h.logIn(device("02"), "owner", password)
	watched, release2 := h.session(there).Watch(context.Background())
	defer release2()
	ticket := h.Ticket(Owner)
	if err := h.Logout(h.session(there), true); err != nil {
		t.Fatal(err)
	}
	<-watched.Done()
	want(t, "what was read", context.Cause(watched), ErrEnded)
	_, err := h.Redeem(device("03"), ticket)
	want(t, "a ticket from before", err, ErrTicket)
	if ctx.Err() != nil {
		t.Error("the keeper of before the restart ended too")
	}
	if _, ok := knownBrowser(h.browserKey, there.Browser, Owner); ok {
		t.Error("the browser is still known")
	}
}

// restartKeeping restarts, after which one session lives and one does not.
func (h *home) restartKeeping(t *testing.T, lives, dead Client) {
	t.Helper()
	if err := h.save(); err != nil {
		t.Fatal(err)
	}
	h.restart()
	h.session(lives)
	h.refused("after log-out and restart", dead)
}

func TestAViewerEndsOnlyViewers(t *testing.T) {
	h := newHome(t)
	owner := h.owner()
	viewer, fromLuCI := redeem(h, "02", Viewer), redeem(h, "04", Owner)
	if err := h.Logout(h.session(viewer), true); err != nil {
		t.Fatal(err)
	}
	h.refused("log-out everywhere", viewer)
	h.session(owner)
	h.session(fromLuCI)
	for range MaxSessions + 6 {
		viewer = redeem(h, "02", Viewer)
	}
	h.session(owner)
	h.session(viewer)
	if n := len(h.sessions); n > MaxSessions {
		t.Errorf("%d sessions are kept", n)
	}
	for range MaxSessions + 6 {
		redeem(h, "03", Owner)
	}
	h.session(viewer)
	h.refused("used least lately", owner)
	if n := len(h.sessions); n > MaxSessions {
		t.Errorf("%d sessions are kept", n)
	}
}

func redeem(h *home, mac string, role Role) Client {
	h.Helper()
	g, err := h.Redeem(device(mac), h.Ticket(role))
	if err != nil {
		h.Fatal(err)
	}
	return device(mac).with(g)
}
