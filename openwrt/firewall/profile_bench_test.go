package firewall

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"spinneret/mud"
	"spinneret/openwrt/lab/expect"
)

// realFiles are the real MUD files, the largest policy first.
func realFiles(t testing.TB) (files [][]byte) {
	t.Helper()
	rules := map[string]int{}
	paths, err := filepath.Glob(expect.ThirdParty(t, "mud", "barmey__IoT_mud_files_locations", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := mud.Parse(data); f != nil {
			files = append(files, data)
			rules[string(data)] = len(f.Compile(false).From) + len(f.Compile(false).To)
		}
	}
	slices.SortStableFunc(files, func(a, b []byte) int { return rules[string(b)] - rules[string(a)] })
	if len(files) < 60 {
		t.Fatalf("only %d files", len(files))
	}
	return files
}

// manyProfiles holds 60 devices to the largest real files, each of whose names has four addresses of each family.
func manyProfiles(t testing.TB) State {
	s := State{LAN: []LAN{home}, WAN: []string{"wan"}, Log: Log{Mud: 13}}
	for i, data := range realFiles(t)[:60] {
		s.Profiles = append(s.Profiles, realProfile(data, byte(i)))
	}
	return s
}

func realProfile(data []byte, i byte) Profile {
	f, _ := mud.Parse(data)
	p := profiled(f.Compile(false), Enforce)
	p.MAC, p.Addresses = [6]byte{2, 0, 0, 0, 9, i}, []netip.Addr{netip.AddrFrom4([4]byte{192, 168, 1, 100 + i})}
	for n, e := range p.endpoints() {
		if e.Kind == mud.Name {
			for a := range byte(4) {
				p.Sets[e] = Party{Prefixes: append(p.Sets[e].Prefixes, members(
					fmt.Sprintf("203.0.%d.%d", n, a), fmt.Sprintf("2001:db8:%x::%x", n, a)).Prefixes...)}
			}
		}
	}
	return p
}

// BenchmarkCompileAndApply is the time from the octets of the largest real file to its rules in force.
func BenchmarkCompileAndApply(b *testing.B) {
	data := realFiles(b)[0]
	f, err := Open(Options{NetNS: newNS(b).FD()})
	if err != nil {
		b.Fatal(err)
	}
	free := State{LAN: []LAN{home}, WAN: []string{"wan"}, Log: logged}
	for b.Loop() {
		s := free
		s.Profiles = []Profile{realProfile(data, 1)}
		if err := f.Apply(b.Context(), s); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := f.Apply(b.Context(), free); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkManyProfiles are 60 devices with real files: all anew, then what goes on every day.
func BenchmarkManyProfiles(b *testing.B) {
	s := manyProfiles(b)
	f, err := Open(Options{NetNS: newNS(b).FD()})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("all anew", func(b *testing.B) {
		for b.Loop() {
			if err := f.Apply(b.Context(), s); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := f.Remove(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	if err := f.Apply(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			if err := f.Apply(b.Context(), s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("counters", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.Profiles(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	name := ""
	for n := range f.named {
		name = n
	}
	b.Run("an address learned", func(b *testing.B) {
		a := netip.MustParseAddr("198.18.0.0")
		for b.Loop() {
			a = a.Next()
			if err := f.Learn(b.Context(), name, []Address{{a, time.Hour}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("an address refreshed", func(b *testing.B) {
		last := time.Hour
		for b.Loop() {
			last += last / 8
			if err := f.Learn(b.Context(), name, []Address{{netip.MustParseAddr("198.19.0.1"), min(last, maxFor)}}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
