package agent

import (
	"context"
	"net"
	"net/netip"
	"slices"

	"spinneret/agent/decide"

	"spinneret/agent/events"
	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/ui"
	"spinneret/ui/auth"
)

const loginFile = "logins"

// loginStore keeps password, sessions and tokens beside the rest of the state: hashes only.
type loginStore struct{ dir state.Dir }

// Load implements auth.Store; nil where nothing was saved. Where there once was a file that could not be read there is
// never a first run again, which would be the first comer's: not at the next start either. Nor is a copy from before
// taken, in which people may still be let in who were since shut out.
func (s loginStore) Load() (data []byte, err error) {
	_, err = s.dir.Load(loginFile, &data)
	return data, err
}

// Save implements auth.Store.
func (s loginStore) Save(data []byte) error { return s.dir.Save(loginFile, data) }

// keepLogins makes the keeper of the page's logins.
func (a *Agent) keepLogins(dir state.Dir) {
	a.home.logins = auth.New(auth.Config{
		Store: loginStore{dir}, Now: a.home.now, Log: a.log.With("room", "ui"), Audit: a.home.audit,
	})
	a.add("logins", a.home.logins.Run)
}

// SetPassword writes a password into the state of an agent that does not run, and ends all that was kept of logins
// with it.
func SetPassword(ctx context.Context, stateDir string, change auth.Change) error {
	dir, err := state.Open(stateDir)
	if err != nil {
		return err
	}
	keeper := auth.New(auth.Config{Store: loginStore{dir}})
	if err := keeper.SetPassword(ctx, auth.Client{Trusted: true}, auth.Local(), change); err != nil {
		return err
	}
	if change.User == auth.Owner {
		return keeper.Logout(auth.Local(), true)
	}
	return nil
}

func who(role auth.Role) say.Phrase {
	switch role {
	case auth.Owner:
		return say.New("door.owner")
	case auth.Viewer:
		return say.New("door.viewer")
	}
	return say.New("door.nobody")
}

// audit enters what happened at the door. It comes from requests that wait for the home themselves, so it never
// waits for it: when that much is going on, the log has it.
func (h *home) audit(kind, mac, key string, args ...any) {
	for i := range args {
		if role, is := args[i].(auth.Role); is {
			args[i] = who(role)
		}
	}
	e := events.Event{Kind: kind, Severity: events.Note, Text: say.New(key, args...)}
	if m, err := packet.ParseMAC(mac); err == nil {
		e.Device = m
	}
	select {
	case h.commandC <- func() { h.event(e) }:
	default:
		h.log.Info(e.Text.String(), "kind", kind, "device", mac)
	}
}

// door is what the page's door has to know of the home, to be read from any goroutine.
type door struct {
	byAddr   map[netip.Addr]ui.Asker
	prefixes []netip.Prefix // of the home, and of other networks that are listed
	links    []string       // their interfaces
}

// rememberDoor lets the door know who is who now.
func (h *home) rememberDoor() {
	d := &door{
		byAddr: h.visitors(), prefixes: slices.Concat(h.net.Prefixes, h.pagePrefixes()),
		links: slices.Clone(h.options.PageFrom),
	}
	for _, l := range h.net.LAN {
		d.links = append(d.links, l.Name)
	}
	h.door.Store(d)
}

// visitors are the devices by address. The kernel's neighbour table is believed first: the router's answers go to
// the MAC that is there, so who only puts another's address in packets never comes to a connection, and must not be
// taken for who does. What the table has forgotten is the device's that sends from it, where only one does.
func (h *home) visitors() map[netip.Addr]ui.Asker {
	before := 0
	if d := h.door.Load(); d != nil {
		before = len(d.byAddr)
	}
	byAddr := make(map[netip.Addr]ui.Asker, before)
	for x := range h.registry.All() {
		visitor := h.visitor(x.MAC)
		for _, a := range x.Addresses {
			if _, claimed := byAddr[a]; claimed {
				byAddr[a] = ui.Asker{}
			} else {
				byAddr[a] = visitor
			}
		}
	}
	for _, n := range h.net.Neighbours {
		byAddr[n.Addr] = h.visitor(n.MAC)
	}
	return byAddr
}

func (h *home) visitor(mac packet.MAC) ui.Asker {
	cut := slices.ContainsFunc(h.book.Of(mac), func(o decide.Order) bool { return o.Level != "flow" })
	return ui.Asker{MAC: mac.String(), Quarantined: cut}
}

// pagePrefixes are the networks beside the home from which the page may be opened.
func (h *home) pagePrefixes() (list []netip.Prefix) {
	for _, l := range h.snapshot.Links {
		if !slices.Contains(h.options.PageFrom, l.Name) {
			continue
		}
		for _, a := range h.snapshot.Addrs {
			if a.Index == l.Index {
				list = append(list, a.Prefix.Masked())
			}
		}
	}
	return list
}

// who is the device behind a remote address. What is neither of this machine nor of the home is a guest.
func (h *home) who(remoteAddr string) ui.Asker {
	host, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		return ui.Asker{Guest: true}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return ui.Asker{Guest: true}
	}
	d := h.door.Load()
	if d == nil { // the home is not known yet
		d = &door{}
	}
	if zone := addr.Zone(); zone != "" && !slices.Contains(d.links, zone) {
		return ui.Asker{Guest: true} // link-local addresses are on every link: that of a device at home is a guest's too
	}
	addr = addr.Unmap().WithZone("")
	if asker, ok := d.byAddr[addr]; ok {
		return asker
	}
	inside := addr.IsLoopback() || addr.IsLinkLocalUnicast() ||
		slices.ContainsFunc(d.prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
	return ui.Asker{Guest: !inside}
}
