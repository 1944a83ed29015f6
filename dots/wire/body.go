package wire

import "net/netip"

// The CBOR shapes of a mitigation scope. Lists of small numbers are not []uint8: that would be a byte string.
type (
	mitigationBody struct {
		Scope scopesBody `cbor:"1"`
	}
	scopesBody struct {
		Scopes []scopeBody `cbor:"2"`
	}
	scopeBody struct {
		MID          *uint32       `cbor:"5,omitempty"`
		Targets      []string      `cbor:"6,omitempty"`
		TargetPorts  []portBody    `cbor:"7,omitempty"`
		Protocols    []uint16      `cbor:"10,omitempty"`
		FQDNs        []string      `cbor:"11,omitempty"`
		URIs         []string      `cbor:"12,omitempty"`
		Lifetime     *int64        `cbor:"14,omitempty"`
		Start        int64         `cbor:"15,omitempty"`
		Status       Status        `cbor:"16,omitempty"`
		Conflict     *conflictBody `cbor:"17,omitempty"`
		Bytes        *uint64       `cbor:"25,omitempty"`
		BytesRate    *uint64       `cbor:"26,omitempty"`
		Packets      *uint64       `cbor:"27,omitempty"`
		PacketsRate  *uint64       `cbor:"28,omitempty"`
		AttackStatus AttackStatus  `cbor:"29,omitempty"`
		Sources      []string      `cbor:"32768,omitempty"`
		SourcePorts  []portBody    `cbor:"32769,omitempty"`
		SourceICMP   []typeBody    `cbor:"32770,omitempty"`
	}
	portBody struct {
		Lower *uint16 `cbor:"8"`
		Upper *uint16 `cbor:"9,omitempty"`
	}
	typeBody struct {
		Lower *uint8 `cbor:"32771"`
		Upper *uint8 `cbor:"32772,omitempty"`
	}
	conflictBody struct {
		Status ConflictStatus `cbor:"18,omitempty"`
		Cause  Cause          `cbor:"19,omitempty"`
		Retry  uint32         `cbor:"20,omitempty"`
		Scope  *scopeBody     `cbor:"21,omitempty"`
	}
)

// fill writes a scope into its CBOR shape.
func (b *scopeBody) fill(s Scope) {
	b.Targets, b.Sources = texts(s.Targets), texts(s.Sources)
	b.TargetPorts, b.SourcePorts = ports(s.TargetPorts), ports(s.SourcePorts)
	b.FQDNs, b.URIs = s.FQDNs, s.URIs
	for _, p := range s.Protocols {
		b.Protocols = append(b.Protocols, uint16(p))
	}
	for _, r := range s.SourceICMP {
		t := typeBody{Lower: &r.Lower}
		if r.Upper != r.Lower {
			t.Upper = &r.Upper
		}
		b.SourceICMP = append(b.SourceICMP, t)
	}
}

func texts(list []netip.Prefix) (out []string) {
	for _, p := range list {
		out = append(out, p.String())
	}
	return out
}

func ports(list []PortRange) (out []portBody) {
	for _, r := range list {
		p := portBody{Lower: &r.Lower}
		if r.Upper != r.Lower {
			p.Upper = &r.Upper
		}
		out = append(out, p)
	}
	return out
}

// scope reads a scope from its CBOR shape; its values are checked, empty lists are not.
func (b scopeBody) scope() (s Scope, err error) {
	if s.Targets, err = prefixes(b.Targets, "target-prefix"); err != nil {
		return s, err
	}
	if s.Sources, err = prefixes(b.Sources, "source-prefix"); err != nil {
		return s, err
	}
	if s.TargetPorts, err = portRanges(b.TargetPorts, "target-port-range"); err != nil {
		return s, err
	}
	if s.SourcePorts, err = portRanges(b.SourcePorts, "source-port-range"); err != nil {
		return s, err
	}
	if s.SourceICMP, err = typeRanges(b.SourceICMP); err != nil {
		return s, err
	}
	for _, p := range b.Protocols {
		if p > 255 {
			return s, badRequest("target-protocol %d is above 255", p)
		}
		s.Protocols = append(s.Protocols, uint8(p))
	}
	s.FQDNs, s.URIs = b.FQDNs, b.URIs
	return s, nil
}
