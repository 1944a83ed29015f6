package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"

	"spinneret/agent"
	"spinneret/openwrt/uci"
	"spinneret/ui"
)

// openDoors opens the commands' socket and the page's listeners. Those of the latter that must not be missing are the
// error, as is a door that would let anybody in; the others are for the agent to try again.
func openDoors(c uci.Config, must func(url string) bool, log *slog.Logger) (d agent.Doors, err error) {
	defer func() {
		if err != nil {
			closeDoors(d)
		}
	}()
	d.Auth, d.Metrics, d.Hosts = c.Auth, c.Metrics, hosts(c)
	unix, err := agent.ListenUnix(c.Socket)
	if err != nil {
		return d, err
	}
	d.Listeners = append(d.Listeners, unix)
	for _, door := range pageDoors(c, log) {
		l, certificate, err := door.Open()
		switch {
		case err != nil && (must(door.URL) || errors.Is(err, errAnybody)):
			return d, err
		case err != nil:
			door.Why = err
			d.Shut = append(d.Shut, door)
		case certificate != nil:
			d.Secure, d.Certificate = append(d.Secure, l), certificate
		default:
			d.Listeners = append(d.Listeners, l)
		}
	}
	return d, nil
}

// pageDoors are where the page should be.
func pageDoors(c uci.Config, log *slog.Logger) (list []agent.Shut) {
	for _, addr := range orDefault(c.Listen, net.JoinHostPort("127.0.0.1", pagePort)) {
		list = append(list, agent.Shut{URL: "http://" + addr + "/", Open: func() (net.Listener, *ui.Certificate, error) {
			l, err := listen(addr, c.Auth)
			return l, nil, err
		}})
	}
	for _, addr := range c.ListenHTTPS {
		list = append(list, agent.Shut{URL: "https://" + addr + "/", Open: func() (net.Listener, *ui.Certificate, error) {
			secret, err := certificate(c, log)
			if err != nil {
				return nil, nil, err
			}
			l, err := listen(addr, c.Auth)
			return l, secret, err
		}})
	}
	return list
}

// closeDoors gives up doors that no agent took.
func closeDoors(d agent.Doors) {
	for _, l := range append(d.Listeners, d.Secure...) {
		l.Close()
	}
}

var errAnybody = errors.New("it can be reached from other machines: set option auth '1', or list listen '127.0.0.1:" + pagePort + "'")

// listen opens one door of the page. Whether it would let anybody in is looked at first: an address that the machine
// does not have yet may come.
func listen(addr string, auth bool) (net.Listener, error) {
	if ap, err := netip.ParseAddrPort(addr); err == nil && !auth && !ap.Addr().IsLoopback() {
		return nil, fmt.Errorf("auth is 0, but %s: %w", addr, errAnybody)
	}
	l, err := agent.ListenTCP(addr)
	if err == nil && !auth && !agent.Loopback(l.Addr()) {
		l.Close()
		return nil, fmt.Errorf("auth is 0, but %s: %w", l.Addr(), errAnybody)
	}
	return l, err
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
func hosts(c uci.Config) []string {
	names := slices.Clone(c.Hosts)
	for _, addr := range slices.Concat(c.Listen, c.ListenHTTPS) {
		if host, _, err := net.SplitHostPort(addr); err == nil && host != "fd" { // a socket that was handed over
			names = append(names, host)
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
