package auth

import (
	"context"
	"maps"
)

// Setup sets the owner's first password and lets the client in. Only the LAN side may: a client whose device is
// known, or the router itself. Who comes first is the owner; the event says which device that was, and the router's
// owner can always set another on the router or from LuCI.
func (k *Keeper) Setup(ctx context.Context, c Client, password string) (Grant, error) {
	trusted := c.Trusted || k.ownerHere(c)
	if c.MAC == "" && !trusted && !c.Addr.Unmap().IsLoopback() {
		return Grant{}, ErrNotLAN
	}
	if err := CheckPassword(password); err != nil {
		return Grant{}, err
	}
	if err := k.mayStart(trusted); err != nil {
		return Grant{}, err
	}
	var s secret
	if err := k.hashing.do(ctx, !trusted, func() { s = newSecret(password) }); err != nil {
		return Grant{}, err
	}
	if err := k.put(Owner, &s, func() error { return k.mayStartLocked(trusted) }); err != nil {
		return Grant{}, err
	}
	k.config.Audit("audit", c.MAC, "door.setup")
	return k.grant(c, string(Owner), Owner), nil
}

func (k *Keeper) mayStart(trusted bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mayStartLocked(trusted)
}

func (k *Keeper) mayStartLocked(trusted bool) error {
	switch {
	case k.damaged && trusted:
		return nil
	case k.damaged:
		return ErrDamaged
	case !k.firstRunLocked():
		return ErrSetUp
	}
	return nil
}

// Change is a new password for a user.
type Change struct {
	User     Role
	Password string // "" takes the viewer's away
	Current  string // the owner's own; not asked for on the router and of who came from LuCI
}

// SetPassword changes a password, and ends the user's other sessions.
func (k *Keeper) SetPassword(ctx context.Context, c Client, l Login, change Change) error {
	if !l.Owner() {
		return ErrNotOwner
	}
	if change.Password != "" || change.User == Owner {
		if err := CheckPassword(change.Password); err != nil {
			return err
		}
	}
	if err := k.checkCurrent(ctx, c, l, change.Current); err != nil {
		return err
	}
	var s *secret
	if change.Password != "" {
		err := k.hashing.do(ctx, false, func() { made := newSecret(change.Password); s = &made })
		if err != nil {
			return err
		}
	}
	if err := k.put(change.User, s, func() error { return nil }); err != nil {
		return err
	}
	k.endOthers(l, change.User)
	k.config.Audit("audit", l.mac, "door.password", change.User)
	return k.saveIfUrgent()
}

// checkCurrent asks who has the owner's session for the owner's password, within the limits of any attempt: else
// a browser that was left open would be enough to take the home over, or to guess the password.
func (k *Keeper) checkCurrent(ctx context.Context, c Client, l Login, current string) error {
	if l.session == nil || l.User != string(Owner) {
		return nil
	}
	right, err := k.check(ctx, c, Owner, current, false)
	if err == nil && !right {
		k.tellWrong(Owner, l.mac)
		err = ErrWrong
	}
	return err
}

func (k *Keeper) endOthers(l Login, user Role) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.sessions {
		if s.user == string(user) && s != l.session {
			k.endLocked(s)
		}
	}
}

// put sets or takes away a user's password where allowed agrees, and holds it only if it could be saved: one that
// is gone after the next start would let the first comer choose another.
func (k *Keeper) put(user Role, s *secret, allowed func() error) error {
	k.saveMu.Lock()
	defer k.saveMu.Unlock()
	k.mu.Lock()
	if err := allowed(); err != nil {
		k.mu.Unlock()
		return err
	}
	before, damaged := maps.Clone(k.users), k.damaged
	k.setLocked(user, s)
	k.damaged = false
	k.mu.Unlock()
	err := k.write()
	if err == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.users, k.damaged = before, damaged
	return err
}

func (k *Keeper) setLocked(user Role, s *secret) {
	if s == nil {
		delete(k.users, user)
		return
	}
	k.users[user] = *s
}
