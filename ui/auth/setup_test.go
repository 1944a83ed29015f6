package auth

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

func TestTheFirstPasswordIsSetOnceFromTheLAN(t *testing.T) {
	h, ctx := newHome(t), context.Background()
	far := Client{Addr: netip.MustParseAddr("198.51.100.7")}
	if _, err := h.Setup(ctx, far, password); !errors.Is(err, ErrNotLAN) {
		t.Errorf("from outside: %v", err)
	}
	if _, err := h.Setup(ctx, device("01"), "short"); err == nil || !h.FirstRun() {
		t.Errorf("a short password: %v", err)
	}
	var wg sync.WaitGroup
	results := make(chan error, 4)
	for _, mac := range []string{"01", "02", "03", "04"} {
		wg.Go(func() {
			_, err := h.Setup(ctx, device(mac), password)
			results <- err
		})
	}
	wg.Wait()
	close(results)
	set := 0
	for err := range results {
		if err == nil {
			set++
		} else {
			want(t, "the second", err, ErrSetUp)
		}
	}
	if set != 1 || h.FirstRun() {
		t.Errorf("%d of four at once set the password", set)
	}
	h.restart()
	want(t, "after a restart", h.mayStart(true), ErrSetUp)
	h.logIn(device("05"), "owner", password)
}

func TestAPasswordThatCannotBeSavedIsNotSet(t *testing.T) {
	h := newHome(t)
	h.store.err = errors.New("no space left on device")
	if _, err := h.Setup(context.Background(), device("01"), password); err == nil {
		t.Error("it is set")
	}
	if !h.FirstRun() {
		t.Error("the first run is over without a password")
	}
}

func TestADamagedStoreLetsNobodyTakeTheHomeOver(t *testing.T) {
	h, ctx := newHome(t), context.Background()
	h.store.data = []byte(`{"version":1,"users":{"owner":"$argon2id$"}}`)
	broken := string(h.store.data)
	h.restart()
	if h.FirstRun() {
		t.Error("it offers a first run")
	}
	_, err := h.Setup(ctx, device("01"), password)
	want(t, "set up by a stranger", err, ErrDamaged)
	_, err = h.Login(ctx, device("01"), "owner", password)
	want(t, "log in", err, ErrDamaged)
	if g, err := h.Redeem(device("02"), h.Ticket(Owner)); err != nil {
		t.Errorf("from LuCI: %v", err)
	} else if err := h.Logout(h.session(device("02").with(g)), true); err != nil {
		t.Error(err)
	}
	if string(h.store.data) != broken {
		t.Error("what could not be read was written over")
	}
	if _, err := h.Setup(ctx, Client{Trusted: true}, password); err != nil {
		t.Fatalf("on the router: %v", err)
	}
	h.restart()
	h.logIn(device("01"), "owner", password)
}

func TestPasswords(t *testing.T) {
	for text, ok := range map[string]bool{
		"12345678": true, "pässwörter": true, password: true, strings.Repeat("ab", 64): true,
		"": false, "1234567": false, "pässwör": false, strings.Repeat("ä", 8): false, strings.Repeat("ab", 64) + "c": false,
		"abcdefg\xff": false,
	} {
		if err := CheckPassword(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	h, ctx := newHome(t), context.Background()
	here := h.owner()
	there := h.logIn(device("02"), "owner", password)
	l := h.session(here)
	want(t, "without the current one", h.SetPassword(ctx, here, l, Change{User: Owner, Password: "another one"}), ErrWrong)
	if err := h.SetPassword(ctx, here, l, Change{User: Owner, Password: "another one", Current: password}); err != nil {
		t.Fatal(err)
	}
	h.session(here)
	h.refused("elsewhere", there)
	_, err := h.Login(ctx, device("03"), "owner", password)
	want(t, "the old password", err, ErrWrong)
	h.logIn(device("03"), "owner", "another one")
	if err := h.SetPassword(ctx, Client{Trusted: true}, Local(), Change{User: Owner, Password: password}); err != nil {
		t.Errorf("a forgotten one, on the router: %v", err)
	}
	if err := h.SetPassword(ctx, here, Local(), Change{User: Owner}); err == nil {
		t.Error("the owner's password is taken away")
	}
}

func TestTheViewersPassword(t *testing.T) {
	h, ctx := newHome(t), context.Background()
	owner := h.owner()
	set := func(p string) {
		t.Helper()
		if err := h.SetPassword(ctx, owner, h.session(owner), Change{User: Viewer, Password: p, Current: password}); err != nil {
			t.Fatal(err)
		}
	}
	set("only looking")
	viewer := h.logIn(device("02"), "viewer", "only looking")
	l := h.session(viewer)
	if l.Role != Viewer || l.User != "viewer" || l.Owner() {
		t.Errorf("the viewer is %+v", l)
	}
	want(t, "set by the viewer", h.SetPassword(ctx, viewer, l, Change{User: Owner, Password: password}), ErrNotOwner)
	set("")
	h.refused("taken away", viewer)
	_, err := h.Login(ctx, device("02"), "viewer", "only looking")
	want(t, "after it was taken away", err, ErrWrong)
}
