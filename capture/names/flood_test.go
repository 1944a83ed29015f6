package names

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab/expect"
)

var heap = expect.Heap

// TestAnswersWithThousandsOfRecordsCostNoMore than those with as many as we read, in memory and in what is kept.
func TestAnswersWithThousandsOfRecordsCostNoMore(t *testing.T) {
	many := func(n int) []byte {
		var records []record
		for i := range n {
			records = append(records, record{"many.example", "A", fmt.Sprintf("198.51.%d.%d", i/256, i%256)})
		}
		return answer(t, 1, "many.example", "A", records...)
	}
	few, thousands := many(maxRecords), many(3000)
	cost := func(b []byte) float64 {
		return testing.AllocsPerRun(10, func() {
			if m, err := parse(b); err != nil || len(m.hosts) != maxHosts {
				t.Fatalf("%d hosts, %v", len(m.hosts), err)
			}
		})
	}
	if a, b := cost(few), cost(thousands); b > a {
		t.Errorf("%v allocations for %d records, %v for 3,000", a, maxRecords, b)
	}
}

// TestAFloodOfNamesStaysWithinTheStore: every name that is put in is there, or was counted out.
func TestAFloodOfNamesStaysWithinTheStore(t *testing.T) {
	const devices, perDevice = 50, 2000
	s, before := NewStore(), heap()
	for i := range perDevice {
		for d := range byte(devices) {
			s.Learn(Name{
				Device: packet.MAC{2, 9, 0, 0, 0, d}, Addr: addr(fmt.Sprintf("10.%d.%d.%d", d, i/256, i%256)),
				Name: strings.Repeat("x", 60), Source: DNS, At: start,
			})
		}
	}
	used := s.Stores()[0]
	if used.Used != used.Limit || used.Used+int(used.Evicted) != devices*perDevice {
		t.Errorf("%+v of %d", used, devices*perDevice)
	}
	// 3 MB are what DefaultLimits promise; Go's maps and the allocator keep some more.
	if grown := int64(heap()) - int64(before); grown > 6<<20 {
		t.Errorf("the store takes %d kB", grown>>10)
	}
	runtime.KeepAlive(s)
}
