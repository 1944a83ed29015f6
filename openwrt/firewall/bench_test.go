package firewall

import (
	"fmt"
	"net/netip"
	"testing"
)

// BenchmarkApply is the time of one change: the first quarantine brings the chains, further ones only elements.
func BenchmarkApply(b *testing.B) {
	for _, already := range []int{0, 1, 60} {
		b.Run(fmt.Sprintf("with %d cut off", already), func(b *testing.B) {
			f, err := Open(Options{NetNS: newNS(b).FD()})
			if err != nil {
				b.Fatal(err)
			}
			free := State{LAN: []LAN{home}, Log: logged}
			for i := range already {
				free.Quarantines = append(free.Quarantines, Quarantine{
					ID: fmt.Sprint("q", i), MAC: [6]byte{2, 0, 0, 1, 0, byte(i)}, Level: Full,
				})
			}
			held := free
			held.Quarantines = append(held.Quarantines[:already:already], Quarantine{
				ID: "new", MAC: camera, Level: Full, Lease: netip.MustParseAddr("192.168.1.163"),
				Addresses: []netip.Addr{netip.MustParseAddr("192.168.1.163")},
			})
			if err := f.Apply(b.Context(), free); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := f.Apply(b.Context(), held); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := f.Apply(b.Context(), free); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkCounters is what a look once a second costs.
func BenchmarkCounters(b *testing.B) {
	f, err := Open(Options{NetNS: newNS(b).FD()})
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Apply(b.Context(), State{LAN: []LAN{home}, Log: logged, Quarantines: []Quarantine{{ID: "q", MAC: camera, Level: Full}}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := f.Counters(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
