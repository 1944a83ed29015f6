//go:build !router

package demo

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestItIsForThisMachineOnly wants it refused before anything is begun.
func TestItIsForThisMachineOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("the demo needs root: run its tests as root")
	}
	for addr, want := range map[string]string{
		"0.0.0.0:0": "listen on 127.0.0.1",
		"[::]:0":    "listen on 127.0.0.1",
		"foo":       `listen on "foo": say HOST:PORT`,
		"":          "say HOST:PORT",
	} {
		var stdout, stderr bytes.Buffer
		err := Run(t.Context(), Options{Listen: addr}, &stdout, &stderr)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("at %q: %v, want %q in it", addr, err, want)
		}
		if stdout.Len()+stderr.Len() > 0 {
			t.Errorf("at %q it said %q and %q: it had begun", addr, stdout.String(), stderr.String())
		}
	}
}

func TestWhyTheAgentEndedIsSaidOnce(t *testing.T) {
	var out bytes.Buffer
	w := &lastWord{to: &out}
	for _, part := range []string{"ready http://127.0.0.1:1/\nlevel=W", "ARN msg=late\nspinn", "eret: doors: no room\n"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := out.String(); got != "ready http://127.0.0.1:1/\nlevel=WARN msg=late\n" {
		t.Errorf("passed on %q", got)
	}
	if err := w.error(errors.New("exit status 1")); err.Error() != "the agent ended: doors: no room" {
		t.Errorf("the error is %v", err)
	}
}

func TestAnAgentThatSaidNothingEndedSomehow(t *testing.T) {
	killed := errors.New("signal: killed")
	if err := new(lastWord).error(killed); !errors.Is(err, killed) {
		t.Errorf("the error is %v", err)
	}
	if err := new(lastWord).error(nil); err == nil {
		t.Error("that an agent ends is no error")
	}
}
