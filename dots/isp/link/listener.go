// Package link is how homes reach a provider: CoAP over DTLS 1.2 and over TLS, on one port, with both sides known to
// each other before a message counts (RFC 9066 section 8).
package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"github.com/pion/dtls/v3"
	"golang.org/x/sync/errgroup"
)

// Options of a Listener.
type Options struct {
	Address     netip.AddrPort
	Certificate func() (*tls.Certificate, error) // ours, as it is now
	CA          *x509.CertPool                   // that signs homes
	// Home says whose certificate it is; an error refuses it.
	Home func(*x509.Certificate) (string, error)
	// PSK is the key of a home that has one instead.
	PSK func(home string) ([]byte, error)
	Log *slog.Logger
}

const (
	writeTime     = 10 * time.Second
	receiveBuffer = 4 << 20     // bytes, of the one UDP socket for all homes; the kernel may grant less
	acceptPause   = time.Second // after a caller could not be accepted: there may be no file descriptor left
)

// Listener has the port open.
type Listener struct {
	o        Options
	udp, tcp net.Listener
	rebuffs  rebuffs
	callers  map[string]*turns // by transport
}

// Listen opens the port for UDP and TCP. With port 0 both get the same free one.
func Listen(ctx context.Context, o Options) (*Listener, error) {
	var lc net.ListenConfig
	tcp, err := lc.Listen(ctx, "tcp", o.Address.String())
	if err != nil {
		return nil, fmt.Errorf("listen for homes: %w", err)
	}
	at := tcp.Addr().(*net.TCPAddr).AddrPort()
	udp, err := dtls.ListenWithOptions("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(o.Address.Addr(), at.Port())), dtlsOptions(o)...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for homes: %w", err), tcp.Close())
	}
	return newListener(o, udp, tcp), nil
}

func newListener(o Options, udp, tcp net.Listener) *Listener {
	callers := map[string]*turns{DTLS: newTurns(giveWayAfter), TLS: newTurns(handshakeTime)}
	return &Listener{o: o, udp: udp, tcp: tcp, rebuffs: rebuffs{log: o.Log}, callers: callers}
}

// Counts tells how many callers over a transport are being asked who they are, and how many were not let in so far.
func (l *Listener) Counts(transport string) (greeted int, refused uint64) {
	t := l.callers[transport]
	return len(t.slotC), t.refused.Load()
}

// Close closes the port, where Run did not and will not.
func (l *Listener) Close() error { return errors.Join(l.udp.Close(), l.tcp.Close()) }

// Address is where it listens.
func (l *Listener) Address() netip.AddrPort { return l.tcp.Addr().(*net.TCPAddr).AddrPort() }

// dtlsOptions: certificates, or a shared key with an ephemeral exchange; a Connection ID, by which a home is known
// whose address changed (RFC 9146); a cookie before anything else, which pion always asks for; replays are dropped.
func dtlsOptions(o Options) []dtls.ServerOption {
	return []dtls.ServerOption{
		dtls.WithCipherSuites(
			dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
			dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
			dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256,
		),
		dtls.WithGetCertificate(func(*dtls.ClientHelloInfo) (*tls.Certificate, error) { return o.Certificate() }),
		dtls.WithClientAuth(dtls.RequireAndVerifyClientCert),
		dtls.WithClientCAs(o.CA),
		dtls.WithVerifyPeerCertificate(func(_ [][]byte, chains [][]*x509.Certificate) error {
			_, err := o.Home(leaf(chains))
			return err
		}),
		dtls.WithPSK(func(identity []byte) ([]byte, error) { return o.PSK(string(identity)) }),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithConnectionIDGenerator(dtls.RandomCIDGenerator(8)),
		dtls.WithMTU(1200),
		dtls.WithListenConfig(net.ListenConfig{Control: widen}),
	}
}

func leaf(chains [][]*x509.Certificate) *x509.Certificate {
	if len(chains) == 0 || len(chains[0]) == 0 {
		return nil
	}
	return chains[0][0]
}

// widen asks for a receive buffer that holds a datagram of every home. What the kernel grants is good enough.
func widen(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBuffer)
	})
}

func tlsConfig(o Options) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"coap"}, // RFC 8323 section 8.2
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: o.CA,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return o.Certificate() },
		VerifyConnection: func(s tls.ConnectionState) error { // of resumed sessions too
			_, err := o.Home(leaf(s.VerifiedChains))
			return err
		},
	}
}

// Run hands each home that proved who it is to serve, until ctx ends; it waits for all of them. The connection is
// closed when serve returns.
func (l *Listener) Run(ctx context.Context, serve func(ctx context.Context, c *Conn)) error {
	group, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { _, _ = l.udp.Close(), l.tcp.Close() })
	defer stop()
	var homes sync.WaitGroup
	defer homes.Wait()
	accept := func(from net.Listener, transport string, greet func(context.Context, net.Conn) (*Conn, error)) func() error {
		turns := l.callers[transport]
		return func() error {
			for {
				raw, err := from.Accept()
				if err != nil {
					if ctx.Err() != nil {
						return nil
					}
					if errors.Is(err, net.ErrClosed) || from == l.udp { // nobody reads its socket any more
						return fmt.Errorf("accept a home: %w", err)
					}
					l.o.Log.Warn("a caller could not be accepted", "err", err)
					Pause(ctx, acceptPause)
					continue
				}
				turn, ok := turns.take(ctx, sourceOf(raw.RemoteAddr()))
				if !ok {
					turns.refused.Add(1)
					raw.Close()
					continue
				}
				homes.Go(func() { l.meet(ctx, turns, turn, raw, greet, serve) })
			}
		}
	}
	group.Go(accept(l.udp, DTLS, l.greetDTLS))
	group.Go(accept(l.tcp, TLS, l.greetTLS))
	return group.Wait()
}

// Pause waits, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// meet serves one caller, if it says in its turn who it is.
func (l *Listener) meet(ctx context.Context, of *turns, turn *turn, raw net.Conn, greet func(context.Context, net.Conn) (*Conn, error), serve func(context.Context, *Conn)) {
	defer raw.Close()
	began := time.Now()
	c, err := greet(turn.ctx, raw)
	of.done(turn)
	if err != nil {
		of.refused.Add(1)
		l.rebuffs.tell(time.Now(), raw.RemoteAddr(), err)
		return
	}
	c.Began = began
	defer c.Close()
	serve(ctx, c)
}

func (l *Listener) greetDTLS(ctx context.Context, raw net.Conn) (*Conn, error) {
	conn, ok := raw.(*dtls.Conn)
	if !ok {
		return nil, errors.New("this is no DTLS")
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, errors.New("the handshake did not end")
	}
	if len(state.PeerCertificates) == 0 {
		return newDatagrams(conn, string(state.IdentityHint)), nil
	}
	certificate, err := x509.ParseCertificate(state.PeerCertificates[0])
	if err != nil {
		return nil, err
	}
	home, err := l.o.Home(certificate)
	c := newDatagrams(conn, home)
	c.Certificate = certificate
	return c, err
}

func (l *Listener) greetTLS(ctx context.Context, raw net.Conn) (*Conn, error) {
	conn := tls.Server(raw, tlsConfig(l.o))
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	certificate := leaf(conn.ConnectionState().VerifiedChains)
	home, err := l.o.Home(certificate)
	c := newStream(conn, home)
	c.Certificate = certificate
	return c, err
}
