package account

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/openwrt/lab"
)

// tally is what the internet's side saw of one device, in IP bytes.
type tally struct{ sent, received capture.Volume }

// path is where one device talks to: a server of its own, so that the far side can tell devices apart behind NAT.
type path struct {
	device *lab.Device
	server netip.AddrPort
	header int // of IP and UDP
	far    *net.UDPConn
	saw    tally
}

func (s *scene) paths(t *testing.T) (out []*path) {
	t.Helper()
	for i, d := range s.devices()[:len(s.devices())-1] {
		p := &path{device: d, server: netip.MustParseAddrPort(fmt.Sprintf("198.51.100.%d:700", 101+i)), header: 28}
		if i%2 == 1 {
			p.server, p.header = netip.MustParseAddrPort(fmt.Sprintf("[2001:db8:100::%d]:700", 101+i)), 48
		}
		err := s.home.Internet().Do(func() (err error) {
			p.far, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(p.server))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.far.Close() })
		out = append(out, p)
	}
	return out
}

// talk makes flows of 1 to 5 datagrams, each of its own size, and has every second answered.
func (p *path) talk(from, flows int) error {
	return p.device.NS.Do(func() error {
		for i := from; i < from+flows; i++ {
			if err := p.flow(i); err != nil {
				return fmt.Errorf("flow %d: %w", i, err)
			}
		}
		return nil
	})
}

func (p *path) flow(i int) error {
	c, err := net.DialUDP("udp", &net.UDPAddr{Port: 10000 + i}, net.UDPAddrFromAddrPort(p.server))
	if err != nil {
		return err
	}
	defer c.Close()
	buf := make([]byte, 2000)
	deadline := time.Now().Add(10 * time.Second)
	if err := errorOf(c.SetDeadline(deadline), p.far.SetDeadline(deadline)); err != nil {
		return err
	}
	for n := range 1 + i%5 {
		if _, err := c.Write(buf[:1+(i*7+n)%1200]); err != nil {
			return err
		}
		size, from, err := p.far.ReadFromUDPAddrPort(buf)
		if err != nil {
			return err
		}
		p.saw.sent = plus(p.saw.sent, size+p.header)
		if n%2 == 0 {
			continue
		}
		if _, err := p.far.WriteToUDPAddrPort(buf[:size/2], from); err != nil {
			return err
		}
		if size, err = c.Read(buf); err != nil {
			return err
		}
		p.saw.received = plus(p.saw.received, size+p.header)
	}
	return nil
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func plus(v capture.Volume, bytes int) capture.Volume {
	return capture.Volume{Packets: v.Packets + 1, Bytes: v.Bytes + uint64(bytes)}
}

// counted is what the table says of a device.
func (s *scene) counted(d *lab.Device) (out tally) {
	for _, known := range s.table.AppendDevices(nil) {
		if known.MAC.String() == d.MAC {
			out.sent = capture.Volume{Packets: known.TxPackets, Bytes: known.TxBytes}
			out.received = capture.Volume{Packets: known.RxPackets, Bytes: known.RxBytes}
		}
	}
	return out
}

func (t tally) minus(o tally) tally {
	sub := func(a, b capture.Volume) capture.Volume {
		return capture.Volume{Packets: a.Packets - b.Packets, Bytes: a.Bytes - b.Bytes}
	}
	return tally{sub(t.sent, o.sent), sub(t.received, o.received)}
}

func TestTenThousandShortFlowsAreCountedToTheByte(t *testing.T) {
	const devices, rounds, flows = 4, 10, 250 // 10,000 flows
	s := newScene(t, devices)
	s.run(t, s.home.Router(), "", "conntrack", "-F") // what began before there were events would end unheard
	s.start(t)
	paths, lost := s.paths(t), s.accountant.Losses()
	before := make([]tally, devices)
	for i, p := range paths {
		before[i] = s.counted(p.device)
	}
	for round := range rounds {
		for _, p := range paths {
			if err := p.talk(round*flows, flows); err != nil {
				t.Fatalf("%s: %v", p.device.Name, err)
			}
		}
		s.run(t, s.home.Router(), "", "conntrack", "-F") // they end before a dump sees them
	}
	for i, p := range paths {
		count := func() tally { return s.counted(p.device).minus(before[i]) }
		deadline := time.Now().Add(time.Minute)
		for count() != p.saw && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
		}
		if got := count(); got != p.saw {
			t.Errorf("%s: counted %+v, the far side saw %+v", p.device.Name, got, p.saw)
		}
	}
	s.checkFlows(t, paths, rounds*flows)
	if now := s.accountant.Losses(); !slices.Equal(now, lost) {
		t.Errorf("lost %+v, before %+v", now, lost)
	}
}

// checkFlows wants every flow once, known by its frame, ended, and with the outside that the far side saw.
func (s *scene) checkFlows(t *testing.T, paths []*path, want int) {
	t.Helper()
	eventually(t, "the last frames are read", func() bool {
		return len(s.table.AppendFlows(nil, func(f *capture.Flow) bool { return f.DeviceMAC != capture.MACFrame && f.RemotePort == 700 })) == 0
	})
	all := s.table.AppendFinished(s.table.AppendFlows(nil, nil))
	for _, p := range paths {
		n, packets := 0, uint64(0)
		for _, f := range all {
			if f.Remote != p.server.Addr() {
				continue
			}
			n++
			packets += f.TxPackets
			if f.Device.String() != p.device.MAC || f.DeviceMAC != capture.MACFrame || !f.Ended || !f.Out || !f.Outside.IsValid() {
				t.Fatalf("flow %+v", f)
			}
		}
		if n != want || packets != p.saw.sent.Packets {
			t.Errorf("%s: %d flows with %d packets, want %d with %d", p.device.Name, n, packets, want, p.saw.sent.Packets)
		}
	}
}
