package stream

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"spinneret/ui"
)

// crowd is a home in lists.
type crowd struct {
	devices []Device
	owners  []Owner
	pairs   []Pair
}

func (c *crowd) view() View {
	return View{Now: noon, Devices: slices.Values(c.devices), Owners: slices.Values(c.owners), Pairs: slices.Values(c.pairs)}
}

// busyHome has 60 devices that reach 3,000 endpoints of 220 parties, about 53 pairs a device.
func busyHome(r *rand.Rand) *crowd {
	const devices, parties, pairs = 60, 220, 3200
	v := &crowd{}
	for id := 1; id <= devices; id++ {
		v.devices = append(v.devices, Device{id, ui.Device{
			MAC: fmt.Sprintf("02:00:00:00:00:%02x", id), Name: fmt.Sprintf("device-%d", id), Online: true,
			Addresses: []string{fmt.Sprintf("192.168.1.%d", 100+id), fmt.Sprintf("fd00:1::%x", id)},
			FirstSeen: ui.At(noon), LastSeen: ui.At(noon), Quarantines: []ui.Quarantine{}, Findings: []ui.Finding{},
		}})
	}
	for id := 1; id <= parties; id++ {
		v.owners = append(v.owners, Owner{id, fmt.Sprintf("party-%d.example", id), "domain"})
	}
	seen := map[[2]int]bool{}
	for len(v.pairs) < pairs {
		key := [2]int{1 + r.IntN(devices), 1 + r.IntN(parties)}
		if !seen[key] {
			seen[key] = true
			v.pairs = append(v.pairs, Pair{Device: key[0], Owner: key[1], Last: noon})
		}
	}
	return v
}

// stir makes it the home a tenth of a second later: one pair in fifty and a third of the devices carry something else.
func (v *crowd) stir(r *rand.Rand) {
	now := time.Now()
	for range len(v.pairs) / 50 {
		p := &v.pairs[r.IntN(len(v.pairs))]
		p.TxRate, p.RxRate, p.Last = r.Int64N(100_000), r.Int64N(3_000_000), now
	}
	for range len(v.devices) / 3 {
		d := &v.devices[r.IntN(len(v.devices))]
		d.TxRate, d.RxRate, d.LastSeen = r.Int64N(1_000_000), r.Int64N(9_000_000), ui.At(now)
		d.RxBytes, d.TxBytes = d.RxBytes+uint64(d.RxRate/10), d.TxBytes+uint64(d.TxRate/10)
		d.RxPackets, d.TxPackets = d.RxPackets+100, d.TxPackets+50
	}
}

// TestABusyHomeFitsTheWire in a minute of ten updates a second, the snapshot included.
func TestABusyHomeFitsTheWire(t *testing.T) {
	const updates, budget = 600, 60_000 // bytes a second
	inBubble(t, nil, func(b *bench) {
		r := rand.New(rand.NewPCG(1, 1))
		v := busyHome(r)
		b.publish(v.view())
		c := b.connect()
		first := len(c.want("hello")) + len(c.want("snap"))
		sumC := make(chan int)
		go func() {
			sum := 0
			for {
				_, data, err := c.conn.ReadMessage()
				if err != nil {
					sumC <- sum
					return
				}
				sum += len(data)
			}
		}()
		for range updates {
			time.Sleep(100 * time.Millisecond)
			v.stir(r)
			b.publish(v.view())
		}
		b.stop()
		sum := <-sumC
		rate := (first + sum) * 10 / updates
		t.Logf("%d bytes at first, then %d bytes/s; %d in the mean", first, sum*10/updates, rate)
		if rate > budget || sum == 0 {
			t.Errorf("%d bytes a second, budget %d", rate, budget)
		}
	})
}
