package lab

import (
	"fmt"
	"testing"
)

func TestCountersLoseNothingOnAHealthyHome(t *testing.T) {
	h := quietHome(t, 2)
	a, b, ctx := h.Device("a"), h.Device("b"), t.Context()
	var all []*Counter
	for _, network := range []string{"udp4", "udp6", "tcp4", "tcp6"} {
		out, err := h.CountOut(ctx, a, network)
		if err != nil {
			t.Fatal(err)
		}
		lan, err := h.CountLAN(ctx, b, a, network)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out, lan)
	}
	for i, c := range all {
		eventually(t, fmt.Sprintf("counter %d has 20 packets at both ends", i), func() bool {
			return len(c.Arrived()) >= 20 && c.Returned() >= 20
		})
		if sent, arrived := c.Stop(); sent != arrived {
			t.Errorf("counter %d: %d sent, %d arrived", i, sent, arrived)
		}
		for j, got := range c.Arrived() {
			if got.Seq != uint64(j+1) {
				t.Fatalf("counter %d: arrival %d has number %d", i, j, got.Seq)
			}
		}
	}
}

// cut is the lab's own way to take a device off, to see that the counters see it.
const cut = `table bridge cut {
	chain early {
		type filter hook prerouting priority -300; policy accept;
		ether saddr %s drop
	}
}
`

func TestCountersSeeACutAndItsEnd(t *testing.T) {
	h := quietHome(t, 2)
	a, b, ctx := h.Device("a"), h.Device("b"), t.Context()
	var cutOff, spared []*Counter
	for _, network := range []string{"udp4", "tcp6"} {
		mine, err := h.CountOut(ctx, a, network)
		if err != nil {
			t.Fatal(err)
		}
		other, err := h.CountOut(ctx, b, network)
		if err != nil {
			t.Fatal(err)
		}
		cutOff, spared = append(cutOff, mine), append(spared, other)
	}
	nft := func(text string) {
		t.Helper()
		if err := h.Router().NFT(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "packets flow", func() bool { return cutOff[0].Newest() > 0 && cutOff[1].Newest() > 0 })
	nft(fmt.Sprintf(cut, a.MAC))
	sent := []uint64{cutOff[0].Sent(), cutOff[1].Sent()}
	eventually(t, "50 more were sent", func() bool { return cutOff[0].Sent() > sent[0]+50 })
	for i, c := range cutOff {
		if n := c.Newest(); n > sent[i] {
			t.Errorf("packet %d of counter %d arrived, and the cut came before packet %d", n, i, sent[i])
		}
	}
	nft("delete table bridge cut\n")
	for i, c := range cutOff {
		eventually(t, "packets flow again", func() bool { return c.Newest() > sent[i] })
		c.Stop()
	}
	for i, c := range spared {
		if sent, arrived := c.Stop(); sent != arrived {
			t.Errorf("the other device's counter %d: %d sent, %d arrived", i, sent, arrived)
		}
	}
}
