package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// guess tries n wrong passwords and counts those that were looked at.
func (h *home) guess(n int, from func(i int) Client) (seen int) {
	h.Helper()
	for i := range n {
		_, err := h.Login(context.Background(), from(i), "owner", "guess "+fmt.Sprint(i))
		var wait *TooMany
		switch {
		case errors.Is(err, ErrWrong):
			seen++
		case !errors.As(err, &wait) || wait.Wait <= 0:
			h.Fatalf("guess %d: %v", i, err)
		}
	}
	return seen
}

// TestGuessingNeverLocksTheOwnerOut: a hundred wrong passwords each, and then somebody logs in with the right one.
func TestGuessingNeverLocksTheOwnerOut(t *testing.T) {
	bad := func(int) Client { return device("66") }
	many := func(i int) Client { return Client{MAC: fmt.Sprintf("02:66:00:00:00:%02x", i)} }
	for _, c := range []struct {
		name  string
		from  func(i int) Client
		seen  int
		enter func(h *home, owner Client) Client
	}{
		{"one device; a new browser elsewhere", bad, clientPace.burst, func(*home, Client) Client { return device("07") }},
		{"one device; a known browser on it", bad, clientPace.burst, func(_ *home, owner Client) Client {
			return Client{MAC: bad(0).MAC, Browser: owner.Browser}
		}},
		{"the owner's device; the owner's session", func(int) Client { return device("01") }, clientPace.burst, func(_ *home, owner Client) Client {
			return Client{MAC: owner.MAC, Session: owner.Session}
		}},
		{"many devices; a known browser", many, totalPace.burst, func(_ *home, owner Client) Client {
			return Client{MAC: device("07").MAC, Browser: owner.Browser}
		}},
		{"many devices; the owner's session", many, totalPace.burst, func(_ *home, owner Client) Client {
			return Client{MAC: owner.MAC, Session: owner.Session}
		}},
		{"many devices; on the router", many, totalPace.burst, func(*home, Client) Client { return Client{Trusted: true} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHome(t)
				owner := h.owner()
				if seen := h.guess(100, c.from); seen != c.seen {
					t.Errorf("%d of 100 were looked at, want %d", seen, c.seen)
				}
				h.session(h.logIn(c.enter(h, owner), "owner", password))
				h.session(redeem(h, "08", Owner))
			})
		})
	}
}

// TestGuessingStaysSlow: a hundred devices together get one guess in fifteen seconds.
func TestGuessingStaysSlow(t *testing.T) {
	tries, now, seen := newTries(), time.Now(), 0
	for minute := range 24 * 60 {
		for i := range 100 {
			if tries.take(now.Add(time.Duration(minute)*time.Minute), fmt.Sprint(i), true) == nil {
				seen++
			}
		}
	}
	if limit := totalPace.burst + int(24*time.Hour/totalPace.every); seen > limit || seen < limit/2 {
		t.Errorf("%d guesses in a day, want at most %d", seen, limit)
	}
}

func TestAViewerIsNoFreeGuesser(t *testing.T) {
	h := newHome(t)
	h.owner()
	viewer := redeem(h, "02", Viewer)
	if seen := h.guess(20, func(int) Client { return viewer }); seen > 2*clientPace.burst {
		t.Errorf("a viewer's session guessed %d times", seen)
	}
	h.setViewer()
	again := func(int) Client {
		viewer = h.logIn(Client{MAC: device("03").MAC, Browser: viewer.Browser}, "viewer", viewersPassword)
		return viewer
	}
	if seen := h.guess(2*clientPace.burst, again); seen > clientPace.burst {
		t.Errorf("a viewer who logs in again and again guessed %d times", seen)
	}
}

// TestTheOwnersBrowserStaysTheOwners: who looks as a viewer on it is still no stranger as the owner.
func TestTheOwnersBrowserStaysTheOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHome(t)
		owner := h.owner()
		h.setViewer()
		looking := h.logIn(Client{MAC: owner.MAC, Browser: owner.Browser}, "viewer", viewersPassword)
		h.guess(totalPace.burst, func(i int) Client { return Client{MAC: fmt.Sprintf("02:66:00:00:00:%02x", i)} })
		h.logIn(Client{MAC: looking.MAC, Browser: looking.Browser}, "owner", password)
	})
}

func TestTheRightPasswordCostsNoTry(t *testing.T) {
	h := newHome(t)
	h.owner()
	for range 3 * clientPace.burst {
		h.logIn(device("02"), "owner", password)
	}
}

func TestTheCurrentPasswordIsGuessedNoFaster(t *testing.T) {
	h, ctx := newHome(t), context.Background()
	owner := h.owner()
	for range clientPace.burst {
		err := h.SetPassword(ctx, owner, h.session(owner), Change{User: Owner, Password: "another one", Current: "a guess"})
		want(t, "a guess", err, ErrWrong)
	}
	err := h.SetPassword(ctx, owner, h.session(owner), Change{User: Owner, Password: "another one", Current: password})
	var wait *TooMany
	if !errors.As(err, &wait) {
		t.Errorf("the sixth: %v", err)
	}
}

func TestWrongPasswordsDoNotFloodTheEvents(t *testing.T) {
	h := newHome(t)
	h.owner()
	before := len(h.told)
	h.guess(200, func(i int) Client { return Client{MAC: fmt.Sprintf("02:66:00:00:00:%02x", i)} })
	if told := len(h.told) - before; told == 0 || told > tellPace.burst {
		t.Errorf("the owner is told %d times of 200 guesses", told)
	}
}

func TestViewersDoNotFloodTheEvents(t *testing.T) {
	h := newHome(t)
	h.owner()
	before := len(h.told)
	for range 3 * viewerPace.burst {
		if err := h.Logout(h.session(redeem(h, "02", Viewer)), false); err != nil {
			t.Fatal(err)
		}
	}
	if told := len(h.told) - before; told != viewerPace.burst {
		t.Errorf("the owner is told %d times, want %d", told, viewerPace.burst)
	}
	redeem(h, "03", Owner)
	if last := h.told[len(h.told)-1]; !strings.Contains(last, "door.luci[owner]") {
		t.Errorf("what owners do is not told after it: %s", last)
	}
}

func TestMadeUpBrowsersAreStrangers(t *testing.T) {
	key := randomBytes()
	good := newBrowser(key, Owner)
	name, ok := knownBrowser(key, good, Owner)
	if !ok || name == "" {
		t.Fatal("ours is not known")
	}
	if _, ok := knownBrowser(key, good, Viewer); !ok {
		t.Error("the owner's is not known where a viewer logs in")
	}
	if again, _ := knownBrowser(key, newBrowser(key, Owner), Owner); again == name {
		t.Error("two browsers share their tries")
	}
	for _, cookie := range []string{"", good[1:], good + "A", good[:len(good)-1] + "=", newBrowser(randomBytes(), Owner), "\n" + good, newBrowser(key, Viewer)} {
		if _, ok := knownBrowser(key, cookie, Owner); ok {
			t.Errorf("%q is known", cookie)
		}
	}
}

func FuzzKnownBrowser(f *testing.F) {
	key := make([]byte, secretLen)
	f.Add(newBrowser(key, Owner))
	f.Add(newBrowser(key, Viewer))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cookie string) {
		data, _ := base64.RawURLEncoding.DecodeString(cookie)
		_, known := knownBrowser(key, cookie, Owner)
		signed := len(data) == nonceLen+sha256.Size && bytes.Equal(data[nonceLen:], signature(key, data[:nonceLen], Owner))
		if known && (!signed || base64.RawURLEncoding.EncodeToString(data) != cookie) {
			t.Errorf("%q is known", cookie)
		}
	})
}

func TestTheClientsCountedAreBounded(t *testing.T) {
	tries, now := newTries(), time.Now()
	for i := range 10 * maxClients {
		_ = tries.take(now, fmt.Sprint(i), true)
	}
	if n := len(tries.clients); n > maxClients {
		t.Errorf("%d are kept", n)
	}
	for range clientPace.burst {
		_ = tries.take(now, "worst", false)
	}
	for i := range 10 * maxClients {
		_ = tries.take(now, fmt.Sprint("new ", i), false)
	}
	if tries.take(now, "worst", false) == nil {
		t.Error("who has no tries left is forgotten before those who have")
	}
}

// TestOneHashAtATime: strangers wait in a short line, and one of them at most stands before who is known.
func TestOneHashAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, ctx := newHashing(), context.Background()
		var running, done, refused atomic.Int32
		slow := func() {
			if running.Add(1) > 1 {
				t.Error("two hashes at once")
			}
			time.Sleep(time.Second)
			running.Add(-1)
			done.Add(1)
		}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if h.do(ctx, true, slow) != nil {
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		if err := h.do(ctx, false, slow); err != nil {
			t.Error(err)
		}
		if waited := time.Since(start); waited > 3*time.Second {
			t.Errorf("who is known waited %v", waited)
		}
		hurried, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		wg.Wait()
		if n := done.Load(); n != maxWaiting+1 {
			t.Errorf("%d hashes, %d refused", n, refused.Load())
		}
		h.slotC <- struct{}{}
		if err := h.do(hurried, false, slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who gives up waiting: %v", err)
		}
	})
}
