package nflog

import (
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/openwrt/lab"
)

// sendCount makes this program send that many packets to port 9 and end: a process of its own, so that the
// benchmark measures only reading.
const sendCount = "SPINNERET_NFLOG_SEND"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(sendCount)); err == nil {
		os.Exit(sendAll(n))
	}
	lab.Main(m)
}

func sendAll(n int) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 1
	}
	to := &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}
	for i := range n {
		if i%200 == 0 {
			time.Sleep(time.Millisecond) // about 150,000 a second: less than the reader can do
		}
		if err := unix.Sendto(fd, make([]byte, 100), 0, to); err != nil {
			return 1
		}
	}
	return 0
}

// BenchmarkRun is one logged packet from the kernel to the flow table. ns/op is the pace of the sender;
// cpu-ns/packet is what it costs.
func BenchmarkRun(b *testing.B) {
	ns := logging(b, "snaplen 128 queue-threshold 64")
	s := mustOpen(b, ns, Config{Group: group, BufferSize: 8 << 20})
	table := capture.NewTable(capture.Limits{Flows: 1000, Devices: 100})
	var got atomic.Int64
	stop := run(b, s, func(p *packet.Packet) {
		table.Add(p)
		got.Add(1)
	})
	defer stop()
	before := cpu(b)
	b.ResetTimer()
	cmd := ns.Command(b.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), sendCount+"="+strconv.Itoa(b.N))
	if _, err := ns.Run(cmd); err != nil {
		b.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); got.Load()+int64(s.Lost()) < int64(b.N) && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(cpu(b)-before)/float64(max(got.Load(), 1)), "cpu-ns/packet")
	b.ReportMetric(float64(s.Lost()), "lost")
}

// cpu is the time that this process has spent so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
