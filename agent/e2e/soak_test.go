package e2e

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const (
	// soakFill is the longest that the flood takes to fill the stores: at these rates, and where the machine has nothing
	// else to do, the flow table is full after 8 s, that of devices after one.
	soakFill = 3 * time.Minute
	soakStep = 250 * time.Millisecond

	// soakMemory is what the program may take with every store full and a flood going on: the limit that it sets its
	// collector, its own code, and what the collector is late by.
	soakMemory = 64 << 20

	// soakAnswer is what a person still waits for, as a rule, with two cores busy with the flood, the lab and this test.
	soakAnswer = 5 * time.Second
)

// TestSoak floods the router from one device with everything at once: new connections from forged sources, made-up
// MACs, DNS answers full of records, TLS hellos byte by byte. The stores stay within their limits and say what they
// gave up, memory stays within its bound, the API answers, and the honest devices stay visible.
// SOAK=60000 floods for 15 minutes.
func TestSoak(t *testing.T) {
	home := ownHome(t, "cam", "laptop", "tv", "lamp")
	a := startAgent(t, home)
	a.counts()
	honest := map[*lab.Device]*flow{}
	for i, name := range []string{"laptop", "tv", "lamp"} {
		d := home.Device(name)
		honest[d] = count(t, home, d, []string{"udp4", "tcp6", "tcp4"}[i])
		a.device(d)
	}
	stop := flood(t, home)
	memory, waits := a.soak(soakTime(t))
	last := map[*lab.Device]uint64{}
	for d := range honest {
		last[d] = a.device(d).TxPackets
	}
	a.wantVisible(honest, last)
	a.wantBounded()
	stop()
	slices.Sort(waits)
	t.Logf("the API answered after %v (median) to %v; resident memory, each second in MB: %s", waits[len(waits)/2], waits[len(waits)-1], inMegabytes(memory))
	if half := waits[len(waits)/2]; half > soakAnswer {
		t.Errorf("half the time the API took %v or longer", half)
	}
	if most := slices.Max(memory); most > soakMemory {
		t.Errorf("the program took %d MB", most>>20)
	}
}

// soakTime is how long to flood at least.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	if os.Getenv("SOAK") == "" {
		return 0
	}
	n, err := strconv.Atoi(os.Getenv("SOAK"))
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(n) * 15 * time.Millisecond
}

// soak asks the API and looks at the memory for a while, and until the stores are full.
func (a *agent) soak(least time.Duration) (memory []uint64, waits []time.Duration) {
	a.t.Helper()
	tick := time.NewTicker(soakStep)
	defer tick.Stop()
	full := false
	for began := time.Now(); time.Since(began) < least || !full && time.Since(began) < soakFill; <-tick.C {
		asked := time.Now()
		full = flooded(a.status())
		a.devices()
		waits = append(waits, time.Since(asked))
		memory = append(memory, a.memory())
	}
	return memory, waits
}

// memory is what the program has resident, in bytes.
func (a *agent) memory() uint64 {
	a.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.cmd.Process.Pid))
	if err != nil {
		a.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes, err := strconv.ParseUint(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		a.t.Fatal(err)
	}
	return kilobytes << 10
}

func inMegabytes(memory []uint64) string {
	var out strings.Builder
	for i := 0; i < len(memory); i += int(time.Second / soakStep) {
		fmt.Fprintf(&out, "%d ", memory[i]>>20)
	}
	return out.String()
}

// wantVisible wants the honest devices online, with what they do counted on, and shown with their flows.
func (a *agent) wantVisible(honest map[*lab.Device]*flow, before map[*lab.Device]uint64) {
	a.t.Helper()
	for d, f := range honest {
		// The pause between two dumps grows with the table: 60 times what one takes.
		if !within(time.Minute, func() bool { return a.device(d).TxPackets > before[d] }) {
			a.t.Errorf("%s is not counted on", d.Name)
		}
		if known := a.device(d); !known.Online || known.Name != d.Name || !slices.Contains(known.Addresses, d.IPv4().String()) {
			a.t.Errorf("%s is shown as %+v", d.Name, known)
		}
		if !slices.ContainsFunc(a.flows(d), func(f ui.Flow) bool { return f.State == "live" && f.TxPackets > 100 }) {
			a.t.Errorf("%s has lost its flow", d.Name)
		}
		if f.newest() == 0 {
			a.t.Errorf("nothing of %s arrived", d.Name)
		}
	}
}

// wantBounded wants every store within its limit, those that are full to say what they gave up, and losses to be told.
func (a *agent) wantBounded() {
	a.t.Helper()
	s := a.status()
	for _, store := range s.Stores {
		a.t.Logf("%-16s %6d of %6d, evicted %d", store.Name, store.Used, store.Limit, store.Evicted)
		if store.Used > store.Limit {
			a.t.Errorf("store %+v", store)
		}
	}
	for _, l := range s.Losses {
		a.t.Logf("lost at %s: %d", l.Where, l.Lost)
	}
	if !flooded(s) {
		a.t.Error("the flood took nothing from the store of flows, or from that of devices")
	}
}

// flooded reports whether the stores that the flood is to fill had to give something up.
func flooded(s ui.Status) bool {
	evicted := map[string]uint64{}
	for _, store := range s.Stores {
		evicted[store.Name] = store.Evicted
	}
	return evicted["flows"] > 0 && evicted["devices"] > 0
}

// flood lets cam do all of it until stop is called.
func flood(t *testing.T, home *lab.Home) (stop func()) {
	t.Helper()
	cam := home.Device("cam")
	ctx, cancel := context.WithCancel(t.Context())
	var tasks sync.WaitGroup
	run := func(what string, fn func(context.Context) error) {
		tasks.Go(func() {
			if err := fn(ctx); err != nil && ctx.Err() == nil {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	// Answers make the router look for each forged address of the home, and all namespaces of a machine share one limit
	// of 1,024 neighbours (net.ipv6.neigh.default.gc_thresh3): from more addresses than these the flood would take the
	// neighbours of whatever other test runs beside it.
	for what, f := range map[string]lab.Flood{
		"forged sources":     {To: netip.MustParseAddrPort("198.51.100.66:4711"), Sources: netip.MustParsePrefix("10.0.0.0/8"), PerSecond: 600},
		"the home's sources": {To: netip.MustParseAddrPort("198.51.100.67:80"), Sources: netip.MustParsePrefix("192.168.1.0/24"), PerSecond: 400, SYN: true},
		"IPv6":               {To: netip.MustParseAddrPort("[2001:db8:166::66]:4712"), Sources: netip.MustParsePrefix("2001:db8:20::f00:0/120"), PerSecond: 400},
		"made-up MACs":       {To: netip.MustParseAddrPort("198.51.100.68:4713"), Sources: netip.MustParsePrefix("192.168.1.0/24"), PerSecond: 1500, MACs: true},
	} {
		run(what, func(ctx context.Context) error { return cam.Flood(ctx, f) })
	}
	run("DNS answers", func(ctx context.Context) error { return answerMuch(ctx, cam) })
	run("hellos", func(ctx context.Context) error { return helloByBytes(ctx, cam) })
	return func() {
		cancel()
		tasks.Wait()
	}
}

// answerMuch sends DNS answers with as many records as a packet takes, which say that there are thousands.
func answerMuch(ctx context.Context, d *lab.Device) error {
	raw, err := d.NS.OpenRaw("eth0")
	if err != nil {
		return err
	}
	defer raw.Close()
	from, to := netip.AddrPortFrom(d.IPv4(), 53), netip.MustParseAddrPort("198.51.100.69:4714")
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for id := uint16(0); ctx.Err() == nil; id++ {
		<-tick.C
		if err := raw.Send(lab.IP(lab.RouterMAC(), lab.ParseMAC(d.MAC), lab.UDP(from, to, manyAnswers(id)))); err != nil {
			return err
		}
	}
	return nil
}

// manyAnswers is an answer (RFC 1035 section 4.1) with 85 addresses; every second one says 5,000.
func manyAnswers(id uint16) []byte {
	const records = 85
	said := uint16(records)
	if id%2 == 0 {
		said = 5000
	}
	b := binary.BigEndian.AppendUint16(nil, id)
	b = append(b, 0x81, 0x80, 0, 1)
	b = append(binary.BigEndian.AppendUint16(b, said), 0, 0, 0, 0)
	b = append(b, "\x04many\x07example\x00\x00\x01\x00\x01"...)
	for i := range byte(records) {
		b = append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 198, 51, 100, i) // the name is the question's
	}
	return b
}

// helloByBytes greets servers again and again, one byte in a segment.
func helloByBytes(ctx context.Context, d *lab.Device) error {
	for ctx.Err() == nil {
		c, err := d.Dial(ctx, "tcp", netip.MustParseAddrPort("198.51.100.70:443"))
		if err != nil {
			return err
		}
		greeting := tls.Client(drip{c}, &tls.Config{ServerName: "slow.example.net", InsecureSkipVerify: true})
		err = greeting.HandshakeContext(ctx)
		c.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// drip writes one byte at a time; the kernel puts each into a segment of its own as long as none waits for an answer.
type drip struct{ net.Conn }

func (d drip) Write(b []byte) (n int, err error) {
	for part := range bytes.SplitSeq(b, nil) {
		if _, err := d.Conn.Write(part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}
