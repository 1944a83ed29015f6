package bench

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spinneret/agent"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab/expect"
)

// labels are what is known to be in the captures of third parties: who, and how many seconds after the first packet it
// begins. All others are of devices that do what they are made for.
var labels = map[string]map[string]float64{
	"pkt.TCP.synflood.spoofed.pcap": {"44:f4:77:0f:ea:49": 0},
	"zeek-dhcp_flood.pcap":          {"90:b1:1c:99:49:29": 0},
	"id2t-mirai-botnet-lab.pcap":    {"02:42:ac:14:00:03": 0, "02:42:ac:14:00:04": 3.7, "02:42:ac:14:00:05": 9.7},
}

// BenchmarkFindings reads every capture, and says of each what was found: after how many seconds and packets, and, of
// honest devices, how often in an hour.
func BenchmarkFindings(b *testing.B) {
	var missed, wrong int
	var hours float64
	for b.Loop() {
		missed, wrong, hours = 0, 0, 0
		err := filepath.WalkDir(expect.ThirdParty(b, "pcap"), func(path string, _ os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".pcap" {
				return err
			}
			m, f, h := judge(b, path)
			missed, wrong, hours = missed+m, wrong+f, hours+h
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(missed), "missed")
	b.ReportMetric(float64(wrong)/hours, "false/device-hour")
	b.ReportMetric(hours, "device-hours")
}

// judge compares the findings of a capture with its labels.
func judge(b *testing.B, path string) (missed, wrong int, hours float64) {
	o := agent.ReplayOptions{Files: []string{path}}
	r, err := agent.ReadCapture(b.Context(), o, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Base(path)
	began := firstPacket(b, path)
	guilty := labels[name]
	left := map[string]bool{}
	for mac := range guilty {
		left[mac] = true
	}
	for _, f := range r.Findings {
		since, known := guilty[f.Device]
		delete(left, f.Device)
		if !known {
			wrong++
		}
		after := f.Found.Sub(began).Seconds() - since
		b.Logf("%s: %s %s of %s, %.1f s after its start, %d packets in: %s", name, f.Severity, f.Kind, f.Device, after, packetsUntil(b, path, f.Found.Time), f.Text)
	}
	for mac := range left {
		b.Logf("%s: nothing was found of %s", name, mac)
	}
	if len(guilty) == 0 && strings.Contains(path, "iot-sentinel") {
		for _, d := range r.Devices {
			hours += d.LastSeen.Sub(d.FirstSeen.Time).Hours()
		}
	}
	return len(left), wrong, hours
}

func firstPacket(b *testing.B, path string) (at time.Time) {
	each(b, path, func(p *packet.Packet) bool { at = p.Time; return false })
	return at
}

func packetsUntil(b *testing.B, path string, at time.Time) (n int) {
	each(b, path, func(p *packet.Packet) bool { n++; return p.Time.Before(at) })
	return n
}

func each(b *testing.B, path string, visit func(*packet.Packet) bool) {
	r, err := pcapfile.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var p packet.Packet
	for r.Next(&p) == nil && visit(&p) {
	}
}
