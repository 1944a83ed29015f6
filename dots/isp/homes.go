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
	h, err = n.store.Homes.Change(ctx, id, func(v *store.Home, there bool) error {
		if !there && n.store.Homes.Len() >= n.o.Config.MaxHomes {
			return errHomes
		}
		next := fresh
		if next.Prefixes == nil {
			next.Prefixes = v.Prefixes
		}
		if !v.Revoked && !psk {
			next.Fingerprints = append(slices.Clone(fresh.Fingerprints), v.Fingerprints...)
			next.Fingerprints = next.Fingerprints[:min(len(next.Fingerprints), 2)]
		}
		*v = next
		return nil
	})
	return h, c, err
}

// renewed forgets the certificate before the one that a home now shows.
func (n *Node) renewed(ctx context.Context, id string, c *link.Conn) error {
	h, there := n.store.Homes.Get(id)
	if !there || c.Certificate == nil || len(h.Fingerprints) < 2 || h.Fingerprints[0] != fingerprint(c.Certificate) {
		c.Certificate = nil
		return nil
	}
	print := fingerprint(c.Certificate)
	c.Certificate = nil
	_, err := n.store.Homes.Change(ctx, id, func(v *store.Home, _ bool) error {
		if len(v.Fingerprints) > 0 && v.Fingerprints[0] == print {
			v.Fingerprints = v.Fingerprints[:1]
		}
		return nil
	})
	return err
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
	return h, true, err
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

// sessionsFrom lists the homes whose sessions come from a prefix now, and those that came from there last.
func (n *Node) sessionsFrom(p netip.Prefix) (now, before []string) {
	n.store.Sessions.Each(func(v store.Session) bool {
		switch {
		case !p.Contains(v.Peer.Addr()):
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
