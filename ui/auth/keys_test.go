package auth

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestATicketLetsInOnceAndSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		for role, owns := range map[Role]bool{Owner: true, Viewer: false} {
			text := h.Ticket(role)
			g, err := h.Redeem(device("01"), text)
			if err != nil {
				t.Fatal(err)
			}
			if l := h.session(device("01").with(g)); l.Role != role || l.Owner() != owns || l.User != "luci" {
				t.Errorf("a ticket of the %s lets in %+v", role, l)
			}
			_, err = h.Redeem(device("01"), text)
			want(t, "twice", err, ErrTicket)
		}
		late := h.Ticket(Owner)
		time.Sleep(TicketLife)
		_, err := h.Redeem(device("01"), late)
		want(t, "after a minute", err, ErrTicket)
		_, err = h.Redeem(device("01"), "")
		want(t, "none", err, ErrTicket)

		first := h.Ticket(Owner)
		time.Sleep(time.Second)
		for range maxTickets {
			h.Ticket(Viewer)
		}
		_, err = h.Redeem(device("01"), first)
		want(t, "pushed out", err, ErrTicket)
		time.Sleep(TicketLife)
		h.sweep()
		if len(h.tickets) != 0 {
			t.Errorf("%d tickets are kept for nobody", len(h.tickets))
		}
	})
}

func TestTokensReadUntilRevoked(t *testing.T) {
	h := newHome(t)
	owner := h.owner()
	l := h.session(owner)
	made, text, err := h.AddToken(l, "Home Assistant")
	if err != nil {
		t.Fatal(err)
	}
	h.restart()
	got, ok := h.Bearer(text)
	if !ok || got.Role != Viewer || got.User != "Home Assistant" || !got.IsToken() {
		t.Errorf("after a restart the token is %+v, %v", got, ok)
	}
	if _, ok := h.Bearer(""); ok {
		t.Error("no token is a token")
	}
	watched, release := got.Watch(context.Background())
	defer release()
	if err := h.RevokeToken(l, made.ID); err != nil {
		t.Fatal(err)
	}
	<-watched.Done()
	if _, ok := h.Bearer(text); ok {
		t.Error("a revoked token is taken")
	}
	want(t, "revoke again", h.RevokeToken(l, made.ID), ErrUnknownToken)
	for range MaxTokens {
		if _, _, err := h.AddToken(l, "x"); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err = h.AddToken(l, "x")
	want(t, "one too many", err, ErrTokensFull)
}

func TestTheStoreOpensNothing(t *testing.T) {
	h := newHome(t)
	owner := h.owner()
	_, token, err := h.AddToken(h.session(owner), "x")
	if err != nil {
		t.Fatal(err)
	}
	kept := string(h.store.data)
	for name, text := range map[string]string{
		"password": password, "session": owner.Session, "token": token,
		"password in base64": base64.RawStdEncoding.EncodeToString([]byte(password)),
	} {
		if text == "" || strings.Contains(kept, text) {
			t.Errorf("the store has the %s: %s", name, kept)
		}
	}
	for _, event := range h.told {
		if strings.Contains(event, password) || strings.Contains(event, token) {
			t.Errorf("an event has a secret: %s", event)
		}
	}
}

func TestHeldOwnerRemembersForThirtyDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		owner, viewer := h.owner(), redeem(h, "02", Viewer)
		if !h.HeldOwner(owner.MAC) || h.HeldOwner(viewer.MAC) || h.HeldOwner("") {
			t.Error("while the session lasts")
		}
		if err := h.Logout(h.session(owner), false); err != nil {
			t.Fatal(err)
		}
		if err := h.save(); err != nil {
			t.Fatal(err)
		}
		h.restart()
		time.Sleep(29 * 24 * time.Hour)
		if !h.HeldOwner(owner.MAC) {
			t.Error("29 days after")
		}
		time.Sleep(24 * time.Hour)
		if h.HeldOwner(owner.MAC) {
			t.Error("30 days after")
		}
	})
}

// TestALogInOutlivesACrash, also one right after it.
func TestALogInOutlivesACrash(t *testing.T) {
	h := newHome(t)
	here := h.owner()
	there, fromLuCI := h.logIn(device("02"), "owner", password), redeem(h, "03", Viewer)
	h.restart()
	for _, c := range []Client{here, there, fromLuCI} {
		h.session(c)
	}
}

// TestFlashIsWrittenSeldom: of many log-ins some wait for the next round, what shuts somebody out does not.
func TestFlashIsWrittenSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		h.owner()
		ctx, cancel := context.WithCancel(context.Background())
		doneC := make(chan error, 1)
		go func() { doneC <- h.Keeper.Run(ctx) }()
		for range writePace.burst {
			redeem(h, "03", Viewer)
		}
		writes := h.store.count()
		var viewer Client
		for range 10 {
			viewer = redeem(h, "02", Viewer)
			if err := h.Logout(h.session(viewer), false); err != nil {
				t.Fatal(err)
			}
		}
		viewer = redeem(h, "02", Viewer)
		if h.store.count() != writes {
			t.Errorf("ten log-ins of a viewer wrote %d times", h.store.count()-writes)
		}
		time.Sleep(sweepEvery + time.Second)
		if h.store.count() != writes+1 {
			t.Errorf("a minute later: %d writes", h.store.count()-writes)
		}
		if err := h.Logout(h.session(viewer), false); err != nil {
			t.Fatal(err)
		}
		if h.store.count() != writes+2 {
			t.Error("a log-out waits")
		}
		redeem(h, "02", Viewer)
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
		if h.store.count() != writes+3 {
			t.Error("the end forgets what was not written yet")
		}
	})
}
