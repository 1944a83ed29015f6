package conntrack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// switches is where the kernel's settings of connection tracking are, those of the calling thread's namespace.
const switches = "/proc/sys/net/netfilter"

const (
	accounting = "nf_conntrack_acct"
	events     = "nf_conntrack_events"

	// askLimit bounds a question that the kernel answers at once, unless it loads a module first.
	askLimit = 5 * time.Second
)

// Ability is one thing that the kernel can do for us, or why not, with what to do about it.
type Ability struct {
	OK  bool
	Why string // one line, "" where OK
}

// Abilities is what Probe found.
type Abilities struct {
	Accounting Ability // connections can be dumped, and new ones count
	Events     Ability // all connections tell of their end
}

// Setup switches accounting and events on for the connections that begin from now on, in the network namespace
// of the caller. It returns what it changed, as in "net.netfilter.nf_conntrack_acct=1", and why it could not do
// the rest in one line. Nothing is switched back later: other programs may have come to rely on it.
func Setup(ctx context.Context) (changed []string, err error) {
	err = ask(ctx) // also loads the modules where the kernel does that by itself
	for _, name := range []string{accounting, events} {
		did, fault := switchOn(name)
		if did {
			changed = append(changed, "net.netfilter."+name+"=1")
		}
		switch {
		case fault != nil && err != nil:
			err = fmt.Errorf("%w; %w", err, fault)
		case fault != nil:
			err = fault
		}
	}
	return changed, err
}

// switchOn sets a switch to 1 and reports whether it was something else.
func switchOn(name string) (changed bool, err error) {
	value, err := readSwitch(name)
	if err != nil || value == "1" {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(switches, name), []byte("1"), 0); err != nil {
		return false, fmt.Errorf("set net.netfilter.%s to 1: %w", name, advise(err))
	}
	return true, nil
}

func readSwitch(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(switches, name))
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == events && exists(accounting):
		return "", errors.New("this kernel has no conntrack events: it needs CONFIG_NF_CONNTRACK_EVENTS")
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("no net.netfilter.%s: install kmod-nf-conntrack", name)
	case err != nil:
		return "", fmt.Errorf("read net.netfilter.%s: %w", name, err)
	}
	return strings.TrimSpace(string(b)), nil
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(switches, name))
	return err == nil
}

// Probe finds out by trying what works in the network namespace of the caller. It changes nothing and can be
// called again at any time: modules and settings come and go.
func Probe(ctx context.Context) Abilities {
	var a Abilities
	if err := ask(ctx); err != nil {
		a.Accounting.Why, a.Events.Why = err.Error(), err.Error()
		return a
	}
	a.Accounting = abilityOf(switchedOn(accounting))
	a.Events = abilityOf(switchedOn(events))
	if a.Events.OK {
		a.Events = abilityOf(hear())
	}
	return a
}

func abilityOf(err error) Ability {
	if err != nil {
		return Ability{Why: err.Error()}
	}
	return Ability{OK: true}
}

// switchedOn wants a switch to be 1. Where events are 2, the default, connections that are older than the
// listener end unheard.
func switchedOn(name string) error {
	value, err := readSwitch(name)
	if err == nil && value != "1" {
		err = fmt.Errorf("net.netfilter.%s is %s: set it to 1", name, value)
	}
	return err
}

// hear joins the group of events and leaves it.
func hear() error {
	s, err := dial(unix.NFNLGRP_CONNTRACK_DESTROY)
	if err == nil {
		s.close()
	}
	return err
}

// ask asks ctnetlink how many connections there are: the cheapest question that shows that it works.
func ask(ctx context.Context) error {
	s, err := dial(0)
	if err != nil {
		return err
	}
	defer s.close()
	stop, err := s.bind(ctx, askLimit)
	if err != nil {
		return err
	}
	defer stop()
	buf := make([]byte, eventBuffer)
	n := 0
	if _, err = s.file.Write(request(msgStats, 0)); err == nil {
		n, err = s.file.Read(buf)
	}
	if err == nil {
		err = answered(buf[:n])
	}
	if err != nil {
		return fmt.Errorf("ask conntrack: %w", advise(err))
	}
	return nil
}

// answered says what keeps b from being an answer.
func answered(b []byte) error {
	rest := messages(b)
	m, ok, err := rest.next()
	switch {
	case err != nil:
		return err
	case !ok, len(m.body) < genericHeader:
		return errNoAnswer
	case m.kind == unix.NLMSG_ERROR:
		return cmp.Or(m.fault(), errNoAnswer)
	}
	return nil
}
