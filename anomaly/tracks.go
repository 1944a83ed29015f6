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

// pick finds a tracker in a few; false with the one that matters least where it is not there.
func pick[T any](list []T, is func(*T) bool, worth func(*T) int64) (found *T, ok bool) {
	least := &list[0]
	for i := range list {
		t := &list[i]
		if is(t) {
			return t, true
		}
		if worth(t) < worth(least) {
			least = t
		}
	}
	return least, false
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
	t, ok := pick(rec.ports[:], func(t *portTrack) bool { return t.all > 0 && t.port == port && t.protocol == protocol },
		func(t *portTrack) int64 { return t.worth(now) })
	if !ok {
		*t = portTrack{protocol: protocol, port: port}
	}
	return t
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
	t, ok := pick(rec.targets[:], func(t *targetTrack) bool { return t.all > 0 && t.id == id && t.protocol == a.protocol },
		func(t *targetTrack) int64 { return t.worth(a.at) })
	if !ok {
		*t = targetTrack{id: id, addr: a.remote, protocol: a.protocol}
	}
	return t
}

func (rec *device) loginTrack(id uint64, a attempt) *loginTrack {
	t, ok := pick(rec.logins[:], func(t *loginTrack) bool { return t.all > 0 && t.id == id && t.port == a.port },
		func(t *loginTrack) int64 { return t.worth(a.at) })
	if !ok {
		*t = loginTrack{id: id, addr: a.remote, port: a.port}
	}
	return t
}

func (t *loginTrack) try(a attempt) { t.tries.try(a.connection, a.at) }
