package cli

import (
	"math"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"spinneret/agent"
)

func TestMemTotal(t *testing.T) {
	for text, want := range map[string]memory{
		"MemTotal:         123456 kB\nMemFree: 1 kB\n": 123456 << 10,
		"MemFree: 1 kB\nMemTotal: 58000 kB\n":          58000 << 10,
		"":                                             0,
		"MemTotal: lots kB\n":                          0,
		"MemTotal: -5 kB\n":                            0,
		"MemTotal: 99999999999999999999 kB\n":          0,
		"MemTotal: 5\nMemTotalOfSomethingElse: 7 kB\n": 0,
	} {
		if got := memTotal([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	if machineMemory() < 1<<20 {
		t.Errorf("this machine has %d bytes", machineMemory())
	}
}

func TestARouterOf64MegabytesIsToldThatItIsTooSmall(t *testing.T) {
	if err := memory(58 << 20).check(); err == nil || !strings.HasPrefix(err.Error(), "this router has 58 MB of memory") {
		t.Errorf("error %v", err)
	}
	for _, enough := range []memory{0, 100 << 20, 118 << 20, 4 << 30} {
		if err := enough.check(); err != nil {
			t.Errorf("%d: %v", enough, err)
		}
	}
}

func TestStoresShrinkWhereMemoryIsTight(t *testing.T) {
	const usual = 8 << 20
	small, large, set := agent.Options{HistorySize: usual}, agent.Options{HistorySize: usual}, agent.Options{HistorySize: 1 << 20}
	memory(100 << 20).fit(&small)
	memory(240 << 20).fit(&large)
	memory(100 << 20).fit(&set)
	if small.Flows != agent.DefaultFlows/2 || small.Devices != agent.DefaultDevices/2 || small.HistorySize != usual/2 {
		t.Errorf("at 100 MB: %+v", small)
	}
	if large.Flows != 0 || large.HistorySize != usual || set.HistorySize != 1<<20 {
		t.Errorf("at 240 MB: %+v; with a history that the owner sized: %+v", large, set)
	}
}

func TestTheEnvironmentsMemoryLimitStays(t *testing.T) {
	limit, growth := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(growth)
	}()
	for env, want := range map[string]int64{"": tightMemory + 4<<20, "1GiB": math.MaxInt64} {
		t.Setenv("GOMEMLIMIT", env)
		debug.SetMemoryLimit(math.MaxInt64) // as if Go had read the environment
		memory(100 << 20).limit(4 << 20)
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("GOMEMLIMIT=%q: limit %d, want %d", env, got, want)
		}
	}
}

func TestTheHeapGrowsSlowlyUnlessTheEnvironmentSaysSo(t *testing.T) {
	limit, growth := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(growth)
	}()
	for env, want := range map[string]int{"": heapGrowth, "80": 80} {
		t.Setenv("GOGC", env)
		debug.SetGCPercent(80) // as if Go had read the environment
		memory(0).limit(0)
		if got := debug.SetGCPercent(100); got != want {
			t.Errorf("GOGC=%q: growth %d, want %d", env, got, want)
		}
	}
}

// TestTheServiceKnowsWhatIsTooSmall: it does not start there at all, where trying again would fill the log.
func TestTheServiceKnowsWhatIsTooSmall(t *testing.T) {
	script, err := os.ReadFile("../../openwrt/package/files/etc/init.d/spinneret")
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?m)^TOO_SMALL=(\d+) `).FindSubmatch(script); m == nil || string(m[1]) != strconv.Itoa(tooSmall>>10) {
		t.Errorf("the service says %q, want %d kB", m, tooSmall>>10)
	}
}
