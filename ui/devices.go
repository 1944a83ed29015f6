package ui

func (s *Server) getStatus(c call) (any, error) {
	return s.config.Backend.Status(c)
}

func (s *Server) getDevices(c call) (any, error) {
	devices, err := s.config.Backend.Devices(c)
	if err != nil {
		return nil, err
	}
	return map[string][]Device{"devices": listed(devices)}, nil
}

func (s *Server) getDevice(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	return s.config.Backend.Device(c, mac)
}

func (s *Server) patchDevice(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	var edit DeviceEdit
	if p := readObject(c.w, c.r, edit.members()); p != nil {
		return nil, p
	}
	return s.config.Backend.EditDevice(c, mac, edit)
}

func (s *Server) putQuarantine(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	var order QuarantineOrder
	if p := readObject(c.w, c.r, order.members()); p != nil {
		return nil, p
	}
	if p := order.check(s.config.Now()); p != nil {
		return nil, p
	}
	order.Asker = c.r.RemoteAddr
	return s.config.Backend.Quarantine(c, mac, order)
}

func (s *Server) deleteQuarantine(c call) (any, error) {
	mac, err := c.target("source")
	if err != nil {
		return nil, err
	}
	q := parseQuery(c.r.URL.RawQuery, "source")
	source := q.oneOf("source", "owner", "dots", "anomaly", "mud")
	if q.problem != nil {
		return nil, q.problem
	}
	return s.config.Backend.Release(c, mac, source)
}

// target is the MAC in the path of a request whose query takes only these names.
func (c call) target(known ...string) (string, error) {
	text := c.r.PathValue("mac")
	mac, ok := ParseMAC(text)
	if !ok {
		return "", badRequest(quote(text) + " is not a MAC: write it like 02:00:00:00:00:01")
	}
	if p := parseQuery(c.r.URL.RawQuery, known...).problem; p != nil {
		return "", p
	}
	return mac, nil
}

// listed is a list as JSON wants it: empty, never null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
