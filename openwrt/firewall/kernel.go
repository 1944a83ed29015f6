package firewall

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/nftables"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// callDeadline bounds a call to the kernel whose context has no deadline: a transaction takes milliseconds.
const callDeadline = 10 * time.Second

// kernel is what the kernel can, found out by trying.
type kernel struct {
	bridge    bool // nf_tables in the bridge family
	ingress   bool // and at the ingress hook of an interface
	egress    bool // and at its egress hook
	conntrack bool // connections can be ended through netlink
	links     map[string]bool
}

// limits says in sentences what does not hold here.
func (k kernel) limits() []string {
	var out []string
	if !k.bridge {
		out = append(out, "no nf_tables in the bridge family: a device that is cut off still reaches the LAN on its bridge, and hears what is sent to it (install kmod-nft-bridge)")
	}
	if !k.ingress {
		out = append(out, "no nf_tables at netdev ingress: a device that is cut off can still send ARP on a LAN interface without a bridge (install kmod-nft-netdev)")
	}
	if !k.egress {
		out = append(out, "no nf_tables at netdev egress: a device that is cut off still hears what is sent to it on a LAN interface without a bridge")
	}
	if !k.conntrack {
		out = append(out, "no conntrack netlink: connections of a device that is cut off keep their entries until they time out (install kmod-nf-conntrack-netlink)")
	}
	return out
}

// sockets opens netlink sockets in one network namespace.
type sockets struct {
	netNS int // a descriptor, 0 for the current one
}

// nft returns a connection for some exchanges with nf_tables, which the caller closes with CloseLasting.
func (s sockets) nft(ctx context.Context) (*nftables.Conn, error) {
	return nftables.New(nftables.AsLasting(), nftables.WithNetNSFd(s.netNS), nftables.WithSockOptions(func(c *netlink.Conn) error {
		// A transaction goes out in one piece, and each message of it is answered before the first answer is
		// read: the kernel's usual 208 kB hold neither where there are many elements.
		if err := errors.Join(c.SetWriteBuffer(exchangeBuffer), c.SetReadBuffer(exchangeBuffer)); err != nil {
			return err
		}
		return c.SetDeadline(deadline(ctx))
	}))
}

// exchangeBuffer holds the largest State: a piece of a target takes some 250 bytes in each of three tables. It
// is a limit; memory is only taken for what is under way.
const exchangeBuffer = 32 << 20

// netfilter opens a socket for messages that the nftables library does not have.
func (s sockets) netfilter(ctx context.Context) (*netlink.Conn, error) {
	return s.dial(ctx, unix.NETLINK_NETFILTER)
}

func (s sockets) dial(ctx context.Context, protocol int) (*netlink.Conn, error) {
	c, err := netlink.Dial(protocol, &netlink.Config{NetNS: s.netNS})
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", err)
	}
	if err := c.SetDeadline(deadline(ctx)); err != nil {
		c.Close()
		return nil, fmt.Errorf("set deadline of netlink socket: %w", err)
	}
	return c, nil
}

func deadline(ctx context.Context) time.Time {
	if d, ok := ctx.Deadline(); ok {
		return d
	}
	return time.Now().Add(callDeadline)
}

// links returns the names of all interfaces.
func (s sockets) links(ctx context.Context) (map[string]bool, error) {
	c, err := s.dial(ctx, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	replies, err := c.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_GETLINK, Flags: netlink.Request | netlink.Dump},
		Data:   make([]byte, unix.SizeofIfInfomsg),
	})
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	out := make(map[string]bool, len(replies))
	for _, m := range replies {
		ad, err := netlink.NewAttributeDecoder(m.Data[min(len(m.Data), unix.SizeofIfInfomsg):])
		if err != nil {
			return nil, fmt.Errorf("list interfaces: %w", err)
		}
		for ad.Next() {
			if ad.Type() == unix.IFLA_IFNAME {
				out[ad.String()] = true
			}
		}
		if err := ad.Err(); err != nil {
			return nil, fmt.Errorf("list interfaces: %w", err)
		}
	}
	return out, nil
}

// probe finds out what the kernel can. It fails where not even table inet works.
func (s sockets) probe(ctx context.Context) (kernel, error) {
	if err := s.try(ctx, nftables.TableFamilyINet, nftables.ChainHookForward, ""); err != nil {
		if errors.Is(err, unix.EPERM) {
			return kernel{}, fmt.Errorf("use nf_tables (run as root or with CAP_NET_ADMIN): %w", err)
		}
		return kernel{}, fmt.Errorf("use nf_tables (is nft installed, and in the kernel?): %w", err)
	}
	conntrack, err := s.hasConntrack(ctx)
	if err != nil {
		return kernel{}, err
	}
	return kernel{
		bridge:    s.try(ctx, nftables.TableFamilyBridge, nftables.ChainHookPrerouting, "") == nil,
		ingress:   s.try(ctx, nftables.TableFamilyNetdev, nftables.ChainHookIngress, "lo") == nil,
		egress:    s.try(ctx, nftables.TableFamilyNetdev, nftables.ChainHookEgress, "lo") == nil,
		conntrack: conntrack,
	}, nil
}

// try makes a table with one base chain and takes it away in the same transaction: nothing is ever in force.
func (s sockets) try(ctx context.Context, family nftables.TableFamily, at *nftables.ChainHook, device string) error {
	c, err := s.nft(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.CloseLasting() }()
	t := c.AddTable(&nftables.Table{Name: tableName + "_probe", Family: family})
	c.AddChain(&nftables.Chain{
		Name: "probe", Table: t, Device: device,
		Type: nftables.ChainTypeFilter, Hooknum: at, Priority: nftables.ChainPriorityFilter,
	})
	c.DelTable(t)
	return c.Flush()
}
