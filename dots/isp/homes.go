package isp

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spinneret/dots/isp/link"
	"spinneret/dots/isp/store"
	"spinneret/dots/isp/target"
)

// Credentials are what a home needs to be let in: a file of certificates, or a shared key.
type Credentials struct {
	File []byte // PEM: its certificate, its key, our CA
	PSK  string // 43 characters; the identity is the home's ID
}

const keyBytes = 32

var errHomes = errors.New("no more homes may be enrolled: raise option max_homes")

// enrol gives a home new credentials. Certificates that it has stay good until it shows the new one for the first
// time; a shared key is replaced at once.
func (n *Node) enrol(ctx context.Context, id string, psk bool, prefixes []netip.Prefix) (h store.Home, c Credentials, err error) {
	fresh := store.Home{ID: id, Prefixes: prefixes, Enrolled: n.o.Now()}
	if psk {
		key := make([]byte, keyBytes)
		_, _ = rand.Read(key) // does not fail
		c.PSK = base64.RawURLEncoding.EncodeToString(key)
		fresh.PSK = []byte(c.PSK)
	} else {
		file, certificate, err := n.authority.forHome(id)
		if err != nil {
			return h, c, err
		}
		c.File, fresh.Expires, fresh.Fingerprints = file, certificate.NotAfter, []string{fingerprint(certificate)}
	}
	if err := n.makeRoom(ctx, id); err != nil {
		return h, c, err
	}
	h, err = n.store.Homes.Change(ctx, id, func(v *store.Home, there bool) error {
		if !there && n.store.Homes.Len() >= n.o.Config.MaxHomes {
			return errHomes
		}
		next := fresh
		if next.Prefixes == nil {
			next.Prefixes = v.Prefixes
		}
		if !v.Revoked && !psk {
			next.Fingerprints = withEarlier(fresh.Fingerprints, v.Fingerprints)
		}
		*v = next
		return nil
	})
	return h, c, err
}

// makeRoom forgets a home that is let in no more, the one enrolled longest ago, where there is no room for another. Its
// number of requests stays: should it come back, its router may remember them.
func (n *Node) makeRoom(ctx context.Context, id string) error {
	if _, there := n.store.Homes.Get(id); there || n.store.Homes.Len() < n.o.Config.MaxHomes {
		return nil
	}
	var oldest store.Home
	n.store.Homes.Each(func(h store.Home) bool {
		if h.Revoked && (oldest.ID == "" || h.Enrolled.Before(oldest.Enrolled)) {
			oldest = h
		}
		return true
	})
	if oldest.ID == "" {
		return errHomes
	}
	err := n.store.Homes.Remove(ctx, oldest.ID, func(h store.Home) bool { return h.Revoked })
	return errors.Join(err, n.store.Sessions.Remove(ctx, oldest.ID, func(v store.Session) bool { return !n.store.Held(v) }))
}

// maxFingerprints bounds the certificates that are good for one home.
const maxFingerprints = 4

// withEarlier puts a new certificate before those given out before. The last, which the home uses, stays: what came
// after it may have been lost on the way, more than once.
func withEarlier(fresh, before []string) []string {
	list := slices.Concat(fresh, before)
	if over := len(list) - maxFingerprints; over > 0 {
		list = slices.Delete(list, maxFingerprints-1, maxFingerprints-1+over)
	}
	return list
}

// renewed forgets the certificates before the one that a home now shows.
func (n *Node) renewed(ctx context.Context, s *session) error {
	s.conn.Certificate = nil // which is large
	earlier := func(h store.Home) int { return slices.Index(h.Fingerprints, s.proof) + 1 }
	if h, _ := n.store.Homes.Get(s.home); earlier(h) == 0 || earlier(h) == len(h.Fingerprints) {
		return nil
	}
	_, err := n.store.Homes.Change(ctx, s.home, func(v *store.Home, _ bool) error {
		if i := earlier(*v); i > 0 {
			v.Fingerprints = v.Fingerprints[:i]
		}
		return nil
	})
	return err
}

// proof is by what a home was let in. A shared key that is newer than the call may not be the one that was used.
func (n *Node) proof(c *link.Conn) string {
	if c.Certificate != nil {
		return fingerprint(c.Certificate)
	}
	h, _ := n.store.Homes.Get(c.Home)
	if h.Enrolled.After(c.Began) {
		return ""
	}
	return h.KeyProof()
}

// revoke lets a home in no more, and ends its session wherever that is. It reports false where there is no such home.
func (n *Node) revoke(ctx context.Context, id string) (store.Home, bool, error) {
	if _, there := n.store.Homes.Get(id); !there {
		return store.Home{}, false, nil
	}
	h, err := n.store.Homes.Change(ctx, id, func(v *store.Home, _ bool) error {
		v.Revoked, v.Fingerprints, v.PSK = true, nil, nil
		return nil
	})
	if err == nil {
		n.takeBack(ctx, id)
	}
	return h, true, err
}

// takeBack withdraws all that a home was asked: who has its name next may be another.
func (n *Node) takeBack(ctx context.Context, home string) {
	var open []string
	n.store.Requests.EachOf(home, func(r store.Request) bool {
		if !r.At(n.o.Now()).Over() {
			open = append(open, r.ID)
		}
		return true
	})
	for _, id := range open {
		if _, _, err := n.store.Withdraw(ctx, id); err != nil {
			n.o.Log.Warn("a revoked home's request could not be withdrawn", "request", id, "home", home, "err", err)
		}
	}
}

// errNowhere says what to do about a source that is no home's.
var errNowhere = errors.New("no home is known by this address: say which with home, or enrol it with its prefixes")

// homeOf finds the one home behind a source address: that has a session from there, else that is enrolled with the
// longest prefix around it, else that last called from there.
func (n *Node) homeOf(source string) (string, error) {
	t, err := target.Parse(source)
	if err != nil {
		return "", err
	}
	now, before := n.sessionsFrom(t.Prefix)
	for _, found := range [][]string{now, n.enrolledAround(t.Prefix), before} {
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			slices.Sort(found)
			return "", fmt.Errorf("several homes are behind %s (%s): say which with home", t.Prefix.Addr(), strings.Join(found[:min(len(found), 5)], ", "))
		}
	}
	return "", errNowhere
}

// enrolled reports whether a home is, and not revoked.
func (n *Node) enrolled(home string) bool {
	h, there := n.store.Homes.Get(home)
	return there && !h.Revoked
}

// sessionsFrom lists the homes whose sessions come from a prefix now, and those that came from there last.
func (n *Node) sessionsFrom(p netip.Prefix) (now, before []string) {
	n.store.Sessions.Each(func(v store.Session) bool {
		switch {
		case !p.Contains(v.Peer.Addr()) || !n.enrolled(v.Home):
		case n.store.Held(v):
			now = append(now, v.Home)
		default:
			before = append(before, v.Home)
		}
		return true
	})
	return now, before
}

// enrolledAround lists the homes with the longest prefix that holds all of p.
func (n *Node) enrolledAround(p netip.Prefix) (found []string) {
	longest := -1
	n.store.Homes.Each(func(h store.Home) bool {
		for _, own := range h.Prefixes {
			if h.Revoked || own.Bits() < longest || own.Bits() > p.Bits() || !own.Contains(p.Addr()) {
				continue
			}
			if own.Bits() > longest {
				longest, found = own.Bits(), nil
			}
			if !slices.Contains(found, h.ID) {
				found = append(found, h.ID)
			}
		}
		return true
	})
	return found
}

// sourcesOf is how the internet knows a home that was named without an address.
func (n *Node) sourcesOf(home string) (list []string) {
	if s, there := n.store.Sessions.Get(home); there && n.store.Held(s) {
		return []string{s.Peer.Addr().String()}
	}
	h, _ := n.store.Homes.Get(home)
	for _, p := range h.Prefixes {
		list = append(list, p.String())
	}
	return list
}
