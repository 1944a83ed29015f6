package auth

import (
	"context"
	"time"
)

// How long a session lasts, and how many there are.
const (
	Idle        = 7 * 24 * time.Hour
	Absolute    = 30 * 24 * time.Hour
	MaxSessions = 64
	// maxOfRole keeps one who may only look from pushing the owner's sessions out by logging in over and over.
	maxOfRole = MaxSessions / 2
	// writeUseAfter is how far behind the last use on flash may be: a session can seem idle that much longer than
	// it was, after a restart.
	writeUseAfter = 24 * time.Hour
)

type session struct {
	life
	id       digest
	user     string
	role     Role
	client   string // Client.key of who opened it
	mac      string
	created  time.Time
	used     time.Time
	savedUse time.Time // zero: not saved yet
	watchers int
}

func (s *session) expired(now time.Time) bool {
	return now.Sub(s.created) >= Absolute || s.watchers == 0 && now.Sub(s.used) >= Idle
}

// Session is the login of a client's session cookie.
func (k *Keeper) Session(c Client) (Login, bool) {
	if c.Session == "" {
		return Login{}, false
	}
	now := k.config.Now()
	k.mu.Lock()
	s := k.sessions[digestOf(c.Session)]
	if s != nil && s.expired(now) {
		k.endLocked(s)
		s = nil
	}
	fits := s != nil && s.fits(c)
	stolen := s != nil && !fits && s.mac != "" && c.MAC != ""
	if fits {
		s.used = now
	} else if stolen {
		k.endLocked(s)
	}
	k.mu.Unlock()
	if stolen {
		k.tellOf(s.role, "audit", c.MAC, "door.cookie")
		k.saveOrWarn()
	}
	if !fits {
		return Login{}, false
	}
	return Login{User: s.user, Role: s.role, keeper: k, session: s, mac: c.MAC}, true
}

// fits reports whether the client may use the session. A cookie that another device shows was stolen: then the
// session ends, as its secret is out. One from no known device is only refused, since the neighbour table may have
// lost an entry for a moment; and a session that was opened in such a moment is bound once the device is known.
func (s *session) fits(c Client) bool {
	if s.mac == "" && s.client == c.address() {
		s.mac, s.client = c.MAC, c.key()
	}
	return s.client == c.key()
}

func (k *Keeper) watch(ctx context.Context, s *session) (context.Context, func()) {
	now := k.config.Now()
	k.mu.Lock()
	s.watchers++
	left := s.created.Add(Absolute).Sub(now)
	k.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, left, ErrEnded)
	ctx, release := s.derive(ctx)
	return ctx, func() {
		release()
		cancel()
		now := k.config.Now()
		k.mu.Lock()
		defer k.mu.Unlock()
		s.watchers--
		s.used = now
	}
}

// open makes a session for the client and gives its cookie. It is to be written at once, but flash wears: of many
// log-ins one after the other some wait for the next round.
func (k *Keeper) open(c Client, user string, role Role) string {
	now, cookie := k.config.Now(), newText()
	k.mu.Lock()
	defer k.mu.Unlock()
	if old := k.sessions[digestOf(c.Session)]; old != nil && old.client == c.key() {
		k.endLocked(old)
	}
	k.makeRoomLocked(role)
	s := &session{
		life: newLife(), id: digestOf(cookie), user: user, role: role,
		client: c.key(), mac: c.MAC, created: now, used: now,
	}
	k.sessions[s.id] = s
	_, atOnce := k.tries.written.take(now, writePace)
	k.dirty, k.urgent = true, k.urgent || atOnce
	return cookie
}

// makeRoomLocked ends the session of the role that was used least lately, where the role has all its places taken.
func (k *Keeper) makeRoomLocked(role Role) {
	var oldest *session
	n := 0
	for _, s := range k.sessions {
		if s.role != role {
			continue
		}
		n++
		if oldest == nil || s.used.Before(oldest.used) {
			oldest = s
		}
	}
	if n >= maxOfRole {
		k.endLocked(oldest)
		k.pushedOut++
	}
}

// Full tells how many sessions there are, and how many ended to make room.
func (k *Keeper) Full() (sessions int, pushedOut uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.sessions), k.pushedOut
}

// endLocked ends a session, and remembers that its device had an owner's.
func (k *Keeper) endLocked(s *session) {
	s.end()
	delete(k.sessions, s.id)
	k.urgent = k.urgent || !s.savedUse.IsZero()
	if s.role == Owner && s.mac != "" && s.used.After(k.owners[s.mac]) {
		k.rememberLocked(s.mac, s.used)
	}
}

func (k *Keeper) rememberLocked(mac string, used time.Time) {
	k.owners[mac], k.dirty = used, true
	if len(k.owners) <= MaxSessions {
		return
	}
	oldest := mac
	for m, at := range k.owners {
		if at.Before(k.owners[oldest]) {
			oldest = m
		}
	}
	delete(k.owners, oldest)
}

// HeldOwner reports whether a device had an owner's session in the last 30 days: it is not cut off unasked.
func (k *Keeper) HeldOwner(mac string) bool {
	now := k.config.Now()
	k.mu.Lock()
	defer k.mu.Unlock()
	if at, ok := k.owners[mac]; ok && now.Sub(at) < Absolute {
		return true
	}
	for _, s := range k.sessions {
		if s.role == Owner && s.mac == mac && now.Sub(s.used) < Absolute {
			return true
		}
	}
	return false
}

// Logout ends the session of l. With all it ends every session that l may end: an owner all of them, with the
// tickets and the known browsers; a viewer those of the same user, but no owner's: who comes from LuCI has one name
// in either role.
func (k *Keeper) Logout(l Login, all bool) error {
	k.mu.Lock()
	for _, s := range k.sessions {
		if s == l.session || all && (l.Owner() || s.user == l.User && s.role == l.Role) {
			k.endLocked(s)
		}
	}
	if all && l.Owner() {
		clear(k.tickets)
		k.browserKey = randomBytes()
		k.urgent = true
	}
	k.mu.Unlock()
	if all {
		k.tellOf(l.Role, "audit", l.mac, "door.out.all", l.Role)
	} else if l.session != nil {
		k.tellOf(l.Role, "login", l.mac, "door.out", l.Role)
	}
	return k.saveIfUrgent()
}
