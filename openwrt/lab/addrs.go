package lab

import (
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// The address flags of linux/if_addr.h that matter here.
const (
	flagTemporary = 0x01
	flagTentative = 0x40
)

type addr6 struct {
	addr  netip.Addr
	flags int
}

// addrs6 reads the IPv6 addresses of an interface. Package net does not tell which are tentative.
func (n *NS) addrs6(ifname string) (out []addr6, err error) {
	err = n.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/if_inet6")
		out = parseIfInet6(string(text), ifname)
		return err
	})
	return out, err
}

// parseIfInet6 reads lines of address, index, prefix length, scope, flags (all hexadecimal) and name.
func parseIfInet6(text, ifname string) (out []addr6) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 6 || f[5] != ifname {
			continue
		}
		raw, err := hex.DecodeString(f[0])
		addr, ok := netip.AddrFromSlice(raw)
		flags, flagErr := strconv.ParseInt(f[4], 16, 32)
		if err == nil && ok && flagErr == nil {
			out = append(out, addr6{addr, int(flags)})
		}
	}
	return out
}

// addrs4 reads the IPv4 addresses of an interface.
func (n *NS) addrs4(ifname string) (out []netip.Addr, err error) {
	err = n.Do(func() error {
		i, err := net.InterfaceByName(ifname)
		if err != nil {
			return err
		}
		list, err := i.Addrs()
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
				out = append(out, p.Addr())
			}
		}
		return err
	})
	return out, err
}
