package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"

	"spinneret/agent"
	"spinneret/openwrt/uci"
	"spinneret/ui"
)

// openDoors opens the page's listeners and the commands' socket: all, or none.
func openDoors(c uci.Config, log *slog.Logger) (d agent.Doors, err error) {
	defer func() {
		if err != nil {
			closeDoors(d)
		}
	}()
	d.Auth, d.Metrics = c.Auth, c.Metrics
	addrs := c.Listen
	if len(addrs) == 0 {
		addrs = []string{net.JoinHostPort("127.0.0.1", pagePort)}
	}
	if d.Listeners, err = listenAll(addrs, c.Auth); err != nil {
		return d, err
	}
	if len(c.ListenHTTPS) > 0 {
		if d.Certificate, err = certificate(c, log); err != nil {
			return d, err
		}
	}
	if d.Secure, err = listenAll(c.ListenHTTPS, c.Auth); err != nil {
		return d, err
	}
	d.Hosts = hosts(c, d)
	unix, err := agent.ListenUnix(c.Socket)
	if err != nil {
		return d, err
	}
	d.Listeners = append(d.Listeners, unix)
	return d, nil
}

// closeDoors gives up doors that no agent took.
func closeDoors(d agent.Doors) {
	for _, l := range append(d.Listeners, d.Secure...) {
		l.Close()
	}
}

func listenAll(addrs []string, auth bool) (listeners []net.Listener, err error) {
	for _, addr := range addrs {
		l, err := agent.ListenTCP(addr)
		if err != nil {
			return listeners, err
		}
		listeners = append(listeners, l)
		if !auth && !agent.Loopback(l.Addr()) {
			return listeners, fmt.Errorf("auth is 0, but %s can be reached from other machines: "+
				"set option auth '1', or list listen '127.0.0.1:%s'", l.Addr(), pagePort)
		}
	}
	return listeners, nil
}

// routerCertificates are uhttpd's: the copy that the init script makes for the agent's user, and its own.
var routerCertificates = [][2]string{
	{"/var/run/spinneret.crt", "/var/run/spinneret.key"},
	{"/etc/uhttpd.crt", "/etc/uhttpd.key"},
}

// certificate is the configured one, else the router's. Where uhttpd's own files are configured the copy is meant too:
// their key is root's alone.
func certificate(c uci.Config, log *slog.Logger) (*ui.Certificate, error) {
	if c.Cert != "" && !slices.Contains(routerCertificates, [2]string{c.Cert, c.Key}) {
		return ui.LoadCertificate(c.Cert, c.Key, log)
	}
	var errs []error
	for _, files := range routerCertificates {
		found, err := ui.LoadCertificate(files[0], files[1], log)
		if err == nil {
			return found, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("list listen_https needs a certificate, and the router's cannot be used (%w): add option cert and option key", errors.Join(errs...))
}

// homeDomains are those that routers have for the names in a home. Nobody on the internet can have a name in them
// (RFC 6762, RFC 8375; lan is OpenWrt's), so no other site can come by one.
var homeDomains = []string{"lan", "home.arpa", "local", "internal"}

// hosts are the names that a browser may ask the page for by: where it listens, what the router is called in the
// home, and what the owner lists.
func hosts(c uci.Config, d agent.Doors) []string {
	names := append([]string{}, c.Hosts...)
	for _, l := range append(d.Secure, d.Listeners...) {
		if tcp, ok := l.Addr().(*net.TCPAddr); ok {
			names = append(names, tcp.IP.String())
		}
	}
	if name, err := os.Hostname(); err == nil {
		names = append(names, name)
		for _, domain := range homeDomains {
			names = append(names, name+"."+domain)
		}
	}
	return names
}

func sayReady(stderr io.Writer, d agent.Doors) {
	for _, l := range d.Listeners {
		if l.Addr().Network() == "tcp" {
			fmt.Fprintf(stderr, "ready http://%s/\n", l.Addr())
		}
	}
	for _, l := range d.Secure {
		fmt.Fprintf(stderr, "ready https://%s/\n", l.Addr())
	}
}
