package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"spinneret/ui"
)

func statusText(s ui.Status, now time.Time) string {
	t := newTable(2)
	t.row("version", s.Version+", runs for "+age(now, s.Started))
	if !s.ClockSet {
		t.row("clock", "not set yet: no quarantine ends until it is")
	}
	t.row("level", strconv.Itoa(s.Level)+" of 3")
	for _, l := range s.Levels {
		if !l.OK && l.Why != nil {
			t.row("", "not "+strconv.Itoa(l.Level)+": "+*l.Why)
		}
	}
	t.row("networks", "lan "+orDash(strings.Join(s.LAN, " "))+", wan "+orDash(strings.Join(s.WAN, " ")))
	t.row("devices", fmt.Sprintf("%d known, %d online, %d cut off", s.Devices.Known, s.Devices.Online, s.Devices.Quarantined))
	firewall := s.Firewall.State + " " + clock(now, s.Firewall.At)
	if s.Firewall.Error != nil {
		firewall += ": " + *s.Firewall.Error
	}
	t.row("firewall", firewall)
	for _, p := range s.Providers {
		session := p.Name + " " + p.State + " since " + clock(now, p.Since)
		if p.Error != nil {
			session += ": " + *p.Error
		}
		t.row("provider", session)
	}
	for _, store := range s.Stores {
		t.row("store", fmt.Sprintf("%s %d of %d, %d evicted", store.Name, store.Used, store.Limit, store.Evicted))
	}
	for _, l := range s.Losses {
		if l.Lost > 0 {
			t.row("lost", fmt.Sprintf("%s %d", l.Where, l.Lost))
		}
	}
	for _, spot := range s.BlindSpots {
		t.row("blind spot", spot)
	}
	return t.String()
}

func devicesText(devices []ui.Device, now time.Time) string {
	if len(devices) == 0 {
		return "no devices yet: they appear as they speak\n"
	}
	t := newTable(9, 4, 5, 6, 7, 8)
	t.row("NAME", "MAC", "ADDRESS", "STATE", "DOWN", "UP", "RECEIVED", "SENT", "SEEN")
	for _, d := range devices {
		address := "-"
		if len(d.Addresses) > 0 {
			address = d.Addresses[0]
		}
		t.row(d.Name, d.MAC, address, stateOf(d), rate(d.RxRate), rate(d.TxRate), size(d.RxBytes), size(d.TxBytes), age(now, d.LastSeen))
	}
	return t.String()
}

func stateOf(d ui.Device) string {
	switch {
	case d.Quarantine != nil && d.Quarantine.Level == "full":
		return "cut off"
	case d.Quarantine != nil:
		return "cut off (" + d.Quarantine.Level + ")"
	case d.Online:
		return "online"
	}
	return "offline"
}

func flowsText(flows []ui.Flow, names map[string]string, now time.Time) string {
	if len(flows) == 0 {
		return "no flows\n"
	}
	t := newTable(9, 5, 6, 7)
	t.row("DEVICE", "", "REMOTE", "PORT", "OWNER", "RECEIVED", "SENT", "LAST", "STATE")
	for _, f := range flows {
		t.row(deviceOf(f, names), arrow(f), remoteOf(f), portOf(f), orDash(first(f.Peer, f.Owner)),
			size(f.RxBytes), size(f.TxBytes), age(now, f.Last), f.State)
	}
	return t.String()
}

// remoteOf is the far end, and for whose name a server of DNS was asked in vain.
func remoteOf(f ui.Flow) string {
	text := orDash(first(f.Name, f.Remote))
	if f.Asked != nil {
		text += ": " + *f.Asked + "?"
	}
	return text
}

// arrow points to who was called.
func arrow(f ui.Flow) string {
	if f.Direction == "in" {
		return "←"
	}
	return "→"
}

func deviceOf(f ui.Flow, names map[string]string) string {
	if f.Device == nil {
		return "-"
	}
	if name := names[*f.Device]; name != "" {
		return name
	}
	return *f.Device
}

func portOf(f ui.Flow) string {
	if f.Port == nil {
		return f.Protocol
	}
	return strconv.Itoa(int(*f.Port)) + "/" + f.Protocol
}

func eventsText(events []ui.Event, now time.Time) string {
	if len(events) == 0 {
		return "no events\n"
	}
	t := newTable(4, 0)
	t.row("ID", "TIME", "", "EVENT")
	for _, e := range events {
		t.row(strconv.FormatInt(e.ID, 10), clock(now, e.Time), e.Severity, e.Text)
	}
	return t.String()
}

// first is the first text that is there.
func first(texts ...*string) string {
	for _, text := range texts {
		if text != nil {
			return *text
		}
	}
	return ""
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
