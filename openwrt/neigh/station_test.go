package neigh

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// fdb is a notice of a forwarding database: mac at the port, on a bridge where that is not 0.
func fdb(typ netlink.HeaderType, mac [6]byte, port, bridge uint32, state uint16, flags byte) netlink.Message {
	h := make([]byte, sizeNd)
	h[0], h[10] = unix.AF_BRIDGE, flags
	binary.NativeEndian.PutUint32(h[4:], port)
	binary.NativeEndian.PutUint16(h[8:], state)
	return message(typ, h, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NDA_LLADDR, mac[:])
		if bridge != 0 {
			ae.Uint32(unix.NDA_MASTER, bridge)
		}
	})
}

func seen(mac [6]byte, port uint32) netlink.Message {
	return fdb(unix.RTM_NEWNEIGH, mac, port, 3, unix.NUD_REACHABLE, 0)
}

func TestStationsAreWhatABridgeLearned(t *testing.T) {
	const reachable, chip = unix.NUD_REACHABLE, unix.NTF_SELF
	tests := map[string]struct {
		messages []netlink.Message
		want     []Station
	}{
		"learned":             {[]netlink.Message{seen(deviceMAC, 4)}, []Station{{deviceMAC, 4, 3}}},
		"not heard for long":  {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 4, 3, unix.NUD_STALE, 0)}, []Station{{deviceMAC, 4, 3}}},
		"in two VLANs":        {[]netlink.Message{seen(deviceMAC, 4), seen(deviceMAC, 4)}, []Station{{deviceMAC, 4, 3}}},
		"at two ports":        {[]netlink.Message{seen(deviceMAC, 5), seen(deviceMAC, 4)}, []Station{{deviceMAC, 4, 3}, {deviceMAC, 5, 3}}},
		"a port's own":        {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, portMAC, 4, 3, unix.NUD_PERMANENT, 0)}, nil},
		"written in":          {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 4, 3, unix.NUD_NOARP, 0)}, nil},
		"at the bridge":       {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 3, 3, reachable, 0)}, nil},
		"a group":             {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, [6]byte{1, 0, 0x5e}, 4, 3, reachable, 0)}, nil},
		"known to a chip":     {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 4, 0, reachable, chip)}, []Station{{deviceMAC, 4, 3}}},
		"a chip that lags":    {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 5, 0, reachable, chip), seen(deviceMAC, 4)}, []Station{{deviceMAC, 4, 3}}},
		"a chip's own uplink": {[]netlink.Message{fdb(unix.RTM_NEWNEIGH, deviceMAC, 2, 0, reachable, chip)}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := Snapshot{Links: router().Links}
			for _, m := range test.messages {
				if err := s.process(m); err != nil {
					t.Fatal(err)
				}
			}
			s.settleStations()
			s.sort()
			if !slices.Equal(s.Stations, test.want) || len(s.Neighbours) != 0 {
				t.Errorf("stations %v and neighbours %v, want %v and none", s.Stations, s.Neighbours, test.want)
			}
		})
	}
}

func madeUp(n int) [6]byte { return [6]byte{6, 0, 0, byte(n >> 16), byte(n >> 8), byte(n)} }

func TestAPortFullOfMadeUpMACsLeavesRoomForTheOthers(t *testing.T) {
	var s Snapshot
	for i := range 3 * maxPortStations {
		if err := s.process(seen(madeUp(i), 4)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.process(seen(deviceMAC, 5)); err != nil {
		t.Fatal(err)
	}
	s.settleStations()
	s.sort()
	if len(s.Stations) != maxPortStations+1 || s.Skipped != 2*maxPortStations || s.Stations[0].MAC != deviceMAC {
		t.Errorf("%d stations, %d skipped, first %v", len(s.Stations), s.Skipped, s.Stations[0])
	}
}

func TestStationsAreBounded(t *testing.T) {
	var s Snapshot
	for i := range maxStations + 5 {
		if err := s.process(seen(madeUp(i), uint32(4+i%8))); err != nil {
			t.Fatal(err)
		}
	}
	s.settleStations()
	if len(s.Stations) != maxStations || s.Skipped != 5 {
		t.Errorf("%d stations, %d skipped; want %d and 5", len(s.Stations), s.Skipped, maxStations)
	}
}

func gone(mac [6]byte, port uint32) netlink.Message {
	return fdb(unix.RTM_DELNEIGH, mac, port, 3, unix.NUD_STALE, 0)
}

func TestMoves(t *testing.T) {
	other := madeUp(1)
	tests := map[string]struct {
		notices []netlink.Message
		want    string
	}{
		"stays":                  {[]netlink.Message{seen(deviceMAC, 4), seen(deviceMAC, 4)}, "[]"},
		"walks":                  {[]netlink.Message{seen(deviceMAC, 4), seen(deviceMAC, 5)}, "[1: 4 to 5]"},
		"there and back":         {[]netlink.Message{seen(deviceMAC, 4), seen(deviceMAC, 5), seen(deviceMAC, 4)}, "[1: 4 to 5 2: 5 to 4]"},
		"plugged in elsewhere":   {[]netlink.Message{seen(deviceMAC, 4), gone(deviceMAC, 4), seen(deviceMAC, 5)}, "[]"},
		"late news of its old":   {[]netlink.Message{seen(deviceMAC, 4), seen(deviceMAC, 5), gone(deviceMAC, 4), seen(deviceMAC, 4)}, "[1: 4 to 5 2: 5 to 4]"},
		"two of them":            {[]netlink.Message{seen(deviceMAC, 4), seen(other, 5)}, "[]"},
		"one on another bridge":  {[]netlink.Message{seen(deviceMAC, 4), fdb(unix.RTM_NEWNEIGH, deviceMAC, 8, 7, unix.NUD_REACHABLE, 0)}, "[]"},
		"what a chip says":       {[]netlink.Message{seen(deviceMAC, 4), fdb(unix.RTM_NEWNEIGH, deviceMAC, 5, 0, unix.NUD_REACHABLE, unix.NTF_SELF)}, "[]"},
		"what nobody can read":   {[]netlink.Message{seen(deviceMAC, 4), {Header: netlink.Header{Type: unix.RTM_NEWNEIGH}, Data: []byte{unix.AF_BRIDGE}}}, "[]"},
		"neighbours of IPv4":     {[]netlink.Message{seen(deviceMAC, 4), neighbour(unix.NUD_REACHABLE, deviceMAC[:])}, "[]"},
		"an answer of no family": {[]netlink.Message{{Header: netlink.Header{Type: netlink.Done}}}, "[]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newMover()
			for _, n := range test.notices {
				m.notice(n)
			}
			m.behind = false
			var s Snapshot
			m.complete(&s, m.begin())
			if got := fmt.Sprint(moveTexts(s.Moves)); got != test.want {
				t.Errorf("moves %s, want %s", got, test.want)
			}
		})
	}
}

func moveTexts(moves []Move) (texts []string) {
	for _, m := range moves {
		texts = append(texts, fmt.Sprintf("%d: %d to %d", m.Seq, m.From, m.To))
	}
	return texts
}

func TestOnlyTheLatestMovesAreKept(t *testing.T) {
	m := newMover()
	for i := range maxMoves + 11 { // the first is no move
		m.notice(seen(deviceMAC, uint32(4+i%2)))
	}
	var s Snapshot
	m.complete(&s, m.begin())
	if len(s.Moves) != maxMoves || s.Moves[0].Seq != 11 || s.Moves[maxMoves-1].Seq != maxMoves+10 {
		t.Errorf("%d moves, %d to %d", len(s.Moves), s.Moves[0].Seq, s.Moves[len(s.Moves)-1].Seq)
	}
	before := slices.Clone(s.Moves)
	m.notice(seen(deviceMAC, 9))
	if !slices.Equal(before, s.Moves) {
		t.Error("moves that were handed over changed")
	}
}

func TestAfterLostNoticesTheStationsTellWhatMoved(t *testing.T) {
	m := newMover()
	stays, moves, leaves := madeUp(1), madeUp(2), madeUp(3)
	first := Snapshot{Stations: []Station{{stays, 4, 3}, {moves, 4, 3}, {leaves, 4, 3}}}
	m.complete(&first, m.begin())
	if len(first.Moves) != 0 {
		t.Fatalf("moves %v at start", first.Moves)
	}
	m.lost() // and goes on until the queue was empty, however often somebody reads meanwhile
	m.complete(&Snapshot{Stations: first.Stations}, m.begin())
	m.hears()
	m.failed(m.begin())
	second := Snapshot{Stations: []Station{{stays, 4, 3}, {moves, 5, 3}}}
	m.complete(&second, m.begin())
	if got := fmt.Sprint(second.Moves); got != fmt.Sprint([]Move{{1, moves, 4, 5}}) || second.MissedNotices != 1 {
		t.Errorf("moves %s with %d lost, want that of %v", got, second.MissedNotices, moves)
	}
	m.notice(seen(leaves, 5))
	third := Snapshot{Stations: []Station{{stays, 5, 3}}} // no notice was lost: only notices count
	m.complete(&third, m.begin())
	if len(third.Moves) != 1 {
		t.Errorf("moves %v: one that left came back elsewhere", third.Moves)
	}
}

func TestMadeUpMACsDoNotHideMovesOfOthers(t *testing.T) {
	m := newMover()
	m.notice(seen(deviceMAC, 5))
	for i := range 2 * maxStations {
		m.notice(seen(madeUp(i), 4))
	}
	m.notice(seen(deviceMAC, 4))
	if len(m.moves) != 1 || len(m.at) > maxPortStations+1 {
		t.Errorf("%d moves, %d remembered", len(m.moves), len(m.at))
	}
	m.notice(seen(madeUp(0), 6))
	m.notice(seen(deviceMAC, 5))
	if m.perPort[4] != maxPortStations-1 || len(m.moves) != 3 {
		t.Errorf("%d at port 4 after two left, want room for one; %d moves", m.perPort[4], len(m.moves))
	}
}
