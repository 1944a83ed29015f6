package lab

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const dialTimeout = 5 * time.Second

// Dial connects from the device ("tcp" or "udp"). The connection is closed when ctx ends.
func (d *Device) Dial(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	return d.NS.Dial(ctx, network, to)
}

// Dial connects from the namespace ("tcp" or "udp"). The connection is closed when ctx ends.
func (n *NS) Dial(ctx context.Context, network string, to netip.AddrPort) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTimeout}
	dialer.SetMultipathTCP(false)
	var c net.Conn
	err := n.Do(func() (err error) {
		c, err = dialer.DialContext(ctx, network, to.String())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dial from %q: %w", n.name, err)
	}
	return &boundConn{Conn: c, unbind: closeWith(ctx, c)}, nil
}

// boundConn is a connection that a context can end.
type boundConn struct {
	net.Conn
	unbind func()
}

func (c *boundConn) Close() error {
	c.unbind()
	return nil
}

// DialName looks up a name and connects to a port of it, over IPv6 where the device prefers that.
func (d *Device) DialName(ctx context.Context, network, name string, port uint16) (net.Conn, error) {
	kinds := []string{"AAAA", "A"} // clients ask for both before they choose
	if d.spec.IPv4Only {
		kinds = []string{"A"}
	}
	var found []netip.Addr
	for _, kind := range kinds {
		a, err := d.Lookup(ctx, kind, name)
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return d.Dial(ctx, network, netip.AddrPortFrom(found[0], port))
}

// DialTLS connects to a port of a name and says hello with that name (SNI).
func (d *Device) DialTLS(ctx context.Context, name string, port uint16) (*tls.Conn, error) {
	c, err := d.DialName(ctx, "tcp", name, port)
	if err != nil {
		return nil, err
	}
	t := tls.Client(c, d.tlsConfig(name))
	if err := t.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("greet %q: %w", name, err)
	}
	return t, nil
}

func (d *Device) tlsConfig(name string) *tls.Config {
	return &tls.Config{ServerName: name, RootCAs: d.home.ca.pool}
}

// Client returns an HTTP client on the device. Its connections are closed when ctx ends.
func (d *Device) Client(ctx context.Context) *http.Client {
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		name, port, err := splitHostPort(address)
		if err != nil {
			return nil, err
		}
		return d.DialName(ctx, network, name, port)
	}
	t := &http.Transport{
		DialContext: dial, TLSClientConfig: d.tlsConfig(""),
		TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: time.Minute,
		IdleConnTimeout: 30 * time.Second, MaxIdleConns: 8,
	}
	context.AfterFunc(ctx, t.CloseIdleConnections)
	return &http.Client{Transport: t}
}

func splitHostPort(address string) (name string, port uint16, err error) {
	name, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	n, err := net.LookupPort("tcp", text)
	return name, uint16(n), err
}
