package lab

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// dnsTTL is short enough that a home on show keeps asking.
const dnsTTL = 60

// names is the DNS server of the internet. It counts what it is asked.
type names struct {
	mu    sync.Mutex
	asked map[string]int // by owner; what comes after the first maxServed is not counted
	turns uint32         // answers about rotating names
}

// Asked returns how many queries for names of an owner, like "eyecam.example", reached the internet's DNS
// server so far. The router's resolver asks for nothing that it has in its cache, and at first it asks twice.
func (h *Home) Asked(owner string) int {
	h.names.mu.Lock()
	defer h.names.mu.Unlock()
	return h.names.asked[owner]
}

func (s *names) count(name string) {
	owner, ok := ownerOf(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	if _, known := s.asked[owner]; ok && (known || len(s.asked) < maxServed) {
		s.asked[owner]++
	}
}

// lookup finds what a name has now.
func (s *names) lookup(name string) (host, bool) {
	if !strings.HasSuffix(name, rotating) {
		return lookup(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turns++
	return turn(s.turns), true
}

// answer answers one query (RFC 1035) from the zone, or returns nil for what is not worth an answer.
func (s *names) answer(query []byte) []byte {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil || header.Response {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	s.count(name)
	found, ok := s.lookup(name)
	msg := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: header.ID, Response: true, Authoritative: true,
			RecursionDesired: header.RecursionDesired, RecursionAvailable: true,
		},
		Questions: []dnsmessage.Question{q},
	}
	if ok {
		msg.Answers = answers(q, found)
	} else {
		msg.RCode = dnsmessage.RCodeNameError
	}
	out, err := msg.Pack()
	if err != nil {
		return nil
	}
	return out
}

// answers lists the aliases of a name and then its record of the type that was asked for, if it has one.
func answers(q dnsmessage.Question, h host) (list []dnsmessage.Resource) {
	owner := q.Name
	ttl := uint32(dnsTTL)
	if h.passing {
		ttl = 0
	}
	add := func(body dnsmessage.ResourceBody) {
		head := dnsmessage.ResourceHeader{Name: owner, Class: dnsmessage.ClassINET, TTL: ttl}
		list = append(list, dnsmessage.Resource{Header: head, Body: body})
	}
	for _, alias := range h.aliases {
		to := dnsmessage.MustNewName(alias + ".")
		add(&dnsmessage.CNAMEResource{CNAME: to})
		owner = to
	}
	switch q.Type {
	case dnsmessage.TypeA:
		add(&dnsmessage.AResource{A: h.v4.As4()})
	case dnsmessage.TypeAAAA:
		add(&dnsmessage.AAAAResource{AAAA: h.v6.As16()})
	case dnsmessage.TypeHTTPS:
		add(httpsRecord(h))
	case dnsmessage.TypeTXT:
		add(&dnsmessage.TXTResource{TXT: []string{strings.Repeat("a", 200)}}) // what tunnels carry home
	}
	return list
}

// httpsRecord is one service on the name itself, with address hints (RFC 9460 section 7).
func httpsRecord(h host) *dnsmessage.HTTPSResource {
	v4, v6 := h.v4.As4(), h.v6.As16()
	return &dnsmessage.HTTPSResource{SVCBResource: dnsmessage.SVCBResource{
		Priority: 1,
		Target:   dnsmessage.MustNewName("."),
		Params: []dnsmessage.SVCParam{
			{Key: dnsmessage.SVCParamALPN, Value: []byte("\x08http/1.1")},
			{Key: dnsmessage.SVCParamIPv4Hint, Value: v4[:]},
			{Key: dnsmessage.SVCParamIPv6Hint, Value: v6[:]},
		},
	}}
}

// dnsIdle is how long a TCP connection may keep the server waiting.
const dnsIdle = 10 * time.Second

// serveConn answers the queries of one TCP connection (RFC 1035 section 4.2.2).
func (s *names) serveConn(c net.Conn) {
	var length [2]byte
	for {
		_ = c.SetDeadline(time.Now().Add(dnsIdle)) // fails only once closed, as the read then does
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		answer := s.answer(query)
		if answer == nil {
			return
		}
		binary.BigEndian.PutUint16(length[:], uint16(len(answer)))
		if _, err := c.Write(append(length[:], answer...)); err != nil {
			return
		}
	}
}
