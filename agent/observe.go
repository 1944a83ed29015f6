package agent

import (
	"slices"

	"spinneret/capture"
	"spinneret/capture/dhcp"
	"spinneret/capture/hello"
	"spinneret/capture/lldp"
	"spinneret/capture/names"
	"spinneret/capture/packet"
)

// ears are what looks into packets beside the table: they learn names, of servers and of devices. Any goroutine may
// show them packets.
type ears struct {
	names  *names.Store
	hellos *hello.Reader
	dhcp   *dhcp.Store
	handed *dhcp.Handed
	lldp   *lldp.Store
}

func newEars(devices int) ears {
	return ears{names.NewStore(), hello.NewReader(), dhcp.NewStore(devices), &dhcp.Handed{}, lldp.NewStore()}
}

// observers are the ears in the order in which they are to hear.
func (e ears) observers() []capture.Observer {
	return []capture.Observer{e.names.Observe, e.dhcp.Observe, e.handed.Observe, e.lldp.Observe, e.hear}
}

// hear learns what a device calls the server that it says hello to.
func (e ears) hear(p *packet.Packet, from, _ packet.MAC) {
	n, ok := e.hellos.Add(p)
	if !ok {
		return
	}
	e.names.Learn(names.Name{Device: from, Addr: p.Dst, Name: n.Host, Source: names.Source(n.Source), At: p.Time})
}

func (e ears) stores() []capture.Store {
	stores := e.names.Stores()
	stores = append(stores, e.hellos.Stores()...)
	return slices.Concat(stores, e.dhcp.Stores(), e.lldp.Stores())
}
