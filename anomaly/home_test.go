package anomaly

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// The devices of the tests.
var (
	camMAC    = packet.MAC{2, 0, 0, 0, 0, 1}
	laptopMAC = packet.MAC{2, 0, 0, 0, 0, 2}
	routerIP  = netip.MustParseAddr("192.168.1.1")

	monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
)

// house is a home without wires: what its devices do is entered by hand, and each second it is shown to a detector.
type house struct {
	d       *Detector
	now     time.Time
	flows   []*capture.Flow // with a packet in the last seconds
	devices []capture.Device
	names   map[netip.Addr]string
	port    uint16
	news    []Finding
	offline bool // nobody answers
}

func newHouse() *house {
	h := &house{now: monday, port: 30000, names: map[netip.Addr]string{}}
	h.d = New(Config{Party: func(_ packet.MAC, a netip.Addr) string {
		if name := h.names[a]; name != "" {
			return name
		}
		return a.String()
	}})
	h.d.SetRouter([]netip.Addr{routerIP})
	return h
}

func (h *house) device(mac packet.MAC) *capture.Device {
	at := slices.IndexFunc(h.devices, func(d capture.Device) bool { return d.MAC == mac })
	if at < 0 {
		h.devices = append(h.devices, capture.Device{MAC: mac, First: h.now})
		at = len(h.devices) - 1
	}
	return &h.devices[at]
}

// addressOf is a device's own address.
func addressOf(mac packet.MAC) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 1, 100 + mac[5]}) }

// opens lets a device begin a connection, and shows the packet that begins it.
func (h *house) opens(mac packet.MAC, remote netip.Addr, port uint16, protocol capture.Protocol) *capture.Flow {
	h.port++
	f := &capture.Flow{
		Device: mac, DeviceAddr: addressOf(mac), Remote: remote, Protocol: protocol, DevicePort: h.port, RemotePort: port,
		Port: port, Out: true, First: h.now, Last: h.now,
	}
	if remote.IsPrivate() {
		f.Scope = capture.ScopeLAN
	}
	h.flows = append(h.flows, f)
	p := &packet.Packet{
		Time: h.now, SrcMAC: mac, EtherType: packet.EtherTypeIPv4, Src: f.DeviceAddr, Dst: remote, Proto: uint8(protocol),
		SrcPort: h.port, DstPort: port, TCPFlags: tcpSYN, TCPSeq: uint32(h.port),
	}
	h.d.Packet(p, mac, packet.MAC{})
	h.carries(f, 1, 60, 0, 0)
	return f
}

// carries lets a connection carry packets of that many bytes in all, out and in.
func (h *house) carries(f *capture.Flow, txPackets, tx, rxPackets, rx uint64) {
	if h.offline && f.Scope == capture.ScopeInternet {
		txPackets, tx, rxPackets, rx = min(txPackets, 3), min(tx, 180), 0, 0
	}
	f.Last = h.now.Add(time.Millisecond)
	f.TxPackets += txPackets
	f.TxBytes += tx
	f.RxPackets += rxPackets
	f.RxBytes += rx
	d := h.device(f.Device)
	d.Last = f.Last
	d.TxPackets += txPackets
	d.TxBytes += tx
	d.RxPackets += rxPackets
	d.RxBytes += rx
	if !slices.Contains(h.flows, f) {
		h.flows = append(h.flows, f)
	}
}

// talks is a whole conversation.
func (h *house) talks(mac packet.MAC, remote netip.Addr, port uint16, protocol capture.Protocol, tx, rx uint64) {
	f := h.opens(mac, remote, port, protocol)
	h.carries(f, 3+tx/1400+rx/2800, tx, 3+rx/1400+tx/2800, rx)
	f.Ended = true
}

// host is an address on the internet with a party's name.
func (h *house) host(party string) netip.Addr {
	hash := hashText(party)
	a := netip.AddrFrom4([4]byte{byte(60 + hash%100), byte(hash >> 8), byte(hash >> 16), byte(hash >> 24)})
	h.names[a] = party
	return a
}

// second ends the second that runs.
func (h *house) second() {
	h.now = h.now.Add(time.Second)
	for _, f := range h.flows {
		h.d.Flow(h.now, f)
	}
	h.news = append(h.news, h.d.Tick(h.now, h.devices)...)
	h.flows = slices.DeleteFunc(h.flows, func(f *capture.Flow) bool { return h.now.Sub(f.Last) > 5*time.Second })
}

func (h *house) seconds(n int) {
	for range n {
		h.second()
	}
}

// learns lets a camera do what it always does for as long as habits take.
func (h *house) learns() {
	maker, clock := h.host("cameras.example"), h.host("NTP Pool")
	up := h.opens(camMAC, maker, 443, packet.ProtoTCP)
	for i := range 26 * 60 { // minutes
		h.carries(up, 60, 40_000, 30, 2_000)
		if i%10 == 0 {
			h.talks(camMAC, clock, 123, packet.ProtoUDP, 76, 76)
		}
		h.second()
		h.now = h.now.Add(59 * time.Second)
	}
}

// found are the findings in words.
func (h *house) found() (out []string) {
	for _, f := range h.d.Findings() {
		out = append(out, fmt.Sprintf("%s %s %s: %s", f.Severity, f.Kind, f.Party, f.Text))
	}
	return out
}

// wants fails unless there is exactly one finding and it begins with words.
func (h *house) wants(t *testing.T, words ...string) {
	t.Helper()
	got := h.found()
	if len(got) != len(words) {
		t.Fatalf("found %d, want %d:\n%s", len(got), len(words), strings.Join(got, "\n"))
	}
	for i, w := range words {
		if !strings.Contains(got[i], w) {
			t.Errorf("found\n%s, want in it\n%s", got[i], w)
		}
	}
}
