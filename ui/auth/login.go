package auth

import (
	"context"
	"errors"
)

// What the keeper refuses.
var (
	ErrWrong    = errors.New("user or password is wrong")
	ErrSetUp    = errors.New("a password is set already")
	ErrNotLAN   = errors.New("the first password is set from the LAN side")
	ErrNotOwner = errors.New("this is the owner's")
	ErrDamaged  = errors.New("the saved passwords cannot be read")
	ErrTicket   = errors.New("the ticket is unknown, used or older than a minute")
)

// Grant is what a client gets that was let in: the texts of its cookies.
type Grant struct {
	Session string
	Browser string // shown at the next login, it keeps strangers' attempts from closing the door
}

// FirstRun reports whether the owner still has to choose a password.
func (k *Keeper) FirstRun() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.firstRunLocked()
}

func (k *Keeper) firstRunLocked() bool {
	_, set := k.users[Owner]
	return !set && !k.damaged
}

// Login lets in who knows a password. A wrong one is ErrWrong, an attempt too many *TooMany.
func (k *Keeper) Login(ctx context.Context, c Client, user, password string) (Grant, error) {
	role := Role(user)
	right, err := k.check(ctx, c, role, password, c.Trusted || k.ownerHere(c))
	if err != nil {
		return Grant{}, err
	}
	if !right {
		k.tellWrong(role, c.MAC)
		return Grant{}, ErrWrong
	}
	k.tellOf(role, "login", c.MAC, "door.in", role)
	return k.grant(c, user, role), nil
}

func (k *Keeper) grant(c Client, user string, role Role) Grant {
	g := Grant{Session: k.open(c, user, role)}
	k.saveOrWarn()
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := knownBrowser(k.browserKey, c.Browser, Owner); ok {
		g.Browser = c.Browser // the owner's, who looks as a viewer for once
	} else {
		g.Browser = newBrowser(k.browserKey, role)
	}
	return g
}

// check compares a password, within the limits of c or free of them. A try is spent before the hash and given back
// after, so that tries at the same time cannot be more than those one after the other.
func (k *Keeper) check(ctx context.Context, c Client, role Role, password string, free bool) (right bool, err error) {
	k.mu.Lock()
	if k.damaged {
		k.mu.Unlock()
		return false, ErrDamaged
	}
	want, exists := k.users[role]
	key, stranger := c.key(), true
	if name, ok := knownBrowser(k.browserKey, c.Browser, role); ok {
		key, stranger = name, false
	}
	if !free {
		err = k.tries.take(k.config.Now(), key, stranger)
	}
	k.mu.Unlock()
	if err != nil {
		return false, err
	}
	if !exists { // names are no secret, but no reason to answer faster either
		want = noSecret()
	}
	err = k.hashing.do(ctx, stranger && !free, func() { right = want.matches(password) && exists })
	if !free && (right || err != nil) {
		k.mu.Lock()
		k.tries.giveBack(key, stranger)
		k.mu.Unlock()
	}
	return right, err
}

func (k *Keeper) ownerHere(c Client) bool {
	l, ok := k.Session(c)
	return ok && l.Owner()
}

// tellOf puts among the events what somebody of a role did; of viewers not more than people do: one who comes and
// goes all day would push out what the owner must read.
func (k *Keeper) tellOf(role Role, kind, mac, key string, args ...any) {
	if role != Owner {
		k.mu.Lock()
		_, tell := k.tries.viewers.take(k.config.Now(), viewerPace)
		k.mu.Unlock()
		if !tell {
			k.config.Log.Info("not told: viewers come and go", "what", key, "device", mac)
			return
		}
	}
	k.config.Audit(kind, mac, key, args...)
}

// tellWrong puts a wrong password among the events, but not so many that they push all others out.
func (k *Keeper) tellWrong(role Role, mac string) {
	k.mu.Lock()
	k.tries.wrong++
	n := k.tries.wrong
	_, tell := k.tries.told.take(k.config.Now(), tellPace)
	k.mu.Unlock()
	if !tell {
		return
	}
	k.config.Audit("login", mac, "door.wrong", role, n)
}
