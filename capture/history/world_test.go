package history

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// random is a flow out of a small world, so that questions have answers.
func random(r *rand.Rand, i int) Flow {
	f := upload()
	f.Device = packet.MAC{2, 0, 0, 0, 0, byte(r.IntN(5))}
	f.Remote = netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(30))})
	if r.IntN(4) == 0 {
		f.Peer = packet.MAC{2, 0, 0, 0, 0, byte(r.IntN(5))}
		f.Remote = netip.AddrFrom16([16]byte{0xfd, 15: byte(r.IntN(30))})
	}
	f.Protocol = []capture.Protocol{1, 6, 17, capture.NoIP | 0x88b5}[r.IntN(4)]
	f.DevicePort, f.RemotePort = uint16(r.IntN(5)), uint16(r.IntN(5))
	f.Port = []uint16{f.DevicePort, f.RemotePort}[r.IntN(2)]
	if f.Protocol&capture.NoIP != 0 {
		f.DevicePort, f.RemotePort, f.Port = 0, 0, 0
	}
	if f.Protocol.IsICMP() {
		f.DevicePort, f.RemotePort, f.Port, f.ICMP = 0, 0, 0, capture.ICMPOf(uint8(r.IntN(20)))
	}
	f.Outside = netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(r.IntN(3))}), uint16(r.IntN(5)))
	f.RxBytes, f.TxBytes = uint64(r.IntN(10000)), uint64(r.IntN(10000))
	f.First = start.Add(time.Duration(i)*time.Second + time.Duration(r.IntN(1000))*time.Millisecond)
	f.Last = f.First.Add(time.Duration(r.IntN(600_000)) * time.Millisecond)
	f.Name = fmt.Sprintf("host%d.example.net", r.IntN(50))
	f.Sure = r.IntN(3) > 0
	return f
}

func randomQuery(r *rand.Rand) (q Query) {
	maybe := func() bool { return r.IntN(3) == 0 }
	if maybe() {
		q.Device = packet.MAC{2, 0, 0, 0, 0, byte(r.IntN(6))}
	}
	if maybe() {
		q.From = start.Add(time.Duration(r.IntN(3000)) * time.Second)
	}
	if maybe() {
		q.To = start.Add(time.Duration(r.IntN(3000)) * time.Second)
	}
	if maybe() {
		q.Remote = netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(r.IntN(30))}), 24+r.IntN(9)).Masked()
	}
	if maybe() {
		q.Port = uint16(r.IntN(5))
	}
	if maybe() {
		q.Protocol = []capture.Protocol{6, 17, capture.NoIP | 0x88b5}[r.IntN(3)]
	}
	if maybe() {
		q.Outside = netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(r.IntN(4))}), uint16(r.IntN(5)))
	}
	q.Limit = []int{0, 1, 7, 50}[r.IntN(4)]
	return q
}

// scan is Find without any cleverness.
func scan(flows []Flow, q Query) (out []Flow) {
	for _, f := range flows {
		if (q.Device.IsZero() || f.Device == q.Device || f.Peer == q.Device) &&
			(q.From.IsZero() || !f.Last.Before(q.From)) && (q.To.IsZero() || !f.First.After(q.To)) &&
			(!q.Remote.IsValid() || q.Remote.Contains(f.Remote)) &&
			(q.Port == 0 || f.Port == q.Port || f.RemotePort == q.Port) &&
			(q.Protocol == 0 || f.Protocol == q.Protocol) &&
			(!q.Outside.Addr().IsValid() || f.Outside.Addr() == q.Outside.Addr() &&
				(q.Outside.Port() == 0 || f.Outside.Port() == q.Outside.Port())) {
			out = append(out, f)
		}
	}
	slices.Reverse(out)
	slices.SortStableFunc(out, func(a, b Flow) int { return b.Last.Compare(a.Last) })
	return out
}
