package agent

import (
	"context"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/tap"
)

const (
	// awakeEvery and awakeFor bound how long answers are held for nobody where the agent dies: then DNS passes again.
	awakeEvery = 3 * time.Second
	awakeFor   = 5 * time.Second
)

// posts are how answers that the firewall held for us go on to their devices.
type posts struct {
	sender   *tap.Sender                               // nil: nothing is held
	stations atomic.Pointer[map[netip.Addr]packet.MAC] // to which the kernel would send what is for the devices
	listens  atomic.Bool                               // to what is held
	unsent   atomic.Uint64
}

// parcel is an answer as it goes on.
type parcel struct {
	datagram []byte
	link     int32
	to       packet.MAC
}

// hearHeld hears the answers that the firewall took out, and has them sent on.
func (l *learner) hearHeld(ctx context.Context, src capture.Source, table *capture.Table, observers ...capture.Observer) error {
	l.listens.Store(true)
	defer l.listens.Store(false)
	return capture.Run(ctx, src, table, append(slices.Clone(observers), l.hold)...)
}

// hold takes an answer that the firewall took out, after all that listen heard it.
func (l *learner) hold(p *packet.Packet, _, to packet.MAC) {
	if stations := l.stations.Load(); stations != nil {
		if mac, ok := (*stations)[p.Dst]; ok {
			to = mac
		}
	}
	held := &parcel{tap.Datagram(p), p.Out, to}
	if held.datagram == nil || to.IsZero() {
		l.unsent.Add(1)
		return
	}
	select {
	case l.itemC <- item{held: held}:
	default:
		l.sendOn(held) // too early is better than never
	}
}

func (l *learner) sendOn(p *parcel) {
	if l.sender == nil || l.sender.Send(p.datagram, p.link, p.to) != nil {
		l.unsent.Add(1)
	}
}

// stayAwake lets the firewall hold answers for some seconds more.
func (l *learner) stayAwake(ctx context.Context) {
	if l.sender == nil || !l.active.Load() || !l.listens.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, learnDeadline)
	defer cancel()
	if err := l.kernel.Awake(ctx, awakeFor); err != nil {
		l.complain(ctx, err)
	}
}

// sleep lets answers pass from now on.
func (l *learner) sleep(ctx context.Context) {
	if l.sender == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, learnDeadline)
	defer cancel()
	if err := l.kernel.Awake(ctx, 0); err != nil {
		l.complain(ctx, err)
	}
	for len(l.itemC) > 0 {
		if i := <-l.itemC; i.held != nil {
			l.sendOn(i.held)
		}
	}
	if err := l.sender.Close(); err != nil {
		l.complain(ctx, err)
	}
}

// knowStations tells where answers to the devices that are held to a description go: to whom the kernel would send them,
// as far as it knows. What a device sends from is no word on that: it may be another's address.
func (h *home) knowStations() {
	if h.learner == nil || len(h.bound) == 0 {
		return
	}
	stations := map[netip.Addr]packet.MAC{}
	for _, p := range h.bound {
		for _, a := range p.Addresses {
			stations[a] = p.MAC
		}
	}
	for _, n := range h.net.Neighbours {
		if _, ok := stations[n.Addr]; ok {
			stations[n.Addr] = n.MAC
		}
	}
	h.learner.stations.Store(&stations)
}
