package anomaly

import "net/netip"

// portTrack follows the addresses that a device tries on one port.
type portTrack struct {
	protocol uint8
	port     uint16
	tries
}

// targetTrack follows the ports that it tries on one address.
type targetTrack struct {
	id       uint64
	addr     netip.Addr
	protocol uint8
	tries
}

// loginTrack follows the connections to one service that asks who is there.
type loginTrack struct {
	id   uint64
	addr netip.Addr
	port uint16
	tries
}

func (rec *device) findPort(protocol uint8, port uint16) *portTrack {
	for i := range rec.ports {
		if t := &rec.ports[i]; t.all > 0 && t.port == port && t.protocol == protocol {
			return t
		}
	}
	return nil
}

func (rec *device) portTrack(protocol uint8, port uint16, now int64) *portTrack {
	if t := rec.findPort(protocol, port); t != nil {
		return t
	}
	least := &rec.ports[0]
	for i := range rec.ports {
		if t := &rec.ports[i]; t.stale(now) < least.stale(now) {
			least = t
		}
	}
	*least = portTrack{protocol: protocol, port: port}
	return least
}

func (rec *device) findTarget(id uint64, protocol uint8) *targetTrack {
	for i := range rec.targets {
		if t := &rec.targets[i]; t.all > 0 && t.id == id && t.protocol == protocol {
			return t
		}
	}
	return nil
}

func (rec *device) targetTrack(id uint64, a attempt) *targetTrack {
	if t := rec.findTarget(id, a.protocol); t != nil {
		return t
	}
	least := &rec.targets[0]
	for i := range rec.targets {
		if t := &rec.targets[i]; t.stale(a.at) < least.stale(a.at) {
			least = t
		}
	}
	*least = targetTrack{id: id, addr: a.remote, protocol: a.protocol}
	return least
}

func (rec *device) loginTrack(id uint64, a attempt) *loginTrack {
	least := &rec.logins[0]
	for i := range rec.logins {
		t := &rec.logins[i]
		if t.all > 0 && t.id == id && t.port == a.port {
			return t
		}
		if t.stale(a.at) < least.stale(a.at) {
			least = t
		}
	}
	*least = loginTrack{id: id, addr: a.remote, port: a.port}
	return least
}

func (t *loginTrack) try(a attempt) { t.tries.try(a.connection, a.at) }
