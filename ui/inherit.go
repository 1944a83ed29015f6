package ui

import "encoding/json"

// Before is a device that another may be under a new MAC, and why.
type Before struct {
	MAC  string `json:"mac"`
	Name string `json:"name"`
	Why  string `json:"why"`
}

// postInherit takes the owner's word that a device is the same as another, under a new MAC.
func (s *Server) postInherit(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	var text string
	if p := readObject(c.w, c.r, members{"from": func(value json.RawMessage) *Problem {
		return scalar("from", "text", value, &text)
	}}); p != nil {
		return nil, p
	}
	from, ok := ParseMAC(text)
	if !ok {
		return nil, invalid("from", "from "+quote(text)+" is not a MAC: write it like 02:00:00:00:00:01")
	}
	return s.config.Backend.Inherit(c, mac, from)
}
