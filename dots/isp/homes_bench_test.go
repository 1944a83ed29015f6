package isp_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"spinneret/dots"
	"spinneret/dots/isp"
	"spinneret/dots/wire"
)

// TestMain lets the test's binary be a provider of its own, whose memory is then its own too.
func TestMain(m *testing.M) {
	if dir := os.Getenv("SPINNERET_ISP_BENCH"); dir != "" {
		if err := provide(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// provide runs a node until standard input ends.
func provide(dir string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	config := benchConfig(dir)
	port, _ := strconv.ParseUint(os.Getenv("SPINNERET_ISP_BENCH_PORT"), 10, 16)
	config.Port = uint16(port)
	node, err := isp.Open(ctx, isp.Options{Config: config, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Println(node.Address().Port())
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadByte()
		cancel()
	}()
	return node.Run(ctx)
}

func benchConfig(dir string) isp.Config {
	return isp.Config{
		Name: "dots.isp.example", Address: netip.MustParseAddr("127.0.0.1"), StateDir: dir, Node: "main",
		Socket: filepath.Join(dir, "api.sock"), MaxHomes: 2000,
	}
}

// resident is the memory of a process in bytes.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(data), "VmRSS:")
	kB, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kB * 1024
}

// BenchmarkHomes has 1,000 homes call one provider, each with a certificate of its own, and asks each of them: how much
// memory and CPU a home takes there, how long a request takes to reach its home, and how long until the API, asked every 5 ms,
// tells that it is in force there. Then the provider is stopped and started: how long until all homes are back. The homes are ours, in this process. They all call at once, so that some take longer
// over DTLS than homes wait before they try TLS as well.
func BenchmarkHomes(b *testing.B) {
	const homes = 1000
	for b.Loop() {
		dir := b.TempDir()
		p, pid, end := benchProvider(b, dir, 0)
		credentials := make([]dots.Provider, homes)
		for i := range homes {
			credentials[i] = p.enrol(fmt.Sprintf("h%d", i))
		}
		empty := resident(b, pid)
		start := time.Now()
		asked := make([]chan time.Time, homes)
		stops := make([]func(), homes)
		for i := range homes {
			asked[i], stops[i] = benchHome(b, credentials[i])
		}
		b.ReportMetric(allUp(b, p, homes, start).Seconds(), "s-until-all-up")
		b.ReportMetric((resident(b, pid)-empty)/homes/1024, "kB/home")
		b.ReportMetric(empty/1e6, "MB-empty")
		b.ReportMetric(idle(b, pid), "%CPU-idle")
		b.ReportMetric(float64(strings.Count(p.call("GET", "homes", "", 200, nil), `"transport":"dtls"`)), "by-DTLS")
		reach, force := benchRequests(p, asked)
		reportTimes(b, "reached", reach)
		reportTimes(b, "in-force", force)
		start = time.Now()
		end()
		b.ReportMetric(time.Since(start).Seconds(), "s-to-stop")
		start = time.Now()
		p, pid, end = benchProvider(b, dir, p.port)
		b.ReportMetric(time.Since(start).Seconds(), "s-to-start")
		b.ReportMetric(allUp(b, p, homes, start).Seconds(), "s-until-all-back")
		b.ReportMetric(worked(b, pid).Seconds(), "s-CPU-of-that")
		for _, stop := range stops {
			stop()
		}
		end()
	}
}

// benchProvider runs a provider in a process of its own, on a free port or the one given.
func benchProvider(b *testing.B, dir string, port uint16) (p *provider, pid int, end func()) {
	b.Helper()
	child := exec.CommandContext(b.Context(), os.Args[0])
	child.Env = append(os.Environ(), "SPINNERET_ISP_BENCH="+dir, fmt.Sprint("SPINNERET_ISP_BENCH_PORT=", port))
	in, err := child.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := child.Start(); err != nil {
		b.Fatal(err)
	}
	end = sync.OnceFunc(func() {
		_ = in.Close()
		if err := child.Wait(); err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(end)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	at, err := strconv.ParseUint(strings.TrimSpace(line), 10, 16)
	if err != nil {
		b.Fatal(err)
	}
	return &provider{t: b, config: benchConfig(dir), port: uint16(at)}, child.Process.Pid, end
}

// idleTime is how long homes are left alone to see what that costs.
const idleTime = 20 * time.Second

// idle is how much of a CPU a process takes while nobody asks for anything, in per cent.
func idle(b *testing.B, pid int) float64 {
	b.Helper()
	before := worked(b, pid)
	time.Sleep(idleTime)
	return 100 * float64(worked(b, pid)-before) / float64(idleTime)
}

// worked is the time on a CPU that a process had.
func worked(b *testing.B, pid int) time.Duration {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, after, _ := strings.Cut(string(data), ") ")
	sum := 0
	for _, field := range strings.Fields(after)[11:13] { // user, system
		n, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		sum += n
	}
	return time.Duration(sum) * 10 * time.Millisecond // USER_HZ is 100
}

// reportTimes tells the median and the 99th percentile.
func reportTimes(b *testing.B, name string, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-"+name+"-median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-"+name+"-p99")
}

// benchHome is a home that does what it is asked, and says when.
func benchHome(b *testing.B, p dots.Provider) (chan time.Time, func()) {
	h := &willing{askedC: make(chan time.Time, 4)}
	h.server = dots.New(dots.Options{Providers: []dots.Provider{p}, Home: h})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = h.server.Run(ctx) })
	stop := sync.OnceFunc(func() { cancel(); running.Wait() })
	b.Cleanup(stop)
	return h.askedC, stop
}

type willing struct {
	server *dots.Server
	askedC chan time.Time
}

func (*willing) Ours(wire.Client, netip.Prefix) bool     { return true }
func (*willing) Legitimate(wire.Client, wire.Scope) bool { return false }
func (*willing) End(wire.Entry, dots.Ending)             {}
func (h *willing) Mitigate(e wire.Entry) {
	h.askedC <- time.Now()
	h.server.Update(e.Key, wire.State{Status: wire.Mitigated})
}

// allUp waits for all homes, and tells how long that took.
func allUp(b *testing.B, p *provider, homes int, start time.Time) time.Duration {
	b.Helper()
	for time.Since(start) < 5*time.Minute {
		if n := strings.Count(p.call("GET", "homes", "", 200, nil), `"state":"up"`); n == homes {
			return time.Since(start)
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatal("the homes did not all come up in five minutes")
	return 0
}

// benchRequests asks every home once, four at a time.
func benchRequests(p *provider, asked []chan time.Time) (reach, force []time.Duration) {
	reach, force = make([]time.Duration, len(asked)), make([]time.Duration, len(asked))
	turns := make(chan struct{}, 4)
	var all sync.WaitGroup
	for i := range asked {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			start := time.Now()
			r := p.ask(fmt.Sprintf(`{"home":"h%d",%s}`, i, attack))
			select {
			case at := <-asked[i]:
				reach[i] = at.Sub(start)
			case <-time.After(patience):
				p.t.Errorf("home h%d was not asked within %s", i, patience)
				return
			}
			p.becomes(r.ID, "active")
			force[i] = time.Since(start)
		})
	}
	all.Wait()
	return reach, force
}
