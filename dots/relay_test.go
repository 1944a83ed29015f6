package dots

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

// goPeer is a provider on pion, which has Connection ID; libcoap has none.
type goPeer struct {
	listener net.Listener
	connC    chan net.Conn
	inC      chan coap.Message // what homes send
	ctx      context.Context   // until the end of the test
}

func startGoPeer(t *testing.T, ca authority, name string, cid bool, at netip.AddrPort) *goPeer {
	t.Helper()
	cert, key := ca.issue(t, name)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	options := []dtls.ServerOption{dtls.WithCertificates(pair), dtls.WithClientCAs(roots), dtls.WithClientAuth(dtls.RequireAndVerifyClientCert)}
	if cid {
		options = append(options, dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(8)))
	}
	l, err := dtls.ListenWithOptions("udp", net.UDPAddrFromAddrPort(at), options...)
	if err != nil {
		t.Fatal(err)
	}
	p := &goPeer{listener: l, connC: make(chan net.Conn, 10), inC: make(chan coap.Message, 1000), ctx: t.Context()}
	var all sync.WaitGroup
	all.Go(func() { p.accept(&all) })
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return p
}

func (p *goPeer) accept(all *sync.WaitGroup) {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
			defer cancel()
			defer context.AfterFunc(p.ctx, func() { c.Close() })()
			defer c.Close()
			if err := c.(*dtls.Conn).HandshakeContext(ctx); err != nil {
				return
			}
			p.connC <- c
			for buf := make([]byte, 2000); ; {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if m, err := coap.ParseDatagram(buf[:n]); err == nil {
					p.inC <- m.Clone()
				}
			}
		})
	}
}

func (p *goPeer) port() uint16 { return uint16(p.listener.Addr().(*net.UDPAddr).Port) }

// relay is a NAT between a home and its provider that can give it another port.
type relay struct {
	inside *net.UDPConn
	to     *net.UDPAddr
	mu     sync.Mutex
	home   *net.UDPAddr
	out    *net.UDPConn
	all    sync.WaitGroup
}

func startRelay(t *testing.T, to uint16) *relay {
	t.Helper()
	inside, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{inside: inside, to: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(to)}}
	if err := r.rebind(); err != nil {
		t.Fatal(err)
	}
	r.all.Go(r.outward)
	t.Cleanup(func() {
		r.inside.Close()
		r.mu.Lock()
		r.out.Close()
		r.mu.Unlock()
		r.all.Wait()
	})
	return r
}

// rebind takes another port outside; what comes to the old one is lost.
func (r *relay) rebind() error {
	out, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.out != nil {
		r.out.Close()
	}
	r.out = out
	r.all.Go(func() {
		for buf := make([]byte, 2000); ; {
			n, err := out.Read(buf)
			if err != nil {
				return
			}
			r.mu.Lock()
			home := r.home
			r.mu.Unlock()
			r.inside.WriteToUDP(buf[:n], home)
		}
	})
	return nil
}

func (r *relay) outward() {
	for buf := make([]byte, 2000); ; {
		n, from, err := r.inside.ReadFromUDP(buf)
		if err != nil {
			return
		}
		r.mu.Lock()
		known := r.home != nil && r.home.Port == from.Port
		r.home = from
		r.mu.Unlock()
		if !known && r.rebind() != nil { // another socket inside, another port outside
			return
		}
		r.mu.Lock()
		r.out.WriteToUDP(buf[:n], r.to)
		r.mu.Unlock()
	}
}

// push sends a request on a connection until it is answered, as RFC 9132 section 4.4 wants it.
func (p *goPeer) push(t *testing.T, c net.Conn, id uint16, patience time.Duration) bool {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); id++ {
		m := coap.Message{Type: coap.NonConfirmable, Code: coap.GET, ID: id, Token: []byte{byte(id >> 8), 0x77}}
		m.SetPath(wire.Path{Operation: wire.Config}.Segments())
		if _, err := c.Write(m.Datagram()); err != nil {
			return false
		}
		for wait := time.After(50 * time.Millisecond); ; {
			var in coap.Message
			select {
			case in = <-p.inC:
			case <-wait:
			}
			if in.Code == 0 || len(in.Token) == 2 && in.Token[0] == m.Token[0] && in.Token[1] == 0x77 {
				if in.Code != 0 {
					return true
				}
				break
			}
		}
	}
	return false
}

// TestAnotherPortOfTheNAT: with Connection ID the provider's pushes work again after one heartbeat of ours, without
// it after a new session.
func TestAnotherPortOfTheNAT(t *testing.T) {
	const second = 5 * time.Millisecond
	ca := newAuthority(t)
	for _, cid := range []bool{true, false} {
		t.Run(map[bool]string{true: "with Connection ID", false: "without"}[cid], func(t *testing.T) {
			peer := startGoPeer(t, ca, "dots.example.com", cid, netip.MustParseAddrPort("127.0.0.1:0"))
			nat := startRelay(t, peer.port())
			provider := ca.provider(t, uint16(nat.inside.LocalAddr().(*net.UDPAddr).Port), "dots.example.com")
			ranges := wire.UsualRanges()
			s := start(t, Options{
				Providers: []Provider{provider}, Home: &fakeHome{}, Ranges: ranges,
				Timing: Timing{Second: second, Retry: 20 * time.Millisecond, Cache: time.Nanosecond},
			})
			c := <-peer.connC
			if !peer.push(t, c, 0x100, 10*time.Second) {
				t.Fatal("a push is not answered before anything happened")
			}
			if err := nat.rebind(); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if cid {
				if !peer.push(t, c, 0x200, 20*time.Second) {
					t.Fatal("pushes stay lost with Connection ID")
				}
				t.Logf("a push works after %s, a heartbeat is due every %s", time.Since(began), 30*second)
				if len(peer.connC) != 0 || s.Sessions()[0].State != Up {
					t.Errorf("the session is not the same any more: %+v", s.Sessions())
				}
				return
			}
			again := <-peer.connC
			if silence, took := 15*30*second, time.Since(began); took < silence/2 {
				t.Errorf("a new session after %s, before %s of silence", took, silence)
			}
			if !peer.push(t, again, 0x300, 10*time.Second) {
				t.Error("a push over the new session is not answered")
			}
		})
	}
}
