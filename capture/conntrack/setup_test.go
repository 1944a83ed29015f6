package conntrack

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"spinneret/openwrt/lab"
)

// bare is a namespace in which nobody set anything up.
func bare(t *testing.T) *lab.NS {
	n := newNS(t, "bare")
	set(t, n, "net/netfilter/nf_conntrack_acct", "0")
	set(t, n, "net/netfilter/nf_conntrack_events", "2")
	return n
}

func probe(t *testing.T, n *lab.NS) (a Abilities) {
	t.Helper()
	inside(t, n, func() error { a = Probe(t.Context()); return nil })
	return a
}

func TestSetupChangesWhatIsNeeded(t *testing.T) {
	h := &home{router: bare(t)}
	if a := probe(t, h.router); a.Accounting.OK || a.Events.OK {
		t.Fatalf("before: %+v", a)
	}
	want := []string{"net.netfilter.nf_conntrack_acct=1", "net.netfilter.nf_conntrack_events=1"}
	if got := h.setup(t); !slices.Equal(got, want) {
		t.Errorf("changed %v, want %v", got, want)
	}
	if got := h.setup(t); len(got) != 0 {
		t.Errorf("the second time it changed %v", got)
	}
	if a := probe(t, h.router); !a.Accounting.OK || !a.Events.OK {
		t.Errorf("after: %+v", a)
	}
}

func TestProbeFollowsTheSettings(t *testing.T) {
	h := &home{router: bare(t)}
	h.setup(t)
	for _, c := range []struct {
		path, value string
		accounting  string
		events      string
	}{
		{"nf_conntrack_acct", "0", "net.netfilter.nf_conntrack_acct is 0: set it to 1", ""},
		{"nf_conntrack_acct", "1", "", ""},
		{"nf_conntrack_events", "0", "", "net.netfilter.nf_conntrack_events is 0: set it to 1"},
		{"nf_conntrack_events", "2", "", "net.netfilter.nf_conntrack_events is 2: set it to 1"},
		{"nf_conntrack_events", "1", "", ""},
	} {
		set(t, h.router, "net/netfilter/"+c.path, c.value)
		a := probe(t, h.router)
		if a.Accounting != (Ability{c.accounting == "", c.accounting}) || a.Events != (Ability{c.events == "", c.events}) {
			t.Errorf("%s=%s: got %+v", c.path, c.value, a)
		}
	}
}

// withoutRights runs fn on a thread without capabilities, which ends afterwards.
func withoutRights(t *testing.T, n *lab.NS, fn func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		done <- n.Do(func() error {
			runtime.LockOSThread() // never unlocked: the thread cannot get its rights back
			header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
			var none [2]unix.CapUserData
			if err := unix.Capset(&header, &none[0]); err != nil {
				return err
			}
			fn()
			return nil
		})
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestWithoutRightsTheReasonSaysWhatToDo(t *testing.T) {
	n := bare(t)
	withoutRights(t, n, func() {
		const advice = "run as root or with CAP_NET_ADMIN"
		a := Probe(t.Context())
		for _, ability := range []Ability{a.Accounting, a.Events} {
			if ability.OK || !strings.HasSuffix(ability.Why, advice) || strings.Contains(ability.Why, "\n") {
				t.Errorf("got %+v, want one line that ends with %q", ability, advice)
			}
		}
		var r Reader
		if err := r.Dump(t.Context(), func(*Entry) {}); !errors.Is(err, unix.EPERM) || !strings.HasSuffix(err.Error(), advice) {
			t.Errorf("dump: got %v", err)
		}
		if err := r.Listen(t.Context(), func(Event, *Entry) {}); !errors.Is(err, unix.EPERM) {
			t.Errorf("listen: got %v", err)
		}
	})
}

func TestCancelledCallsComeBack(t *testing.T) {
	n := newNS(t, "quiet")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var r Reader
	inside(t, n, func() error {
		if err := r.Dump(ctx, func(*Entry) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("dump: got %v, want the context's error", err)
		}
		if err := r.Listen(ctx, func(Event, *Entry) {}); err != nil {
			t.Errorf("listen: got %v, want nil", err)
		}
		return nil
	})
}

func TestListenComesBackWhileItWaits(t *testing.T) {
	h := &home{router: newNS(t, "quiet")}
	before := runtime.NumGoroutine()
	t.Run("listening", func(t *testing.T) { listen(t, h, new(Reader)) }) // ends it and wants nil
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

func TestAnswersOfAnotherKindAreRefused(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":         nil,
		"cut off":         {1, 2, 3},
		"an empty answer": framed(msgStats, nil),
		"a plain ack":     framed(unix.NLMSG_ERROR, make([]byte, 4)),
	} {
		if err := answered(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := answered(framed(msgStats, body(attr(1, n32(7))))); err != nil {
		t.Error(err)
	}
}

func TestNoSettingIsOneLineOfAdvice(t *testing.T) {
	_, err := readSwitch("nf_conntrack_nothing")
	if err == nil || err.Error() != "no net.netfilter.nf_conntrack_nothing: install kmod-nf-conntrack" {
		t.Errorf("got %v", err)
	}
	if errors.Is(err, os.ErrNotExist) {
		t.Error("the cause is kept, and advise would add its own line")
	}
}
