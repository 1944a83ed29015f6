package capture

import (
	"testing"
)

// TestFlowsComeInPieces: whatever the room, each flow comes once, and who has enough stops.
func TestFlowsComeInPieces(t *testing.T) {
	const flows = 10
	for _, room := range []int{1, 3, flows, 64} {
		table := tableOf(logHome())
		for port := range uint16(flows) {
			table.Add(udp(camAddr, 1000+port, server, 2, via(lanIndex, wanIndex, cam)))
		}
		seen := map[uint16]int{}
		for f := range table.Flows(make([]Flow, 0, room)) {
			seen[f.DevicePort]++
		}
		if len(seen) != flows || seen[1000] != 1 {
			t.Errorf("with room for %d: %v, want each of %d flows once", room, seen, flows)
		}
		taken := 0
		for range table.Flows(make([]Flow, 0, room)) {
			taken++
			break
		}
		if taken != 1 {
			t.Errorf("with room for %d: %d flows, want no more than wanted", room, taken)
		}
	}
}
