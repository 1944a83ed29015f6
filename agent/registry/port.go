package registry

import (
	"time"

	"spinneret/capture/packet"
)

// contestedFor is how long after the last time a MAC was on two ports it counts as contested.
const contestedFor = 10 * time.Minute

// locate takes the ports behind which the bridges know the devices, and what moved between them. A bridge keeps a
// MAC at its port for up to 300 s of silence, so a phone that walks to another radio is contested as well: nothing
// tells it from one that somebody imitates.
func (r *Registry) locate(now time.Time, in Input) {
	for i, st := range in.Stations {
		rec := r.byMAC[st.MAC]
		if rec == nil {
			continue
		}
		if name := in.Ports[st.Port]; name != "" {
			rec.Port = name
		}
		if i > 0 && in.Stations[i-1].MAC == st.MAC && in.Stations[i-1].Port != st.Port {
			rec.contest(now)
		}
	}
	if n := len(in.Moves); n > 0 && in.Moves[n-1].Seq < r.lastMove {
		r.lastMove = 0 // they are counted anew
	}
	for _, m := range in.Moves {
		if rec := r.byMAC[m.MAC]; rec != nil && m.Seq > r.lastMove {
			rec.contest(now)
		}
	}
	if n := len(in.Moves); n > 0 {
		r.lastMove = in.Moves[n-1].Seq
	}
}

func (rec *record) contest(now time.Time) { rec.contestedAt, rec.Contested = now, true }

// settlePort ends a contest that is over. It goes on for its whole time where the clock was set back.
func (rec *record) settlePort(now time.Time) {
	switch since := now.Sub(rec.contestedAt); {
	case since >= contestedFor:
		rec.Contested = false
	case since < 0:
		rec.contestedAt = now
	}
}

// OnPortWith reports whether two devices were last seen behind the same bridge port; never where the port is not
// known.
func (r *Registry) OnPortWith(mac, other packet.MAC) bool {
	a, b := r.byMAC[mac], r.byMAC[other]
	return a != nil && b != nil && a != b && a.Port != "" && a.Port == b.Port
}
