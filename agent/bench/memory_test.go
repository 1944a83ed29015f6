package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/history"
	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
	"spinneret/ui/stream"
)

const (
	homeDevices  = 60
	homeSockets  = 3  // of each device
	homeTargets  = 56 // of each socket: 10,080 flows to 3,360 far ends
	homePort     = 10443
	memoryBudget = 32 << 10 // kilobytes
	pastFlows    = 130000   // more than the history has room for
	memoryWait   = 30 * time.Second
)

// BenchmarkMemory tells what the agent keeps resident in a home with 60 devices, 10,000 live flows and a full history,
// once somebody logged in, asked for all flows and has the page open: as it is built for a desk, and for a router.
func BenchmarkMemory(b *testing.B) {
	home := crowdedHome(b)
	past := fullHistory(b)
	for _, how := range []struct {
		name  string
		flags []string
	}{
		{"desk", nil},
		{"router", []string{"-tags", "router", "-ldflags", "-s -w"}},
	} {
		b.Run(how.name, func(b *testing.B) {
			program := buildAs(b, how.flags...)
			for b.Loop() {
				r := startResident(b, home, program, past)
				r.report(b, how.name)
				r.stop()
			}
		})
	}
}

// crowdedHome is a lab of 60 devices, what they send vanishes at the far side.
func crowdedHome(b *testing.B) *lab.Home {
	b.Helper()
	specs := make([]lab.Spec, homeDevices)
	for i := range specs {
		specs[i].Name = "thing-" + strconv.Itoa(i)
	}
	home, err := lab.Start(context.Background(), lab.Options{Devices: specs, Idle: true, Dir: b.TempDir()})
	if err != nil {
		b.Fatalf("start the lab: %v", err)
	}
	b.Cleanup(func() {
		if err := home.Close(); err != nil {
			b.Errorf("close the lab: %v", err)
		}
	})
	nft(b, home.Internet(), "table inet sink { chain p { type filter hook prerouting priority raw; policy accept;\n udp dport "+strconv.Itoa(homePort)+" drop\n }\n }")
	return home
}

// fullHistory writes a file of more flows than the history has room for, to some thousand named parties.
func fullHistory(b *testing.B) (path string) {
	b.Helper()
	s := history.New(history.DefaultBudget)
	start := time.Now().Add(-24 * time.Hour).Truncate(time.Millisecond).UTC()
	for i := range pastFlows {
		f := pastFlow(i, start.Add(time.Duration(i)*24*time.Hour/pastFlows))
		s.Add(&f)
	}
	path = filepath.Join(b.TempDir(), "history")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(s.Save(file), file.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

func pastFlow(i int, at time.Time) history.Flow {
	device, party := i%homeDevices, i*7919%4001
	return history.Flow{
		Flow: capture.Flow{
			Device: packet.MAC{2, 0, 0, 0, 0, byte(device + 1)}, DeviceAddr: netip.AddrFrom4([4]byte{192, 168, 1, byte(device + 100)}),
			Remote: netip.AddrFrom4([4]byte{198, 18, byte(party >> 8), byte(party)}), Protocol: capture.Protocol(packet.ProtoTCP),
			DevicePort: uint16(32768 + i%28000), RemotePort: 443, Port: 443, Out: true, Ended: true,
			RxBytes: 48000, TxBytes: 4000, RxPackets: 40, TxPackets: 30, First: at, Last: at.Add(20 * time.Second),
			Outside: netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, 20}), uint16(32768+i%28000)),
		},
		Name: fmt.Sprintf("edge-%d.example.net", party), NameSource: "sni", Owner: "example.net", OwnerSource: "domain", Sure: true,
	}
}

// buildAs makes the program with the flags of one kind of package.
func buildAs(t testing.TB, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spinneret")
	args := append([]string{"build", "-trimpath", "-o", path}, flags...)
	cmd := exec.CommandContext(context.Background(), "go", append(args, "spinneret/agent/cmd/spinneret")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// report fills the agent step by step, and prints what it has resident after each.
func (r *resident) report(b *testing.B, build string) {
	b.Helper()
	r.until("the history is read", func() bool { return r.used("history") > history.DefaultBudget*9/10 })
	r.tell(build, "history full")
	r.openFlows()
	r.until("all flows are there", func() bool { return r.used("flows") >= homeDevices*homeSockets*homeTargets })
	r.settle()
	r.tell(build, "and 10,000 live flows")
	r.logIn()
	r.tell(build, "and after a login")
	r.ask(http.MethodGet, "flows?limit=10000", "", nil)
	r.tell(build, "and after all flows were asked for")
	r.settle()
	r.tell(build, "and some seconds later")
	defer r.openPage()()
	r.settle()
	total := r.tell(build, "and with a page open")
	for range stream.MaxClients - 1 {
		defer r.openPage()()
	}
	r.settle()
	r.tell(build, "and with all eight open")
	b.ReportMetric(float64(total)/1024, "MB")
	b.ReportMetric(0, "ns/op")
	if total > memoryBudget {
		b.Errorf("%.1f MB resident, wanted at most %d MB", float64(total)/1024, memoryBudget/1024)
	}
}
