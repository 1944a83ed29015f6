package dots

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/dtls/v3"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"

	"spinneret/dots/coap"
	"spinneret/dots/wire"
)

const (
	writeTimeout = 5 * time.Second
	pathMTU      = 1200             // bytes of a DTLS record, below what every path carries (RFC 9132 section 7.3)
	maxMessage   = wire.MaxBody * 2 // bytes, of a stream: a body that is too large still gets its answer
	alpn         = "coap"           // RFC 8323 section 8.2
)

// link carries messages to and from one peer that has proved itself.
type link interface {
	send(m coap.Message) error
	receive() (coap.Message, error)
	close() error
	peer() netip.AddrPort
	datagrams() bool
}

// datagramLink is CoAP over DTLS (RFC 7252).
type datagramLink struct {
	conn *dtls.Conn
	at   netip.AddrPort
	buf  [wire.MaxBody * 2]byte
}

// suites are those with forward secrecy: the one that RFC 7252 section 9 makes every implementation have, and faster
// ones.
var (
	certificateSuites = []dtls.CipherSuiteID{
		dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
		dtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
	sharedKeySuites = []dtls.CipherSuiteID{
		dtls.TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256, dtls.TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256,
	}
)

// dialDTLS connects and shakes hands; ctx bounds both.
func dialDTLS(ctx context.Context, at netip.AddrPort, t trust) (link, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "udp", at.String())
	if err != nil {
		return nil, err
	}
	conn, err := dtls.ClientWithOptions(dtlsnet.PacketConnFromConn(raw), raw.RemoteAddr(), t.dtlsOptions()...)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("agree on keys with %s over UDP: %w", at, err)
	}
	return &datagramLink{conn: conn, at: at}, nil
}

func (t trust) dtlsOptions() []dtls.ClientOption {
	options := []dtls.ClientOption{
		dtls.WithMTU(pathMTU), dtls.WithReplayProtectionWindow(64),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		// The peer's association with us then outlives a NAT that gives us another port (RFC 9146); we need none
		// ourselves, our socket has one peer.
		dtls.WithConnectionIDGenerator(dtls.OnlySendCIDGenerator()),
	}
	if t.shared() {
		return append(options, dtls.WithCipherSuites(sharedKeySuites...), dtls.WithPSKIdentityHint([]byte(t.identity)),
			dtls.WithPSK(func([]byte) ([]byte, error) { return t.psk, nil }))
	}
	return append(options, dtls.WithCipherSuites(certificateSuites...), dtls.WithCertificates(t.own...), dtls.WithServerName(t.name),
		// verify does all of it, by our clock and without wildcards.
		dtls.WithInsecureSkipVerify(true), dtls.WithVerifyConnection(func(s *dtls.State) error { return t.verify(s.PeerCertificates) }))
}

func (l *datagramLink) send(m coap.Message) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := l.conn.Write(m.Datagram())
	return err
}

// receive hands a malformed confirmable message on as an empty one, which gets the same answer: a reset.
func (l *datagramLink) receive() (coap.Message, error) {
	n, err := l.conn.Read(l.buf[:])
	if err != nil {
		return coap.Message{}, err
	}
	m, err := coap.ParseDatagram(l.buf[:n])
	if err != nil {
		return coap.Message{Type: m.Type, ID: m.ID}, nil
	}
	return m.Clone(), nil
}

func (l *datagramLink) close() error         { return l.conn.Close() }
func (l *datagramLink) peer() netip.AddrPort { return l.at }
func (l *datagramLink) datagrams() bool      { return true }

// streamLink is CoAP over TLS (RFC 8323).
type streamLink struct {
	conn   *tls.Conn
	reader *bufio.Reader
	at     netip.AddrPort
}

// dialTLS connects and shakes hands; ctx bounds both.
func dialTLS(ctx context.Context, at netip.AddrPort, t trust) (link, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.String())
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{alpn}, Certificates: t.own, ServerName: t.name,
		InsecureSkipVerify:    true, // verify does all of it, by our clock and without wildcards
		VerifyPeerCertificate: func(chain [][]byte, _ [][]*x509.Certificate) error { return t.verify(chain) },
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("agree on keys with %s over TCP: %w", at, err)
	}
	if got := conn.ConnectionState().NegotiatedProtocol; got != alpn {
		raw.Close()
		return nil, fmt.Errorf("agree on a protocol with %s: it takes %q, not %q (RFC 8323 section 8.2)", at, got, alpn)
	}
	return &streamLink{conn: conn, reader: bufio.NewReader(conn), at: at}, nil
}

func (l *streamLink) send(m coap.Message) error {
	if err := l.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := l.conn.Write(m.Stream())
	return err
}

func (l *streamLink) receive() (coap.Message, error) { return coap.ReadStream(l.reader, maxMessage) }

func (l *streamLink) close() error         { return l.conn.Close() }
func (l *streamLink) peer() netip.AddrPort { return l.at }
func (l *streamLink) datagrams() bool      { return false }
