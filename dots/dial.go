package dots

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// way is one of the four ways to a peer: an address, over DTLS or over TLS.
type way struct {
	at     netip.AddrPort
	stream bool
}

func (w way) transport() string {
	if w.stream {
		return "tls"
	}
	return "dtls"
}

// ways lists how to reach a peer in the order of RFC 9132 section 4.3: UDP over IPv6, over IPv4, then TCP likewise.
func ways(addresses []netip.Addr, port uint16, shared bool) (list []way) {
	for _, stream := range []bool{false, true} {
		for _, v4 := range []bool{false, true} {
			for _, a := range addresses {
				if a.Unmap().Is4() == v4 && !(stream && shared) {
					list = append(list, way{netip.AddrPortFrom(a.Unmap(), port), stream})
				}
			}
		}
	}
	return list
}

// maxAddresses of a peer are tried; more come from a resolver that means no good.
const maxAddresses = 8

// resolve is the addresses of a host that can be called.
func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("resolve the provider's address: %w", err)
	}
	list = slices.DeleteFunc(list, func(a netip.Addr) bool { return a.IsMulticast() || a.IsUnspecified() })
	return list[:min(len(list), maxAddresses)], nil
}

// dial goes along one way.
func (w way) dial(ctx context.Context, t trust) (link, error) {
	if w.stream {
		return dialTLS(ctx, w.at, t)
	}
	return dialDTLS(ctx, w.at, t)
}

// race tries the ways one after the other, each starting when the one before has failed or has taken longer than
// stagger, and takes the first that leads there (RFC 9132 section 4.3). It returns when all others have given up.
func race(ctx context.Context, list []way, t trust, stagger time.Duration) (link, way, error) {
	if len(list) == 0 {
		return nil, way{}, errors.New("reach the provider: it has no address that can be used (a shared key works over UDP only)")
	}
	type result struct {
		link link
		way  way
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	resultC := make(chan result)
	started, ended, errs := 0, 0, []error(nil)
	start := func() {
		w := list[started]
		started++
		go func() {
			l, err := w.dial(ctx, t)
			resultC <- result{l, w, err}
		}()
	}
	start()
	next := time.NewTicker(stagger)
	defer next.Stop()
	var won result
	for ended < started {
		select {
		case r := <-resultC:
			ended++
			switch {
			case r.err != nil:
				errs = append(errs, r.err)
			case won.link == nil:
				won = r
				cancel()
			default:
				r.link.close()
			}
			if r.err == nil || won.link != nil || ctx.Err() != nil || started == len(list) {
				continue
			}
			start()
			next.Reset(stagger)
		case <-next.C:
			if won.link == nil && ctx.Err() == nil && started < len(list) {
				start()
			}
		}
	}
	if won.link == nil {
		return nil, way{}, errors.Join(errs...)
	}
	return won.link, won.way, nil
}
