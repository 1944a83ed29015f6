package ui

import "encoding/json"

// Before is a device that another may be under a new MAC, and why.
type Before struct {
	MAC  string `json:"mac"`
	Name string `json:"name"`
	Why  string `json:"why"`
	Say  Say    `json:"say"` // why
}

// InheritOrder says that a device is another under a new MAC.
type InheritOrder struct {
	From        string // the MAC that it had before
	Acknowledge bool   // though the owner's own device would be cut off or held to a description
	Asker       string // as in QuarantineOrder
}

// postInherit takes the owner's word that a device is the same as another, under a new MAC.
func (s *Server) postInherit(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	order, text := InheritOrder{Asker: c.r.RemoteAddr}, ""
	if p := readObject(c.w, c.r, members{
		"from": func(value json.RawMessage) *Problem { return scalar("from", "text", value, &text) },
		"acknowledge": func(value json.RawMessage) *Problem {
			return scalar("acknowledge", "true or false", value, &order.Acknowledge)
		},
	}); p != nil {
		return nil, p
	}
	var ok bool
	if order.From, ok = ParseMAC(text); !ok {
		return nil, invalid("from", "from "+quote(text)+" is not a MAC: write it like 02:00:00:00:00:01")
	}
	return s.config.Backend.Inherit(c, mac, order)
}
