package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
)

const (
	password        = "three small words"
	viewersPassword = "only looking"
)

// memory is a store that counts its writes, and can be full.
type memory struct {
	mu     sync.Mutex
	data   []byte
	writes int
	err    error
}

func (m *memory) Load() ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data, nil
}

func (m *memory) Save(data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.data, m.writes = data, m.writes+1
	return nil
}

func (m *memory) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// home is a keeper with what it told the owner.
type home struct {
	*testing.T
	*Keeper
	store *memory
	mu    sync.Mutex
	told  []string
}

func newHome(t *testing.T) *home {
	h := &home{T: t, store: &memory{}}
	h.restart()
	return h
}

// restart makes a new keeper of what is in the store.
func (h *home) restart() {
	h.Keeper = New(Config{Store: h.store, Audit: func(kind, mac, key string, args ...any) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.told = append(h.told, fmt.Sprint(kind, " ", mac, " ", key, args))
	}})
}

func device(mac string) Client {
	return Client{MAC: "02:00:00:00:00:" + mac, Addr: netip.MustParseAddr("192.168.1.2")}
}

// with is the client showing what it was given.
func (c Client) with(g Grant) Client {
	c.Session, c.Browser = g.Session, g.Browser
	return c
}

// owner is a device with an owner's session, after the first run.
func (h *home) owner() Client {
	h.Helper()
	g, err := h.Setup(context.Background(), device("01"), password)
	if err != nil {
		h.Fatal(err)
	}
	return device("01").with(g)
}

func (h *home) setViewer() {
	h.Helper()
	change := Change{User: Viewer, Password: viewersPassword}
	if err := h.SetPassword(context.Background(), Client{Trusted: true}, Local(), change); err != nil {
		h.Fatal(err)
	}
}

func (h *home) logIn(c Client, user, password string) Client {
	h.Helper()
	g, err := h.Login(context.Background(), c, user, password)
	if err != nil {
		h.Fatal(err)
	}
	return c.with(g)
}

func (h *home) session(c Client) Login {
	h.Helper()
	l, ok := h.Session(c)
	if !ok {
		h.Fatal("the session is refused")
	}
	return l
}

func (h *home) refused(what string, c Client) {
	h.Helper()
	if _, ok := h.Session(c); ok {
		h.Errorf("%s: the session is taken", what)
	}
}

func want(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
