package names

import (
	"errors"
	"net/netip"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

const (
	maxRecords = 64 // read in one section; more are not for finding an address
	maxChain   = 16 // aliases followed; resolvers give up earlier
	maxHosts   = 64 // addresses in one message, hints included
)

var errNoQuestion = errors.New("not exactly one question")

// message is what one DNS message says.
type message struct {
	header   dnsmessage.Header
	question string // cleaned; "" in mDNS answers and for the root
	qtype    dnsmessage.Type
	hosts    []host
}

// host is an address with the name that leads to it.
type host struct {
	name string
	addr netip.Addr
	ttl  time.Duration
}

// parse reads a message of unicast DNS. In an answer each address has the question as its name, where a chain of
// aliases leads from one to the other; addresses that it does not lead to are nobody's business.
func parse(b []byte) (message, error) {
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil {
		return message{}, err
	}
	m := message{header: h}
	if err := m.readQuestion(&p); err != nil {
		return message{}, err
	}
	if !h.Response || h.RCode != dnsmessage.RCodeSuccess {
		return m, nil
	}
	var r records
	if err := r.read(&p, answers); err != nil {
		return message{}, err
	}
	m.hosts = r.reachable(m.question)
	return m, nil
}

// readQuestion wants exactly one question, as every resolver does (RFC 9619).
func (m *message) readQuestion(p *dnsmessage.Parser) error {
	q, err := p.Question()
	if err != nil {
		return err
	}
	if err := p.SkipQuestion(); !errors.Is(err, dnsmessage.ErrSectionDone) {
		return errNoQuestion
	}
	m.question, _ = Clean(q.Name.String())
	m.qtype = q.Type
	return nil
}

// parseMulticast reads an mDNS message (RFC 6762 section 18): the names are those of the records themselves,
// and the ones that come without being asked for count too.
func parseMulticast(b []byte) (message, error) {
	var p dnsmessage.Parser
	h, err := p.Start(b)
	if err != nil {
		return message{}, err
	}
	m := message{header: h}
	if !h.Response {
		return m, nil
	}
	if err := p.SkipAllQuestions(); err != nil {
		return message{}, err
	}
	var r records
	if err := r.read(&p, answers); err != nil {
		return message{}, err
	}
	if err := errors.Join(p.SkipAllAnswers(), p.SkipAllAuthorities()); err != nil {
		return message{}, err
	}
	if err := r.read(&p, additionals); err != nil {
		return message{}, err
	}
	m.hosts = r.hosts
	return m, nil
}
