package agent

import (
	"time"

	"spinneret/capture/packet"
	"spinneret/mud/shelf"
	"spinneret/ui"
)

// shownProfile is what a device's description was shown as last, without words, for as long as it stays the same: every
// device is shown four times a second.
type shownProfile struct {
	revision uint64
	clockSet bool
	at       time.Time
	mud      ui.MUD
}

// shownFor is how long problems may be told that depend on the time.
const shownFor = time.Minute

// deviceMUD is the description in the list of devices: without what it allows, which are many words and seldom looked at.
func (h *home) deviceMUD(mac packet.MAC) *ui.MUD {
	if h.shelf.State(mac) == shelf.None {
		return nil
	}
	now := h.now()
	s, ok := h.shownProfiles[mac]
	if !ok || s.revision != h.shelf.Revision() || s.clockSet != h.clockSet || now.Sub(s.at).Abs() >= shownFor {
		s = shownProfile{h.shelf.Revision(), h.clockSet, now, h.makeMUD(mac, false)}
		if len(h.shownProfiles) > 2*shelf.MaxHolders {
			clear(h.shownProfiles)
		}
		h.shownProfiles[mac] = s
	}
	s.mud.Violations = h.refusedBy(mac)
	return &s.mud
}

// uiMUD is all that is known of a device's description, with state none where that is nothing.
func (h *home) uiMUD(mac packet.MAC) ui.MUD {
	m := h.makeMUD(mac, true)
	m.Violations = h.refusedBy(mac)
	return m
}

// makeMUD puts a description together, with the words for what it allows or without: these take long.
func (h *home) makeMUD(mac packet.MAC, words bool) ui.MUD {
	out := ui.MUD{
		State: string(h.shelf.State(mac)), Mode: string(shelf.Off), Policy: []string{},
		Problems: append([]string{}, h.shelf.Problems(mac, h.now(), h.clockSet)...), Approvals: []ui.Approval{}, Recent: []ui.Violation{},
		Beyond: h.beyond(mac, h.now()), Uses: []ui.Use{},
	}
	holder, ok := h.shelf.Holder(mac)
	if !ok {
		return out
	}
	if h.errands == nil && out.State == string(shelf.Pending) {
		out.Problems = append(out.Problems, "this is a recording: nothing is looked up")
	}
	if h.accessPoint() && out.State != string(shelf.None) {
		out.Problems = append(out.Problems, "this is an access point, which cannot tell a maker's servers from others: hold the device to it on the router that has the line")
	}
	out.Mode = string(holder.Mode)
	out.Source = textOrNull(string(holder.Source()))
	if url := holder.Heard.String(); url != "" && holder.Assigned == "" {
		out.URL = &url
	}
	out.Strict = holder.Strict
	h.describe(&out, h.shelf.Holds(mac))
	if p, ok := h.shelf.Policy(mac); ok && words {
		out.Policy = p.Words()
		out.Uses, out.UsesSince = h.uses(mac, p)
	}
	for _, q := range h.shelf.Questions(mac, words) {
		out.Approvals = append(out.Approvals, ui.Approval{
			ID: q.ID, Kind: q.Kind, URL: q.URL.String(), Why: append([]string{}, q.Why...), Policy: append([]string{}, q.Policy...),
		})
	}
	return out
}

// describe fills in what the title says that the device is held to.
func (h *home) describe(out *ui.MUD, t *shelf.Title) {
	if t == nil {
		return
	}
	url := t.URL.String()
	out.URL, out.File = &url, t.Own
	if !t.Own {
		out.Fetched, out.Expires = h.wire(t.Answered), h.wire(t.Next)
	}
	if t.Current != nil {
		out.SystemInfo = textOrNull(t.Current.File().SystemInfo)
		out.SignedBy = textOrNull(t.Current.SignedBy)
	}
}
