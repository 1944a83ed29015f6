package uci

import (
	"net/netip"
	"strings"
	"time"
)

// Names of the sections.
const (
	typeMain, nameMain = "spinneret", "main"
	typeProvider       = "provider"
)

// Bounds on how much a file may hold.
const (
	maxList      = 32 // values of one list
	maxProviders = 16
)

// field is one option or list of a section, and how its value is read into T.
type field[T any] struct {
	name string
	list bool
	set  func(to *T, value string) error
}

// mainFields is section spinneret 'main'.
var mainFields = []field[Config]{
	{"lan", true, func(c *Config, v string) error { return add(&c.LAN, v, interfaceName) }},
	{"wan", true, func(c *Config, v string) error { return add(&c.WAN, v, interfaceName) }},
	{"listen", true, func(c *Config, v string) error { return add(&c.Listen, v, hostPort) }},
	{"host", true, func(c *Config, v string) error { return add(&c.Hosts, v, host) }},
	{"listen_https", true, func(c *Config, v string) error { return add(&c.ListenHTTPS, v, hostPort) }},
	{"cert", false, func(c *Config, v string) error { return set(&c.Cert, v, absolute) }},
	{"key", false, func(c *Config, v string) error { return set(&c.Key, v, absolute) }},
	{"page_from", true, func(c *Config, v string) error { return add(&c.PageFrom, v, kernelName) }},
	{"state_dir", false, func(c *Config, v string) error { return set(&c.StateDir, v, absolute) }},
	{"auth", false, func(c *Config, v string) error { return set(&c.Auth, v, boolean) }},
	{"socket", false, func(c *Config, v string) error { return set(&c.Socket, v, socketPath) }},
	{"max_level", false, func(c *Config, v string) error { return set(&c.MaxLevel, v, number[int](0, 3)) }},
	{"history_size", false, func(c *Config, v string) error {
		return set(&c.HistorySize, v, number[int64](minHistory, maxHistory))
	}},
	{"history_path", false, func(c *Config, v string) error { return set(&c.HistoryPath, v, absolute) }},
	{"metrics", false, func(c *Config, v string) error { return set(&c.Metrics, v, boolean) }},
	{"new_devices", false, func(c *Config, v string) error {
		return set(&c.NewDevices, v, oneOf(NewAllow, NewTell, NewHold))
	}},
	{"dhcp_leases", false, func(c *Config, v string) error { return set(&c.DHCPLeases, v, absolute) }},
	{"mud_anchor", true, func(c *Config, v string) error { return add(&c.MUDAnchors, v, absolute) }},
	{"mud_host", true, func(c *Config, v string) error { return add(&c.MUDHosts, v, serverName) }},
	{"learning", false, func(c *Config, v string) error { return set(&c.Learning, v, span(0, 30*24*time.Hour)) }},
	{"provider_grace", false, func(c *Config, v string) error { return set(&c.ProviderGrace, v, seconds(1, 300)) }},
}

// providerFields is section provider.
var providerFields = []field[Provider]{
	{"address", false, func(p *Provider, v string) error { return set(&p.Address, v, host) }},
	{"port", false, func(p *Provider, v string) error { return set(&p.Port, v, number[uint16](1, 65535)) }},
	{"name", false, func(p *Provider, v string) error { return set(&p.Name, v, host) }},
	{"credentials", false, func(p *Provider, v string) error { return set(&p.Credentials, v, absolute) }},
	{"ca", false, func(p *Provider, v string) error { return set(&p.CA, v, absolute) }},
	{"cert", false, func(p *Provider, v string) error { return set(&p.Cert, v, absolute) }},
	{"key", false, func(p *Provider, v string) error { return set(&p.Key, v, absolute) }},
	{"psk_identity", false, func(p *Provider, v string) error { return set(&p.PSKIdentity, v, identity) }},
	{"psk_file", false, func(p *Provider, v string) error { return set(&p.PSKFile, v, absolute) }},
	{"policy", false, func(p *Provider, v string) error {
		return set(&p.Policy, v, oneOf(PolicyLog, PolicyAsk, PolicyFlow, PolicyDevice))
	}},
	{"max_devices", false, func(p *Provider, v string) error { return set(&p.MaxDevices, v, number[int](1, 64)) }},
	{"trusted_domain", false, func(p *Provider, v string) error { return set(&p.TrustedDomain, v, host) }},
}

// completeMain returns what is missing in the main section, or does not go together.
func (c *Config) completeMain(s *section) (problems []Problem) {
	for _, e := range s.entries {
		where, err := netip.ParseAddrPort(e.value)
		if strings.HasPrefix(e.name, "listen") && !c.Auth && err == nil && !where.Addr().IsLoopback() {
			problems = append(problems, *at(e.line, "auth is 0, but %s can be reached from other machines: set option auth '1', or list %s '127.0.0.1:8484'", e.value, e.name))
		}
	}
	for _, pair := range [][2]string{{"cert", "key"}, {"key", "cert"}} {
		if s.has(pair[0]) && !s.has(pair[1]) {
			problems = append(problems, *at(s.line, "add: option %s, the other half of option %s", pair[1], pair[0]))
		}
	}
	return problems
}

// set reads a value into an option.
func set[V any](to *V, value string, read func(string) (V, error)) error {
	v, err := read(value)
	if err == nil {
		*to = v
	}
	return err
}

// add reads a value to the end of a list.
func add[V any](to *[]V, value string, read func(string) (V, error)) error {
	v, err := read(value)
	if err == nil {
		*to = append(*to, v)
	}
	return err
}

// complete fills in the name and returns what is missing in a provider, or too much.
func (p *Provider) complete(s *section) (problems []Problem) {
	if p.Name == "" {
		p.Name = p.Address
	}
	for _, missing := range []struct {
		is   bool
		name string
		eg   string
	}{
		{p.Address == "", "address", "dots.isp.example"},
		{p.Port == 0, "port", "4647"},
	} {
		if missing.is && !s.has(missing.name) {
			problems = append(problems, *at(s.line, "add to provider %q: option %s '%s'", s.name, missing.name, missing.eg))
		}
	}
	kinds := [][]string{{"credentials"}, {"ca", "cert", "key"}, {"psk_identity", "psk_file"}}
	var used [][]string
	for _, kind := range kinds {
		if n := s.count(kind); n > 0 {
			used = append(used, kind)
			if n < len(kind) {
				problems = append(problems, *at(s.line, "give provider %q all of %s", s.name, join(kind)))
			}
		}
	}
	if len(used) > 1 {
		problems = append(problems, *at(s.line, "give provider %q one of %s or %s, not both", s.name, join(used[0]), join(used[1])))
	}
	return problems
}
