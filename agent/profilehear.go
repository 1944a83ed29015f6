package agent

import (
	"time"

	"spinneret/agent/events"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/mud"
	"spinneret/mud/shelf"
)

// said is what one device names as its description, by each way.
type said struct{ v4, v6, lldp, relay, server string }

// hearDescriptions takes the MUD URLs that known devices named since the last round.
func (h *home) hearDescriptions(now time.Time) {
	saying := map[packet.MAC]said{}
	for _, c := range h.dhcpBuf {
		if c.MUDURL != "" || c.MUDURLv6 != "" || c.MUDURLRelayed != "" {
			saying[c.MAC] = said{v4: c.MUDURL, v6: c.MUDURLv6, relay: c.MUDURLRelayed}
		}
	}
	h.lldp.All(func(mac packet.MAC, u string) {
		s := saying[mac]
		s.lldp = u
		saying[mac] = s
	})
	for mac, u := range h.served {
		s := saying[mac]
		s.server = u
		saying[mac] = s
	}
	for mac, s := range saying {
		if _, known := h.registry.Get(mac); !known || h.isRouter(mac) {
			delete(saying, mac) // heard of again when it is one
		} else if h.naming[mac] != s {
			h.hearOf(mac, s, now)
			delete(h.served, mac) // the shelf has it
		}
	}
	h.naming = saying
}

// hearOf takes what one device names. DHCP and LLDP should not differ (RFC 8520 section 1.5): where they do the first
// stands, and the other waits for the owner.
func (h *home) hearOf(mac packet.MAC, s said, now time.Time) {
	for _, word := range []struct {
		text string
		by   shelf.Source
	}{{s.v4, shelf.DHCPv4}, {s.v6, shelf.DHCPv6}, {s.lldp, shelf.LLDP}, {s.relay, shelf.Relayed}, {s.server, shelf.Server}} {
		if word.text == "" {
			continue
		}
		u, err := mud.ParseURL(word.text)
		if err != nil {
			h.badURLs++
			continue
		}
		if h.shelf.Hear(mac, u, word.by, now) {
			h.tellHeard(mac, u)
		}
	}
}

func (h *home) tellHeard(mac packet.MAC, u mud.URL) {
	e := events.Event{Kind: events.MUD, Severity: events.Note, Device: mac}
	holder, _ := h.shelf.Holder(mac)
	switch {
	case holder.Assigned != "":
		return // the owner knows better
	case holder.Proposed == u && !holder.Trial:
		e.Severity = events.Warning
		e.Text = say.New("mud.other", h.nameOf(mac), u.String())
	case holder.Proposed == u:
		e.Text = say.New("mud.newer", h.nameOf(mac), u.String())
	default:
		e.Text = say.New("mud.compared", h.nameOf(mac), u.String())
	}
	h.event(e)
}
