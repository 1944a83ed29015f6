package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
)

var eventually = expect.Eventually

func newNS(t *testing.T, name string) *NS {
	t.Helper()
	n, err := NewNS(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// nsID names the namespace of the calling thread, as in "net:[4026531840]".
func nsID(t *testing.T) string {
	t.Helper()
	id, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDoRunsInsideAndComesBack(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n, before := newNS(t, "a"), nsID(t)

	var inside string
	if err := n.Do(func() error { inside = nsID(t); return nil }); err != nil {
		t.Fatal(err)
	}
	if inside == before {
		t.Error("Do ran in the host's namespace")
	}
	if after := nsID(t); after != before {
		t.Errorf("after Do the thread is in %s, was in %s", after, before)
	}
}

func TestDoReturnsTheErrorOfItsFunction(t *testing.T) {
	want := errors.New("as told")
	if err := newNS(t, "a").Do(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestDoComesBackFromGoexit(t *testing.T) {
	n, before := newNS(t, "a"), ""
	var after string
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread()
		before = nsID(t)
		defer func() { after = nsID(t) }()
		_ = n.Do(func() error { runtime.Goexit(); return nil })
	})
	wg.Wait()
	if after != before {
		t.Errorf("after Goexit in Do the thread is in %s, was in %s", after, before)
	}
}

func TestSocketsBelongToTheirNamespace(t *testing.T) {
	a, b := newNS(t, "a"), newNS(t, "b")
	listen := func(n *NS) (l net.Listener, err error) {
		err = n.Do(func() error { l, err = net.Listen("tcp", "127.0.0.1:7001"); return err })
		return l, err
	}
	for _, n := range []*NS{a, b} { // the same port twice: only possible in two namespaces
		l, err := listen(n)
		if err != nil {
			t.Fatalf("listen in %s: %v", n.Name(), err)
		}
		defer l.Close()
	}
}

func TestManyNamespacesAtOnce(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			n, err := NewNS(fmt.Sprint(i))
			if err != nil {
				t.Error(err)
				return
			}
			defer n.Close()
			_ = n.Do(func() error {
				mu.Lock()
				defer mu.Unlock()
				seen[nsID(t)] = true
				return nil
			})
		})
	}
	wg.Wait()
	if len(seen) != 20 {
		t.Errorf("%d different namespaces, want 20", len(seen))
	}
}

func TestRunGivesOutputAndTheReasonOfFailure(t *testing.T) {
	n, ctx := newNS(t, "a"), t.Context()
	out, err := n.Run(n.Command(ctx, "ip", "-br", "link"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(out), "lo ") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("a new namespace has\n%s, want lo alone", out)
	}
	_, err = n.Run(n.Command(ctx, "ip", "link", "show", "nowhere"))
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v, want what ip said", err)
	}
}

func TestClosedNamespaceRefuses(t *testing.T) {
	n := newNS(t, "a")
	for range 2 {
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Do(func() error { return nil }); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Do: got %v, want os.ErrClosed", err)
	}
	if _, err := n.Run(n.Command(t.Context(), "true")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Run: got %v, want os.ErrClosed", err)
	}
	if n.FD() != -1 {
		t.Errorf("FD is %d, want -1", n.FD())
	}
}

func TestCloseKillsWhatRuns(t *testing.T) {
	n := newNS(t, "a")
	cmd := n.Command(t.Context(), "sleep", "600")
	if err := n.Start(cmd); err != nil {
		t.Fatal(err)
	}
	n.Close()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("got %v, want killed", err)
	}
}

// The kernel ties a child to the thread that started it, so the threads of other goroutines must not matter.
func TestChildOutlivesTheGoroutineThatStartedIt(t *testing.T) {
	n := newNS(t, "a")
	cmd := n.Command(t.Context(), "sleep", "600")
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread() // not unlocked: the thread ends with the goroutine
		if err := n.Start(cmd); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	for range 50 { // give the kernel time to have ended the thread
		time.Sleep(time.Millisecond)
		if err := cmd.Process.Signal(syscall.Signal(0)); err != nil {
			t.Fatalf("child is gone: %v", err)
		}
	}
	n.Close()
	_ = cmd.Wait()
}

// startHelper runs this test program as the named helper and returns it with the lines that it prints.
func startHelper(t *testing.T, name string, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Env = append(append(os.Environ(), "SPINNERET_LAB_HELPER="+name), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// helpSleeper holds two linked namespaces with a child in each, prints their ids and waits to be killed.
func helpSleeper() {
	for _, name := range []string{"a", "b"} {
		n, err := NewNS(name)
		if err != nil {
			panic(err)
		}
		ctx := context.Background()
		if _, err := n.Run(n.Command(ctx, "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")); err != nil {
			panic(err)
		}
		if err := n.Start(n.Command(ctx, "sleep", "600")); err != nil {
			panic(err)
		}
		_ = n.Do(func() error {
			id, err := os.Readlink("/proc/thread-self/ns/net")
			fmt.Println(id)
			return err
		})
	}
	select {}
}

// holders counts the threads and open descriptors of all processes that keep one of the namespaces alive.
func holders(t *testing.T, ids map[string]bool) int {
	t.Helper()
	count := 0
	for _, pattern := range []string{"/proc/[0-9]*/task/*/ns/net", "/proc/[0-9]*/fd/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if to, err := os.Readlink(path); err == nil && ids[to] {
				count++
			}
		}
	}
	return count
}

func TestKillLeavesNoProcessAndNoNamespace(t *testing.T) {
	cmd, lines := startHelper(t, "sleeper")
	ids := map[string]bool{}
	for len(ids) < 2 && lines.Scan() {
		ids[lines.Text()] = true
	}
	if n := holders(t, ids); len(ids) != 2 || n < 4 { // two descriptors, two children
		t.Fatalf("helper holds %d namespaces by %d handles, want 2 by 4 or more", len(ids), n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "all namespaces let go", func() bool { return holders(t, ids) == 0 })
}
