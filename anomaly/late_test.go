package anomaly

import (
	"net/netip"
	"testing"
	"time"

	"spinneret/capture"
	"spinneret/capture/packet"
)

// Conntrack is asked less often where it holds much: who was not answered is known only then.
func TestAnAnswerIsWaitedForUntilItCanBeKnown(t *testing.T) {
	for name, c := range map[string]struct {
		told, answered bool
		found          int
	}{
		"who is answered scans nothing":         {told: true, answered: true, found: 0},
		"who is not answered does":              {told: true, answered: false, found: 1},
		"nobody tells that it is asked so late": {told: false, answered: true, found: 1},
	} {
		t.Run(name, func(t *testing.T) {
			const every, perSecond = 8, 2
			h := newHouse()
			var waiting []*capture.Flow
			for i := range 5 * every {
				if i%every == 0 {
					for _, f := range waiting {
						answers := uint64(0)
						if c.answered {
							answers = 5
						}
						h.carries(f, 2, 120, answers, 1000*answers)
					}
					waiting = nil
				}
				for j := range perSecond {
					to := netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i*perSecond + j)})
					waiting = append(waiting, h.opens(laptopMAC, to, 8081, packet.ProtoTCP))
				}
				if c.told {
					h.d.Late(time.Duration(i%every) * time.Second)
				}
				h.second()
			}
			if found := h.found(); len(found) != c.found {
				t.Errorf("found %q, want %d", found, c.found)
			}
		})
	}
}
