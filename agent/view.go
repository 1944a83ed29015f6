package agent

import (
	"slices"
	"time"

	"spinneret/agent/decide"
	"spinneret/agent/events"
	"spinneret/agent/registry"
	"spinneret/agent/traffic"
	"spinneret/capture"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/ui"
	"spinneret/ui/stream"
)

// view is the whole home for the browsers.
func (h *home) view(now time.Time) stream.View {
	return stream.View{Now: now, Devices: h.streamDevices, Owners: h.streamOwners, Pairs: h.streamPairs}
}

func (h *home) streamDevices(yield func(stream.Device) bool) {
	for d := range h.registry.All() {
		if !yield(stream.Device{ID: d.ID, Device: h.uiDevice(d)}) {
			return
		}
	}
}

func (h *home) streamOwners(yield func(stream.Owner) bool) {
	for o := range h.traffic.Owners() {
		if !yield(stream.Owner{ID: o.ID, Name: o.Name, Source: string(o.Source)}) {
			return
		}
	}
}

func (h *home) streamPairs(yield func(stream.Pair) bool) {
	for p := range h.traffic.Pairs() {
		id := h.registry.ID(p.Device)
		if id != 0 && !yield(stream.Pair{Device: id, Owner: p.Owner, TxRate: p.TxRate, RxRate: p.RxRate, Last: p.Last}) {
			return
		}
	}
}

func (h *home) devices() []ui.Device {
	devices := []ui.Device{} // never null
	for d := range h.registry.All() {
		devices = append(devices, h.uiDevice(d))
	}
	return devices
}

func (h *home) device(mac packet.MAC) (ui.Device, bool) {
	d, ok := h.registry.Get(mac)
	if !ok {
		return ui.Device{}, false
	}
	return h.uiDevice(d), true
}

func (h *home) uiDevice(d registry.Device) ui.Device {
	out := ui.Device{
		MAC: d.MAC.String(), Name: d.Name, NameSource: d.NameSource, RandomMAC: d.MAC.IsLocal(),
		Ignored: d.Ignored, Trusted: d.Trusted, Addresses: make([]string, len(d.Addresses)),
		Online: d.Online, FirstSeen: h.wire(d.First), LastSeen: h.wire(d.Last),
		RxBytes: d.RxBytes, TxBytes: d.TxBytes, RxPackets: d.RxPackets, TxPackets: d.TxPackets,
		RxRate: d.RxRate, TxRate: d.TxRate, Quarantines: []ui.Quarantine{}, Findings: h.findingsOf(d.MAC),
		Exceptions: append([]string{}, d.Exceptions...), Mappings: h.forwardsTo(d), RefuseMappings: d.RefuseMappings, Controls: append([]string{}, d.Controls...),
		Contested: d.Contested, MUD: h.deviceMUD(d.MAC), Maybe: h.before(d),
		Vendor: textOrNull(d.Vendor), Kind: textOrNull(d.Kind), OnFinding: textOrNull(d.OnFinding),
	}
	for i, a := range d.Addresses {
		out.Addresses[i] = a.String()
	}
	for _, o := range h.book.Of(d.MAC) {
		out.Quarantines = append(out.Quarantines, h.uiQuarantine(o))
		out.Held = out.Held || o.Held
	}
	if len(out.Quarantines) > 0 {
		out.Quarantine = &out.Quarantines[0]
	}
	return out
}

func (h *home) uiQuarantine(o decide.Order) ui.Quarantine {
	q := ui.Quarantine{
		ID: o.ID, Level: o.Level, Source: string(o.Source), Why: o.Why.String(), Say: ui.Say(o.Why.Array()),
		Since: h.wire(o.Since), Until: h.wire(o.Until), To: append([]string{}, o.To...), InForce: h.inForce(o),
	}
	if o.Provider != "" {
		q.Provider = &o.Provider
	}
	refused := h.counters.Quarantines[o.ID].Refused
	q.PassedPackets, q.RefusedPackets, q.RefusedBytes = h.passed(o.ID), refused.Packets, refused.Bytes
	return q
}

// inForce reports whether the kernel was read and holds the order.
func (h *home) inForce(o decide.Order) bool {
	return h.counters.Quarantines[o.ID].InForce
}

// status is the program as a whole.
func (h *home) status() ui.Status {
	now := h.now()
	s := ui.Status{
		Version: h.options.Version, Now: h.wire(now), ClockSet: h.clockSet, Started: h.wire(h.started),
		Level: h.levels.Level(), Levels: h.levelList(), LAN: h.lanNames(), WAN: append([]string{}, h.net.WAN...),
		Losses: []ui.Loss{}, BlindSpots: []string{}, Says: []ui.Say{}, Providers: h.uiProviders(),
		Firewall: ui.Firewall{State: h.state, At: h.wire(h.stateAt)},
	}
	if h.lastErr != "" {
		s.Firewall.Error = &h.lastErr
	}
	for _, spot := range h.blindSpots() {
		s.BlindSpots, s.Says = append(s.BlindSpots, spot.String()), append(s.Says, ui.Say(spot.Array()))
	}
	for d := range h.registry.All() {
		s.Devices.Known++
		if d.Online {
			s.Devices.Online++
		}
		if len(h.book.Of(d.MAC)) > 0 {
			s.Devices.Quarantined++
		}
	}
	for _, x := range h.allStores() {
		s.Stores = append(s.Stores, ui.Store(x))
	}
	for _, source := range h.options.Losses {
		s.Losses = append(s.Losses, ui.Loss{Where: source.Name, Lost: source.Lost()})
	}
	for _, l := range h.sourceLosses() {
		s.Losses = append(s.Losses, ui.Loss{Where: l.Where, Lost: l.Lost})
	}
	if h.enforcer != nil {
		skipped := h.counters.Packets.Packets + h.counters.Names.Packets + h.counters.Loose.Packets
		s.Losses = append(s.Losses, ui.Loss{Where: "log limit", Lost: skipped})
	}
	if h.bridges != nil {
		s.Losses = append(s.Losses,
			ui.Loss{Where: "log limit inside the home", Lost: h.counters.Inside.Packets},
			ui.Loss{Where: "inside the home, not counted", Lost: h.counters.Missed.Packets})
	}
	return s
}

func (h *home) lanNames() []string {
	names := make([]string, 0, len(h.net.LAN))
	for _, l := range h.net.LAN {
		names = append(names, l.Name)
	}
	return names
}

func (h *home) blindSpots() (spots []say.Phrase) {
	for _, spot := range slices.Concat(h.options.BlindSpots, h.limits) {
		spots = append(spots, say.Known(spot))
	}
	if missing := h.logsOf(none); !missing.OK {
		spots = append(spots, say.Plain(missing.Why))
	}
	spots = append(spots, offloadSpots(h.offload)...)
	for _, s := range h.shut {
		spots = append(spots, s.word())
	}
	if h.options.Log.Group != 0 && !h.levels.Allows(capture.LevelAccounting) {
		spots = append(spots, say.New("spot.estimates"))
	}
	if h.radioWord != "" {
		spots = append(spots, say.New("radio", say.Known(h.radioWord)))
	}
	return spots
}

// event enters an event and sends it to the browsers at once.
func (h *home) event(e events.Event) {
	e = h.events.Add(h.now(), e)
	shown := h.uiEvent(e)
	h.hub.Event(shown)
	if h.herald != nil {
		h.herald.offer(h.now(), shown)
	}
}

func (h *home) uiEvent(e events.Event) ui.Event {
	out := ui.Event{ID: e.ID, Time: h.wire(e.Time), Kind: string(e.Kind), Severity: string(e.Severity), Device: macText(e.Device), Text: e.Text.String(), Say: ui.Say(e.Text.Array())}
	if e.Cause != "" {
		out.Cause = &e.Cause
	}
	if e.Undo != nil {
		out.Undo = &ui.Undo{Method: e.Undo.Method, Path: e.Undo.Path}
	}
	return out
}

// focus lists the endpoints of the device with a stream number.
func (h *home) focus(id, limit int) (rows []stream.FocusRow, more int) {
	d, ok := h.registry.ByID(id)
	if !ok {
		return nil, 0
	}
	endpoints, more := h.traffic.Focus(d.MAC, limit)
	rows = make([]stream.FocusRow, len(endpoints))
	for i, e := range endpoints {
		rows[i] = stream.FocusRow{
			ID: e.ID, Name: h.endpointName(e), Owner: e.Owner, Port: e.Port,
			TxRate: e.TxRate, RxRate: e.RxRate, First: e.First, Last: e.Last,
		}
	}
	return rows, more
}

func (h *home) endpointName(e traffic.Endpoint) string {
	switch {
	case e.Name != "":
		return e.Name
	case e.Scope == capture.ScopeRouter:
		return "this router"
	case !e.Peer.IsZero():
		return h.nameOf(e.Peer)
	}
	return e.Remote.String()
}

// asker is the device behind the address that a request came from, 0 where none is known.
func (h *home) asker(remoteAddr string) int {
	mac, err := packet.ParseMAC(h.who(remoteAddr).MAC)
	if err != nil {
		return 0
	}
	return h.registry.ID(mac)
}
