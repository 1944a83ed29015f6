package isp

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"spinneret/dots/isp/store"
)

// Config is what a node is set to.
type Config struct {
	Name    string     // what homes look for in our certificate
	Address netip.Addr // where homes call; all addresses by default
	Port    uint16

	StateDir        string
	Node            string // among several, which then need different ones
	NATSURL         string // empty: JetStream within the program
	NATSCredentials string // a file
	NATSReplicas    int

	Socket    string // of the API
	API       netip.AddrPort
	TokenFile string         // of the tokens that callers of API have; needed where it is not loopback
	Metrics   netip.AddrPort // numbers for Prometheus alone, for whoever asks there; nowhere by default
	MaxHomes  int
}

// Where the program keeps what it knows, and where the commands find it.
const (
	DefaultStateDir = "/var/lib/spinneret-isp"
	DefaultSocket   = "/var/run/spinneret-isp/api.sock"
)

func defaults() Config {
	return Config{
		Address: netip.IPv6Unspecified(), StateDir: DefaultStateDir, Node: "main", NATSReplicas: 1,
		Socket: DefaultSocket, MaxHomes: 10000,
	}
}

// maxFile bounds the file.
const maxFile = 64 << 10

// Load reads the file at path. Its errors are FILE:LINE: what to do.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w: write one as the README shows", path, errors.Unwrap(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return Config{}, fmt.Errorf("%s: %w", path, err)
	case len(text) > maxFile:
		return Config{}, fmt.Errorf("%s: the file is larger than %d kB: give the right one", path, maxFile>>10)
	}
	c, err := parse(string(text))
	if err != nil {
		return Config{}, fmt.Errorf("%s:%w", path, err)
	}
	return c, nil
}

// parse reads the text of a file. Its errors begin with the line.
func parse(text string) (Config, error) {
	c := defaults()
	entries, err := scan(text)
	if err != nil {
		return c, err
	}
	lines := map[string]int{}
	for _, e := range entries {
		set, known := fields[e.name]
		if !known {
			return c, fmt.Errorf("%d: remove %q: the options are name, port, address, state_dir, node, nats_url, nats_credentials, nats_replicas, socket, api, token_file, metrics and max_homes", e.line, e.name)
		}
		if first, twice := lines[e.name]; twice {
			return c, fmt.Errorf("%d: remove this or line %d: %s stands for one value", e.line, first, e.name)
		}
		lines[e.name] = e.line
		if problem := set(&c, e.value); problem != "" {
			return c, fmt.Errorf("%d: %s", e.line, problem)
		}
	}
	switch {
	case c.Name == "":
		return c, errors.New("1: add: option name 'dots.isp.example', the name that homes look for in our certificate")
	case c.Port == 0:
		return c, errors.New("1: add: option port '4647', or another that your homes are told: there is no usual one")
	case c.API.IsValid() && !c.API.Addr().IsLoopback() && c.TokenFile == "":
		return c, fmt.Errorf("%d: add: option token_file FILE, a secret of at least %d characters: this address is not of this machine alone", lines["api"], minToken)
	case c.NATSURL != "" && lines["node"] == 0: // two of one name would take each other's homes for away
		return c, fmt.Errorf("%d: add: option node 'node-1', another name on each node of the cluster", lines["nats_url"])
	}
	return c, nil
}

// fields sets options; what is wrong with a value comes back as what to do.
var fields = map[string]func(c *Config, value string) string{
	"name": func(c *Config, v string) string {
		c.Name = strings.ToLower(strings.TrimSuffix(v, "."))
		return unless(validName(c.Name), "name a host, such as dots.isp.example")
	},
	"port": func(c *Config, v string) string {
		n, err := strconv.ParseUint(v, 10, 16)
		c.Port = uint16(n)
		return unless(err == nil && n > 0, "give a port from 1 to 65535")
	},
	"address": func(c *Config, v string) (problem string) {
		a, err := netip.ParseAddr(v)
		c.Address = a
		return unless(err == nil, "give an address of this machine, such as 192.0.2.1")
	},
	"state_dir":        func(c *Config, v string) string { c.StateDir = v; return path(v) },
	"socket":           func(c *Config, v string) string { c.Socket = v; return path(v) },
	"token_file":       func(c *Config, v string) string { c.TokenFile = v; return path(v) },
	"nats_credentials": func(c *Config, v string) string { c.NATSCredentials = v; return path(v) },
	"node": func(c *Config, v string) string {
		c.Node = v
		return unless(store.ValidID(v), "give a name of up to 64 letters, digits, - and _")
	},
	"nats_url": func(c *Config, v string) string {
		c.NATSURL = v
		return unless(strings.Contains(v, "://"), "give a URL such as nats://nats.isp.example:4222")
	},
	"nats_replicas": func(c *Config, v string) string {
		n, err := strconv.Atoi(v)
		c.NATSReplicas = n
		return unless(err == nil && n >= 1 && n <= 5, "give a number from 1 to 5")
	},
	"api":     func(c *Config, v string) string { return addrPort(&c.API, v) },
	"metrics": func(c *Config, v string) string { return addrPort(&c.Metrics, v) },
	"max_homes": func(c *Config, v string) string {
		n, err := strconv.Atoi(v)
		c.MaxHomes = n
		return unless(err == nil && n >= 1 && n <= 1000000, "give a number from 1 to 1000000")
	},
}

func unless(ok bool, problem string) string {
	if ok {
		return ""
	}
	return problem
}

func addrPort(to *netip.AddrPort, v string) string {
	a, err := netip.ParseAddrPort(v)
	*to = a
	return unless(err == nil, "give an address and a port, such as 127.0.0.1:8647")
}

func path(v string) string {
	return unless(strings.HasPrefix(v, "/"), "give a path from the root, such as /var/lib/spinneret-isp")
}

// validName reports whether a text can stand in a certificate as the name of a host.
func validName(v string) bool {
	if v == "" || len(v) > 253 {
		return false
	}
	for _, label := range strings.Split(v, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
