package ui

import (
	"encoding/json"
	"slices"
)

// maxMUDBody bounds the body of PUT devices/{mac}/mud, in bytes: a file has at most 256 KiB, something is around it.
const maxMUDBody = 260 << 10

func (s *Server) getMUD(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	return s.config.Backend.MUD(c, mac)
}

func (s *Server) putMUD(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	var order MUDOrder
	if p := readLong(c.w, c.r, order.members(), maxMUDBody); p != nil {
		return nil, p
	}
	switch {
	case order.URL != "" && order.File != nil:
		return nil, invalid("file", "url and file are both given: give one of them")
	case order.URL == "" && order.File == nil && order.Mode == "" && order.Strict == nil:
		return nil, invalid("url", "nothing is given: give url or file, or mode alone")
	}
	order.Asker = c.r.RemoteAddr
	return s.config.Backend.AssignMUD(c, mac, order)
}

func (s *Server) deleteMUD(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	return s.config.Backend.RemoveMUD(c, mac)
}

func (s *Server) postMUD(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	var approve, refuse string
	answer := MUDAnswer{Asker: c.r.RemoteAddr}
	if p := readObject(c.w, c.r, members{
		"approve": func(value json.RawMessage) *Problem { return scalar("approve", "text", value, &approve) },
		"refuse":  func(value json.RawMessage) *Problem { return scalar("refuse", "text", value, &refuse) },
		"acknowledge": func(value json.RawMessage) *Problem {
			return scalar("acknowledge", "true or false", value, &answer.Acknowledge)
		},
	}); p != nil {
		return nil, p
	}
	if (approve == "") == (refuse == "") {
		return nil, invalid("approve", "give approve or refuse, with the id of one of approvals")
	}
	answer.ID, answer.Approve = approve+refuse, approve != ""
	return s.config.Backend.AnswerMUD(c, mac, answer)
}

// members reads the body of PUT devices/{mac}/mud.
func (o *MUDOrder) members() members {
	return members{
		"url": func(value json.RawMessage) *Problem { return scalar("url", "text", value, &o.URL) },
		"file": func(value json.RawMessage) *Problem {
			if isNull(value) {
				return nil
			}
			if value[0] != '{' {
				return invalid("file", "file is not a MUD file: give the JSON object itself")
			}
			o.File = value
			return nil
		},
		"acknowledge": func(value json.RawMessage) *Problem {
			return scalar("acknowledge", "true or false", value, &o.Acknowledge)
		},
		"strict": func(value json.RawMessage) *Problem { return scalar("strict", "true or false", value, &o.Strict) },
		"mode": func(value json.RawMessage) *Problem {
			if p := scalar("mode", "text", value, &o.Mode); p != nil {
				return p
			}
			if !isNull(value) && !slices.Contains([]string{"off", "watch", "enforce"}, o.Mode) {
				return invalid("mode", "there is no mode "+quote(o.Mode)+": give off, watch or enforce")
			}
			return nil
		},
	}
}

// postHeardMUD is for the script that the router's DHCP server runs, as root.
func (s *Server) postHeardMUD(c call) (any, error) {
	if doorOfRequest(c.r) != Unix {
		return nil, notAllowed("what a DHCP server was told comes from the router itself")
	}
	var mac, url string
	if p := readObject(c.w, c.r, members{
		"mac": func(value json.RawMessage) *Problem { return scalar("mac", "text", value, &mac) },
		"url": func(value json.RawMessage) *Problem { return scalar("url", "text", value, &url) },
	}); p != nil {
		return nil, p
	}
	plain, ok := ParseMAC(mac)
	if !ok {
		return nil, invalid("mac", "mac is none: give it such as 02:00:00:00:00:01")
	}
	return noContent{}, s.config.Backend.HearMUD(c, plain, url)
}
