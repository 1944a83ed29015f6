package mud

// transport reads a tcp or udp container (RFC 8519 4.2, RFC 8520 8).
func (m *matcher) transport(n *node, header string, p Protocol) {
	m.protocol(n, p)
	o, ok := m.object(n, moduleACL, moduleMUD)
	if !ok {
		m.miss(n, "this must be an object")
		return
	}
	for _, n := range o.inner {
		switch name := bare(n.key, o.modules); {
		case name == "source-port":
			m.ports(n, m.side(ToDevice))
		case name == "destination-port":
			m.ports(n, m.side(FromDevice))
		case name == "direction-initiated" && p == TCP:
			m.initiated(n)
		default:
			m.field(n, header, name)
		}
	}
}

// side is where the ports go that are the remote party's in ACLs of the given direction.
func (m *matcher) side(remoteIn Direction) *Ports {
	if m.dir == remoteIn {
		return &m.RemotePort
	}
	return &m.LocalPort
}

func (m *matcher) initiated(n *node) {
	d := Direction(n.text)
	if n.kind != isString || d != FromDevice && d != ToDevice {
		m.miss(n, "this must be from-device or to-device")
		return
	}
	m.Initiated = d
}

// ports reads one port with its operator, or a range.
func (m *matcher) ports(n *node, p *Ports) {
	o, ok := m.object(n, moduleACL)
	if !ok {
		m.miss(n, "this must be an object with a port")
		return
	}
	for _, n := range o.inner {
		switch bare(n.key, o.modules) {
		case "port", "lower-port", "upper-port", "operator":
		default:
			m.miss(n, "ports have no node of this name")
			return
		}
	}
	operator := "eq"
	if op := o.at["operator"]; op != nil {
		operator = bare(op.text, []string{moduleACL})
	}
	lower, upper, port := o.at["lower-port"], o.at["upper-port"], o.at["port"]
	switch {
	case lower != nil && upper != nil && port == nil && (o.at["operator"] == nil || operator == "range"):
		m.portRange(n, p, lower, upper)
	case lower == nil && upper == nil && port != nil:
		m.port(n, p, port, operator)
	default:
		m.miss(n, "this must have a port, or a lower-port and an upper-port")
	}
}

func (m *matcher) portRange(n *node, p *Ports, lower, upper *node) {
	low, ok := m.number(lower, 0, 65535)
	high, ok2 := m.number(upper, 0, 65535)
	if !ok || !ok2 {
		return
	}
	if low > high {
		m.miss(n, "lower-port is above upper-port")
		return
	}
	*p = Ports{Low: uint16(low), High: uint16(high), Set: true}
}

func (m *matcher) port(n *node, p *Ports, port *node, operator string) {
	v, ok := m.number(port, 0, 65535)
	if !ok {
		return
	}
	number := uint16(v)
	switch operator {
	case "eq":
		*p = Ports{Low: number, High: number, Set: true}
	case "neq":
		*p = Ports{Low: number, High: number, Not: true, Set: true}
	case "lte":
		*p = Ports{High: number, Set: true}
	case "gte":
		*p = Ports{Low: number, High: 65535, Set: true}
	default:
		m.miss(n, "%q is no operator: write eq, neq, lte or gte", operator)
	}
}

// icmp reads an icmp container, which is of ICMPv6 in ACLs for IPv6.
func (m *matcher) icmp(n *node) {
	p := ICMP
	if m.family == IPv6 || m.Protocol == ICMPv6 {
		p = ICMPv6
	}
	m.protocol(n, p)
	o, ok := m.object(n, moduleACL)
	if !ok {
		m.miss(n, "this must be an object")
		return
	}
	for _, n := range o.inner {
		m.field(n, "icmp", bare(n.key, o.modules))
	}
}
