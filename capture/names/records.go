package names

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// records are the parts of a message that lead to addresses.
type records struct {
	aliases map[string]string // CNAME, and SVCB or HTTPS in alias mode
	hosts   []host            // with their owners' names
}

// section reads one section of a message.
type section struct {
	header func(*dnsmessage.Parser) (dnsmessage.ResourceHeader, error)
	skip   func(*dnsmessage.Parser) error
}

var (
	answers     = section{(*dnsmessage.Parser).AnswerHeader, (*dnsmessage.Parser).SkipAnswer}
	additionals = section{(*dnsmessage.Parser).AdditionalHeader, (*dnsmessage.Parser).SkipAdditional}
)

// read takes what it understands and skips the rest: a record that is wrong in itself spoils no other, as long
// as it can be told where the next begins.
func (r *records) read(p *dnsmessage.Parser, s section) error {
	for range maxRecords {
		h, err := s.header(p)
		if errors.Is(err, dnsmessage.ErrSectionDone) {
			return nil
		}
		if err == nil && r.take(p, h) {
			continue
		}
		if err := s.skip(p); err != nil {
			return err
		}
	}
	return nil
}

// cacheFlush is the top bit of the class in mDNS (RFC 6762 section 10.2).
const cacheFlush = 1 << 15

// take reads the record after h. It is false where the record is still to be skipped.
func (r *records) take(p *dnsmessage.Parser, h dnsmessage.ResourceHeader) bool {
	owner, ok := Clean(h.Name.String())
	if !ok || h.Class&^cacheFlush != dnsmessage.ClassINET {
		return false
	}
	ttl := time.Duration(h.TTL) * time.Second
	switch {
	case h.Type == dnsmessage.TypeA && h.Length == 4:
		a, err := p.AResource()
		return err == nil && r.addHost(owner, netip.AddrFrom4(a.A), ttl)
	case h.Type == dnsmessage.TypeAAAA && h.Length == 16:
		a, err := p.AAAAResource()
		return err == nil && r.addHost(owner, netip.AddrFrom16(a.AAAA), ttl)
	case h.Type == dnsmessage.TypeCNAME:
		c, err := p.CNAMEResource()
		return err == nil && r.addAlias(owner, c.CNAME)
	case h.Type == dnsmessage.TypeHTTPS:
		b, err := p.HTTPSResource()
		return err == nil && r.addService(owner, &b.SVCBResource, ttl)
	case h.Type == dnsmessage.TypeSVCB:
		b, err := p.SVCBResource()
		return err == nil && r.addService(owner, &b, ttl)
	}
	return false
}

// The adders return true: what they do not want has still been read.

func (r *records) addHost(owner string, a netip.Addr, ttl time.Duration) bool {
	if len(r.hosts) < maxHosts {
		r.hosts = append(r.hosts, host{owner, a.Unmap(), ttl})
	}
	return true
}

func (r *records) addAlias(owner string, target dnsmessage.Name) bool {
	if name, ok := Clean(target.String()); ok && r.aliases[owner] == "" {
		if r.aliases == nil {
			r.aliases = map[string]string{}
		}
		r.aliases[owner] = name
	}
	return true
}

// addService reads RFC 9460: in alias mode (section 2.4.2) the record is like a CNAME, in service mode it may
// hint at addresses (section 7.3).
func (r *records) addService(owner string, s *dnsmessage.SVCBResource, ttl time.Duration) bool {
	if s.Priority == 0 {
		return r.addAlias(owner, s.Target)
	}
	v4, _ := s.GetParam(dnsmessage.SVCParamIPv4Hint)
	for ; len(v4) >= 4; v4 = v4[4:] {
		r.addHost(owner, netip.AddrFrom4([4]byte(v4)), ttl)
	}
	v6, _ := s.GetParam(dnsmessage.SVCParamIPv6Hint)
	for ; len(v6) >= 16; v6 = v6[16:] {
		r.addHost(owner, netip.AddrFrom16([16]byte(v6)), ttl)
	}
	return true
}

// reachable are the hosts at the end of aliases from name, under that name. The walk is short, so an alias that
// leads back ends it like any other.
func (r *records) reachable(name string) []host {
	onPath := map[string]bool{name: true}
	for at := name; len(onPath) <= maxChain; {
		next := r.aliases[at]
		if next == "" || onPath[next] {
			break
		}
		onPath[next] = true
		at = next
	}
	var found []host
	for _, h := range r.hosts {
		if onPath[h.name] {
			found = append(found, host{name, h.addr, h.ttl})
		}
	}
	return found
}
