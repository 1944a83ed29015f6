package neigh

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// The most stations that a Snapshot holds, in all and behind one port: a device that makes up MACs takes room from
// those behind its own port only.
const (
	maxStations     = 4096
	maxPortStations = 1024
)

// learned are the states of entries that a bridge found out by itself. Those that somebody wrote in, the bridge's
// own MACs first of all, are permanent or noarp.
const learned = unix.NUD_REACHABLE | unix.NUD_STALE | unix.NUD_DELAY | unix.NUD_PROBE

// Station is one MAC that a bridge saw sending, and where. A bridge forgets it after 300 s of silence.
type Station struct {
	MAC    [6]byte
	Port   int32 // interface index of the bridge's port
	Bridge int32 // interface index of the bridge
}

// entry is one line of a forwarding database: of a bridge, or of a switch chip under one of its ports (NTF_SELF),
// which names no bridge.
type entry struct {
	Station
	chip bool
}

// database is what a dump of all forwarding databases told so far.
type database struct {
	entries []entry
	perPort map[int32]int
}

// station adds an entry of a forwarding database.
func (s *Snapshot) station(b []byte) error {
	e, ok, err := parseEntry(b)
	if err != nil || !ok {
		return err
	}
	if s.database.perPort == nil {
		s.database.perPort = map[int32]int{}
	}
	if s.database.perPort[e.Port] >= maxPortStations {
		s.Skipped++
		return nil
	}
	s.database.perPort[e.Port]++
	add(s, &s.database.entries, maxStations, e)
	return nil
}

// parseEntry reads one message of AF_BRIDGE; ok is false where it is no learned entry of a unicast MAC.
func parseEntry(b []byte) (e entry, ok bool, err error) {
	ad, err := attributes("station", b, sizeNd)
	if err != nil {
		return entry{}, false, err
	}
	e.Port = int32(binary.NativeEndian.Uint32(b[4:]))
	e.chip = b[10]&unix.NTF_SELF != 0
	for ad.Next() {
		switch ad.Type() {
		case unix.NDA_LLADDR:
			e.MAC = mac(ad.Bytes())
		case unix.NDA_MASTER:
			e.Bridge = int32(ad.Uint32())
		}
	}
	if err := ad.Err(); err != nil {
		return entry{}, false, fmt.Errorf("decode station: %w", err)
	}
	isLearned := binary.NativeEndian.Uint16(b[8:])&learned != 0
	return e, isLearned && isUnicast(e.MAC) && e.Port != e.Bridge, nil
}

// settleStations makes the stations of what the dump told. What a bridge knows comes before what the switch chip
// under it says, which may be behind; a chip that is under no bridge has no stations of the home.
func (s *Snapshot) settleStations() {
	master := make(map[int32]int32, len(s.Links))
	for _, l := range s.Links {
		master[l.Index] = l.Master
	}
	known := map[standing]bool{}
	for _, e := range s.database.entries {
		if !e.chip && e.Bridge != 0 {
			known[standing{e.MAC, e.Bridge}] = true
			s.Stations = append(s.Stations, e.Station)
		}
	}
	for _, e := range s.database.entries {
		e.Bridge = cmp.Or(e.Bridge, master[e.Port])
		if e.chip && e.Bridge != 0 && !known[standing{e.MAC, e.Bridge}] {
			s.Stations = append(s.Stations, e.Station)
		}
	}
	s.database = database{}
}

func compareStations(a, b Station) int {
	return cmp.Or(bytes.Compare(a.MAC[:], b.MAC[:]), cmp.Compare(a.Bridge, b.Bridge), cmp.Compare(a.Port, b.Port))
}

// isBridged reports whether a message is about a forwarding database.
func isBridged(m netlink.Message) bool { return len(m.Data) > 0 && m.Data[0] == unix.AF_BRIDGE }
