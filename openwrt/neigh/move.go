package neigh

import (
	"slices"
	"sync"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// maxMoves is how many moves a Snapshot remembers, the latest.
const maxMoves = 256

// Move is a MAC that went from one port of a bridge to another without the bridge having forgotten it in between:
// a device that walked from one radio to the next, or one that sends under another's MAC.
type Move struct {
	Seq      uint64 // counts the moves of one Watch, from 1
	MAC      [6]byte
	From, To int32 // interface indexes of the ports
}

// mover follows every notice of the forwarding database, as a MAC may move and move back between two snapshots.
type mover struct {
	mu      sync.Mutex
	at      map[standing]int32 // port
	perPort map[int32]int
	moves   []Move
	seq     uint64
	behind  bool // the map lacks what the kernel knows: at start, and after lost notices
	deaf    bool // notices are being lost
	missed  uint64
}

// standing is a MAC on a bridge.
type standing struct {
	mac    [6]byte
	bridge int32
}

func newMover() *mover {
	return &mover{at: map[standing]int32{}, perPort: map[int32]int{}, behind: true}
}

// notice takes one message; what cannot be read is passed over, as the next snapshot tells the state anyway.
func (m *mover) notice(msg netlink.Message) {
	if !isBridged(msg) {
		return
	}
	e, ok, err := parseEntry(msg.Data)
	if err != nil || !ok || e.chip || e.Bridge == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch msg.Header.Type {
	case unix.RTM_NEWNEIGH:
		m.seenLocked(e.Station)
	case unix.RTM_DELNEIGH:
		m.goneLocked(e.Station)
	}
}

func (m *mover) seenLocked(st Station) {
	k := standing{st.MAC, st.Bridge}
	was, known := m.at[k]
	switch {
	case known && was == st.Port:
		return
	case known:
		m.seq++
		if len(m.moves) == maxMoves {
			m.moves = slices.Delete(m.moves, 0, 1)
		}
		m.moves = append(m.moves, Move{m.seq, st.MAC, was, st.Port})
		m.leaveLocked(was)
	case len(m.at) >= maxStations || m.perPort[st.Port] >= maxPortStations:
		return
	}
	m.at[k] = st.Port
	m.perPort[st.Port]++
}

func (m *mover) goneLocked(st Station) {
	k := standing{st.MAC, st.Bridge}
	if port, known := m.at[k]; known && port == st.Port {
		delete(m.at, k)
		m.leaveLocked(port)
	}
}

func (m *mover) leaveLocked(port int32) {
	if m.perPort[port]--; m.perPort[port] == 0 {
		delete(m.perPort, port)
	}
}

// lost says that the kernel has more notices than there is room for, and drops them until hears.
func (m *mover) lost() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.behind, m.deaf = true, true
	m.missed++
}

// hears says that no notice will be lost from now on.
func (m *mover) hears() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deaf = false
}

// begin says, before a snapshot is read, whether notices were lost that it has to stand in for.
func (m *mover) begin() (behind bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	behind, m.behind = m.behind, m.deaf
	return behind
}

// failed says that there is no snapshot.
func (m *mover) failed(behind bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.behind = m.behind || behind
}

// complete gives a snapshot the moves so far, and where notices were lost before it finds in it what moved meanwhile.
func (m *mover) complete(s *Snapshot, behind bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if behind {
		m.catchUpLocked(s.Stations, s.Skipped == 0)
	}
	s.Moves, s.MissedNotices = slices.Clone(m.moves), m.missed
}

// catchUpLocked takes the stations for what the notices would have said. What is not among them is gone, if they
// are all.
func (m *mover) catchUpLocked(stations []Station, all bool) {
	present := make(map[standing]bool, len(stations))
	for _, st := range stations {
		k := standing{st.MAC, st.Bridge}
		if !present[k] { // in several VLANs it may be at two ports, which is no move
			m.seenLocked(st)
		}
		present[k] = true
	}
	for k, port := range m.at {
		if all && !present[k] {
			delete(m.at, k)
			m.leaveLocked(port)
		}
	}
}
