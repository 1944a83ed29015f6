package ui

import (
	"bufio"
	"net/http"
	"strconv"
)

// metricsPath is outside the API, where Prometheus looks by itself.
const metricsPath = "/metrics"

// metricsKind is the text format of Prometheus.
const metricsKind = "text/plain; version=0.0.4; charset=utf-8"

func (s *Server) getMetrics(c call) (any, error) {
	status, err := s.config.Backend.Status(c)
	if err != nil {
		return nil, err
	}
	devices, err := s.config.Backend.Devices(c)
	return metrics{&status, devices}, err
}

// metrics are the numbers of Status and Devices: as many as there are devices, stores, inputs and providers.
type metrics struct {
	status  *Status
	devices []Device
}

func (m metrics) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", metricsKind)
	out := &exposition{bufio.NewWriter(w)}
	m.program(out)
	m.memory(out)
	m.outside(out)
	for _, f := range deviceFamilies {
		out.family(f.name, f.kind, f.help)
		for i := range m.devices {
			d := &m.devices[i]
			f.each(d, func(value string, labels ...string) {
				out.sample(f.name, value, append([]string{"mac", d.MAC, "name", d.Name}, labels...)...)
			})
		}
	}
	_ = out.Flush() // the caller may be gone; there is nobody left to tell
}

func (m metrics) program(out *exposition) {
	out.single("spinneret_info", gauge, "The program.", "1", "version", m.status.Version)
	if m.status.Started != nil {
		out.single("spinneret_start_time_seconds", gauge, "When the program started.", seconds(m.status.Started.Time))
	}
	out.single("spinneret_clock_set", gauge, "Whether the router knows the time.", yes(m.status.ClockSet))
	out.single("spinneret_level", gauge, "The capability level: 0 packets, 1 accounting, 2 events, 3 bridge.", strconv.Itoa(m.status.Level))
	out.family("spinneret_level_ok", gauge, "Whether a capability level works here.")
	for _, l := range m.status.Levels {
		out.sample("spinneret_level_ok", yes(l.OK), "level", strconv.Itoa(l.Level))
	}
	out.family("spinneret_devices", gauge, "Devices of the home by state.")
	out.sample("spinneret_devices", strconv.Itoa(m.status.Devices.Known), "state", "known")
	out.sample("spinneret_devices", strconv.Itoa(m.status.Devices.Online), "state", "online")
	out.sample("spinneret_devices", strconv.Itoa(m.status.Devices.Quarantined), "state", "quarantined")
	out.single("spinneret_blind_spots", gauge, "What the program knows that it cannot see.", strconv.Itoa(len(m.status.BlindSpots)))
}

func (m metrics) memory(out *exposition) {
	out.family("spinneret_store_used", gauge, "How full a bounded store is, in entries or, for the history, bytes.")
	for _, s := range m.status.Stores {
		out.sample("spinneret_store_used", strconv.Itoa(s.Used), "store", s.Name)
	}
	out.family("spinneret_store_limit", gauge, "How much a bounded store can hold.")
	for _, s := range m.status.Stores {
		out.sample("spinneret_store_limit", strconv.Itoa(s.Limit), "store", s.Name)
	}
	out.family("spinneret_store_evicted_total", counter, "What a full store gave up.")
	for _, s := range m.status.Stores {
		out.sample("spinneret_store_evicted_total", strconv.FormatUint(s.Evicted, 10), "store", s.Name)
	}
	out.family("spinneret_lost_total", counter, "What an input could not deliver.")
	for _, l := range m.status.Losses {
		out.sample("spinneret_lost_total", strconv.FormatUint(l.Lost, 10), "where", l.Where)
	}
}

// outside is the program's standing with the kernel and the providers.
func (m metrics) outside(out *exposition) {
	out.family("spinneret_firewall_state", gauge, "What became of the rules that were last asked for.")
	for _, state := range []string{"applied", "pending", "failed"} {
		out.sample("spinneret_firewall_state", yes(m.status.Firewall.State == state), "state", state)
	}
	out.family("spinneret_provider_up", gauge, "Whether the session with a provider stands.")
	for _, p := range m.status.Providers {
		out.sample("spinneret_provider_up", yes(p.State == "up"), "provider", p.Name)
	}
}

// family is a metric of devices; each says the values that one has.
type family struct {
	name, kind, help string
	each             func(d *Device, say func(value string, labels ...string))
}

var deviceFamilies = []family{
	{"spinneret_device_online", gauge, "Whether a device was heard within five minutes or holds a lease.", one(func(d *Device) string { return yes(d.Online) })},
	{"spinneret_device_received_bytes_total", counter, "Bytes that a device received.", count(func(d *Device) uint64 { return d.RxBytes })},
	{"spinneret_device_sent_bytes_total", counter, "Bytes that a device sent.", count(func(d *Device) uint64 { return d.TxBytes })},
	{"spinneret_device_received_packets_total", counter, "Packets that a device received.", count(func(d *Device) uint64 { return d.RxPackets })},
	{"spinneret_device_sent_packets_total", counter, "Packets that a device sent.", count(func(d *Device) uint64 { return d.TxPackets })},
	{"spinneret_device_last_seen_timestamp_seconds", gauge, "When a device was last heard.", lastSeen},
	{"spinneret_device_findings", gauge, "What is unusual about a device now.", one(openFindings)},
	{"spinneret_device_mud_violations_total", counter, "What a device did against its maker's description.", violations},
	{"spinneret_quarantine_in_force", gauge, "Whether the kernel holds a quarantine.", quarantines(func(q *Quarantine) string { return yes(q.InForce) })},
	{"spinneret_quarantine_refused_packets_total", counter, "Packets that a quarantine refused.", quarantines(func(q *Quarantine) string { return strconv.FormatUint(q.RefusedPackets, 10) })},
	{"spinneret_quarantine_refused_bytes_total", counter, "Bytes that a quarantine refused.", quarantines(func(q *Quarantine) string { return strconv.FormatUint(q.RefusedBytes, 10) })},
	{"spinneret_quarantine_passed_packets_total", counter, "Packets that passed in spite of a quarantine.", quarantines(func(q *Quarantine) string { return strconv.FormatUint(q.PassedPackets, 10) })},
}

func one(value func(*Device) string) func(*Device, func(string, ...string)) {
	return func(d *Device, say func(string, ...string)) { say(value(d)) }
}

func count(value func(*Device) uint64) func(*Device, func(string, ...string)) {
	return one(func(d *Device) string { return strconv.FormatUint(value(d), 10) })
}

func lastSeen(d *Device, say func(string, ...string)) {
	if d.LastSeen != nil {
		say(seconds(d.LastSeen.Time))
	}
}

func openFindings(d *Device) string {
	open := 0
	for _, f := range d.Findings {
		if f.State == "open" {
			open++
		}
	}
	return strconv.Itoa(open)
}

func violations(d *Device, say func(string, ...string)) {
	if d.MUD != nil {
		say(strconv.FormatUint(d.MUD.Violations, 10))
	}
}

func quarantines(value func(*Quarantine) string) func(*Device, func(string, ...string)) {
	return func(d *Device, say func(string, ...string)) {
		for i := range d.Quarantines {
			q := &d.Quarantines[i]
			say(value(q), "id", q.ID, "level", q.Level, "source", q.Source)
		}
	}
}
