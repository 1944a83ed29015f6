package mud

// mud reads RFC 8520's own matches (RFC 8520 4). Several at once are all to hold.
func (m *matcher) mud(n *node) {
	o, ok := m.object(n, moduleMUD)
	if !ok || len(o.inner) == 0 {
		m.miss(n, "this must be an object that names a party")
		return
	}
	for _, n := range o.inner {
		switch name := bare(n.key, o.modules); name {
		case "local-networks":
			m.empty(n, LocalNetworks)
		case "same-manufacturer":
			m.empty(n, SameManufacturer)
		case "my-controller":
			m.empty(n, MyController)
		case "manufacturer":
			m.manufacturer(n)
		case "model":
			m.model(n)
		case "controller":
			m.controller(n)
		case "direction-initiated":
			m.miss(n, "direction-initiated belongs into tcp")
		default:
			m.miss(n, "RFC 8520 has no party of this name")
		}
	}
}

// empty reads a leaf that is there or not. RFC 7951 6.9 writes it [null]; other ways occur.
func (m *matcher) empty(n *node, k Kind) {
	there := false
	switch n.kind {
	case isList:
		there = len(n.inner) == 0 || len(n.inner) == 1 && n.inner[0].kind == isNull
	case isBool:
		there = n.text == "true"
	case isString:
		there = n.text == ""
	case isNull:
		there = true
	}
	if !there {
		m.miss(n, "this must be [null]")
		return
	}
	m.Remote = append(m.Remote, Endpoint{Kind: k})
}

func (m *matcher) manufacturer(n *node) {
	host, err := canonicalName(n.text)
	if n.kind != isString || err != nil {
		m.miss(n, "this must be the host of the makers' MUD URLs")
		return
	}
	m.Remote = append(m.Remote, Endpoint{Kind: Manufacturer, Name: host})
}

func (m *matcher) model(n *node) {
	u, err := ParseURL(n.text)
	if n.kind != isString || err != nil {
		m.miss(n, "this must be a MUD URL")
		return
	}
	m.Remote = append(m.Remote, Endpoint{Kind: Model, Name: u.String()})
}

// controller reads the name of a class. It is a name only: it is never fetched, and bare words occur.
func (m *matcher) controller(n *node) {
	if n.kind != isString || n.text == "" {
		m.miss(n, "this must be the name of a class, like urn:ietf:params:mud:dns")
		return
	}
	if n.text == ClassGateway {
		m.say(Note, n, "this class is not registered: read as the router, for DNS, DHCP and time")
	}
	m.Remote = append(m.Remote, Endpoint{Kind: Controller, Name: n.text})
}
