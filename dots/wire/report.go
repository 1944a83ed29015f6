package wire

import "fmt"

// Drops is what a mitigation kept from its target; rates are averages of the last five minutes (RFC 9132 section
// 4.4.2).
type Drops struct {
	Bytes, BytesRate     uint64 // rate in bytes/s
	Packets, PacketsRate uint64 // rate in packets/s
}

// Conflict says which requests stand in each other's way (RFC 9132 section 4.4.1.3).
type Conflict struct {
	Status ConflictStatus
	Cause  Cause
	Retry  uint32  // seconds until the client may ask again
	MID    *uint32 // of the other request, where it is the same client's
	Scope  Scope   // what both are about
}

// Report is what a server says of one mitigation: the answer to a PUT, a GET, or a notification.
type Report struct {
	MID      *uint32
	Scope    Scope
	Lifetime *int64 // seconds that remain
	Start    int64  // Unix seconds, zero where it did not begin
	Status   Status
	Drops    *Drops
	Conflict *Conflict
}

// EncodeReports is the body that tells of these mitigations.
func EncodeReports(reports ...Report) []byte {
	list := make([]scopeBody, len(reports))
	for i, r := range reports {
		list[i] = r.body()
	}
	return encode(mitigationBody{scopesBody{list}})
}

func (r Report) body() (b scopeBody) {
	b.fill(r.Scope)
	b.MID, b.Lifetime, b.Start, b.Status = r.MID, r.Lifetime, r.Start, r.Status
	if d := r.Drops; d != nil {
		b.Bytes, b.BytesRate, b.Packets, b.PacketsRate = &d.Bytes, &d.BytesRate, &d.Packets, &d.PacketsRate
	}
	if c := r.Conflict; c != nil {
		b.Conflict = &conflictBody{Status: c.Status, Cause: c.Cause, Retry: c.Retry}
		if c.MID != nil || len(c.Scope.Targets) > 0 {
			b.Conflict.Scope = &scopeBody{MID: c.MID}
			b.Conflict.Scope.fill(c.Scope)
		}
	}
	return b
}

// DecodeReports reads what a server says. It is liberal: servers send empty lists, and keys that are theirs alone.
func DecodeReports(body []byte) ([]Report, error) {
	raw, err := untag(body)
	if err != nil {
		return nil, err
	}
	var m mitigationBody
	if err := unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("read a mitigation's status: %w", err)
	}
	reports := make([]Report, 0, len(m.Scope.Scopes))
	for _, b := range m.Scope.Scopes {
		r, err := b.report()
		if err != nil {
			return nil, fmt.Errorf("read a mitigation's status: %w", err)
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func (b scopeBody) report() (r Report, err error) {
	if r.Scope, err = b.scope(); err != nil {
		return r, err
	}
	r.MID, r.Lifetime, r.Start, r.Status = b.MID, b.Lifetime, b.Start, b.Status
	if r.Status > highestKnown {
		return r, badRequest("status %d is unknown", r.Status)
	}
	if b.Bytes != nil || b.Packets != nil {
		r.Drops = &Drops{value(b.Bytes), value(b.BytesRate), value(b.Packets), value(b.PacketsRate)}
	}
	if c := b.Conflict; c != nil {
		r.Conflict = &Conflict{Status: c.Status, Cause: c.Cause, Retry: c.Retry}
		if c.Scope != nil {
			r.Conflict.MID = c.Scope.MID
			r.Conflict.Scope, err = c.Scope.scope()
		}
	}
	return r, err
}

func value(p *uint64) uint64 {
	if p == nil {
		return 0
	}
	return *p
}
