package wire

import (
	"strconv"
	"strings"
)

// Operation is the resource under /.well-known/dots that a request is for.
type Operation string

// The operations of RFC 9132 section 4.2 and RFC 9066 section 5.2.2.
const (
	Mitigate Operation = "mitigate"
	Config   Operation = "config"
	Hb       Operation = "hb"
	Redirect Operation = "redirect"
)

// Path is a Uri-Path as DOTS has it: each of its options one segment.
type Path struct {
	Operation Operation
	CDID      string // set by a gateway; a home takes it from nobody and leaves it unread
	CUID      string
	MID       *uint32
	SID       *uint32
}

// maxID bounds a client's identifier; the recommended form has 22 characters.
const maxID = 128

// order is what may follow an operation, in this order (RFC 9132 sections 4.4.1.2, 4.5, 4.7).
var order = map[Operation][]string{
	Mitigate: {"cdid", "cuid", "mid"},
	Config:   {"sid"},
	Hb:       {},
	Redirect: {"cuid", "mid"},
}

// ParsePath reads the segments of a Uri-Path. An unknown path is 4.04, a known one with wrong parameters 4.00; its
// operation is told all the same.
func ParsePath(segments []string) (Path, error) {
	if len(segments) < 3 || segments[0] != ".well-known" || segments[1] != "dots" {
		return Path{}, &Error{NotFound, "there is nothing but /.well-known/dots"}
	}
	p := Path{Operation: Operation(segments[2])}
	allowed, known := order[p.Operation]
	if !known {
		return Path{}, &Error{NotFound, "of /.well-known/dots there are mitigate, config, hb and redirect"}
	}
	for _, segment := range segments[3:] {
		name, value, ok := strings.Cut(segment, "=")
		for len(allowed) > 0 && allowed[0] != name {
			allowed = allowed[1:]
		}
		if !ok || value == "" || len(value) > maxID || len(allowed) == 0 {
			return p, badRequest("the path has a parameter that is empty, too long, unknown, repeated, or out of order")
		}
		allowed = allowed[1:]
		if err := p.set(name, value); err != nil {
			return p, err
		}
	}
	return p, p.complete()
}

func (p *Path) set(name, value string) error {
	switch name {
	case "cdid":
		p.CDID = value
	case "cuid":
		p.CUID = value
	default:
		id, err := strconv.ParseUint(value, 10, 32)
		if err != nil || strconv.FormatUint(id, 10) != value {
			return badRequest("%s is no number from 0 to 4294967295", name)
		}
		id32 := uint32(id)
		if name == "mid" {
			p.MID = &id32
		} else {
			p.SID = &id32
		}
	}
	return nil
}

// complete refuses a path that lacks what every request for it has.
func (p Path) complete() error {
	if (p.Operation == Mitigate || p.Operation == Redirect) && p.CUID == "" {
		return badRequest("the path has no cuid")
	}
	if p.Operation == Redirect && p.MID == nil {
		return badRequest("the path has no mid")
	}
	return nil
}

// Segments is the Uri-Path of p.
func (p Path) Segments() []string {
	list := []string{".well-known", "dots", string(p.Operation)}
	if p.CUID != "" {
		list = append(list, "cuid="+p.CUID)
	}
	if p.MID != nil {
		list = append(list, "mid="+strconv.FormatUint(uint64(*p.MID), 10))
	}
	if p.SID != nil {
		list = append(list, "sid="+strconv.FormatUint(uint64(*p.SID), 10))
	}
	return list
}
