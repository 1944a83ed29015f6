package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const (
	crashes = 6
	settled = 3 // changes are answered before a crash comes
)

// everyLevel is what the owner does in no order; empty: released.
var everyLevel = []string{"full", "internet", "flow", ""}

// confirmed is what a device's owner knows of it.
type confirmed struct {
	level, why string
	trying     [2]string // level and why that were asked for and not answered
	open       bool      // something is
}

// restless changes quarantines as fast as they are answered, until the agent is gone.
type restless struct {
	a       *agent
	devices []*lab.Device
	random  *rand.Rand

	mu       sync.Mutex
	known    map[string]*confirmed // by MAC
	answered int
	took     time.Duration // all that were answered
	changes  int
}

// run makes changes until one is not answered.
func (r *restless) run() {
	for {
		d, level := r.devices[r.random.IntN(len(r.devices))], everyLevel[r.random.IntN(len(everyLevel))]
		if !r.change(d, level) {
			return
		}
	}
}

func (r *restless) change(d *lab.Device, level string) bool {
	r.mu.Lock()
	r.changes++
	why := fmt.Sprintf("change %d", r.changes)
	method, body := http.MethodPut, fmt.Sprintf(`{"level":%q,"why":%q}`, level, why)
	switch level {
	case "flow":
		body = fmt.Sprintf(`{"level":"flow","why":%q,"to":["198.51.100.0/24"]}`, why)
	case "":
		method, body, why = http.MethodDelete, "", ""
	}
	k := r.known[d.MAC]
	k.trying, k.open = [2]string{level, why}, true
	r.mu.Unlock()
	began := time.Now()
	status, _, err := r.a.bySocket().send(method, "/api/v1/"+quarantineOf(d), body)
	if err != nil || status != http.StatusOK {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k.level, k.why, k.open = level, why, false
	r.answered++
	r.took += time.Since(began)
	return true
}

func (r *restless) answers() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answered
}

// mean is how long a change takes until it is answered.
func (r *restless) mean() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.took / time.Duration(max(r.answered, 1))
}

// TestACrashInTheMiddleOfAChange kills the agent again and again while it changes rules. What it confirmed is in force
// afterwards, what it did not is so whole or not at all, and other devices lose nothing.
func TestACrashInTheMiddleOfAChange(t *testing.T) {
	home := quietHome(t)
	watchFW4(t, home)
	a := startAgent(t, home)
	cam, lamp := home.Device("cam"), home.Device("lamp")
	a.device(cam)
	a.device(lamp)
	own := map[string]*flow{cam.MAC: count(t, home, cam, "udp4"), lamp.MAC: count(t, home, lamp, "udp4")}
	others := []*flow{
		count(t, home, home.Device("tv"), "udp4"), count(t, home, home.Device("laptop"), "udp6"),
		countLAN(t, home, home.Device("tv"), home.Device("laptop"), "udp4"),
	}
	seed := uint64(time.Now().UnixNano())
	r := &restless{
		a: a, devices: []*lab.Device{cam, lamp}, random: rand.New(rand.NewPCG(seed, 0)),
		known: map[string]*confirmed{cam.MAC: {}, lamp.MAC: {}},
	}
	midway, taken := 0, 0
	for range crashes {
		crash(a, r)
		a.stderr.reset()
		a.start()
		var stopped []*flow
		for _, d := range r.devices {
			k := r.known[d.MAC]
			if k.open {
				midway++
			}
			if checkAfterCrash(a, d, k) {
				taken++
			}
			if k.level == "" {
				a.passes(own[d.MAC])
			} else {
				stopped = append(stopped, own[d.MAC])
			}
		}
		if len(stopped) > 0 {
			a.allStopped(stopped)()
		}
	}
	t.Logf("%d crashes, %d of them in a change, %d of which were taken (seed %d); %d changes were answered, each after %v",
		crashes, midway, taken, seed, r.answers(), r.mean().Round(time.Millisecond))
	for _, f := range others {
		if sent, arrived := f.stop(); sent != arrived {
			t.Errorf("%s, of another device: %d sent, %d arrived", f.name, sent, arrived)
		}
	}
}

// crash kills the agent at some moment of some change, and returns when nobody waits for an answer any more.
func crash(a *agent, r *restless) {
	a.t.Helper()
	before, part := r.answers(), r.random.Float64()
	var owner sync.WaitGroup
	owner.Go(r.run)
	a.eventually("some changes are answered", func() bool { return r.answers() >= before+settled })
	<-time.After(time.Duration(part * float64(r.mean())))
	a.signal(syscall.SIGKILL)
	a.wait()
	owner.Wait()
}

// checkAfterCrash wants a device to be as was confirmed, or else as was asked for last, and reports whether it is the
// latter; from then on that is what is known.
func checkAfterCrash(a *agent, d *lab.Device, k *confirmed) (taken bool) {
	a.t.Helper()
	var now ui.Device
	a.eventually("what the agent knows is in force", func() bool {
		now = a.device(d)
		return now.Quarantine == nil || now.Quarantine.InForce
	})
	level, why := "", ""
	if q := now.Quarantine; q != nil {
		level, why = q.Level, q.Why
	}
	taken = k.open && k.trying == [2]string{level, why}
	if !taken && (level != k.level || why != k.why) {
		a.t.Errorf("%s is %q for %q, want what was confirmed, %q for %q, or what was asked for, %q", d.Name, level, why, k.level, k.why, k.trying)
	}
	for set, of := range map[string]string{"full": "full", "internet": "internet", "flows": "flow"} {
		held := strings.Contains(nftList(a.home.Router(), "set", "inet", "spinneret", set), d.MAC)
		if held != (of == level) {
			a.t.Errorf("%s is %q, and set %s holds it: %v", d.Name, level, set, held)
		}
	}
	k.level, k.why, k.open = level, why, false
	return taken
}
