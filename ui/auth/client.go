package auth

import (
	"context"
	"errors"
	"net/netip"
)

// ErrEnded is the cause of a context that ended with its session or token.
var ErrEnded = errors.New("session ended")

// Client is who sends a request.
type Client struct {
	MAC     string     // of the device, "" where it is not known
	Addr    netip.Addr // the request came from it
	Session string     // the session cookie, or ""
	Browser string     // the cookie of a browser in which somebody logged in before, or ""
	Trusted bool       // it came through the unix socket
}

// key is what a session is bound to: the device, or the address where there is no device behind it (loopback, a
// VPN). Addresses of a device change, with IPv6 daily.
func (c Client) key() string {
	if c.MAC != "" {
		return c.MAC
	}
	return c.address()
}

func (c Client) address() string { return c.Addr.Unmap().WithZone("").String() }

// Login is somebody who was let in.
type Login struct {
	User string
	Role Role

	keeper  *Keeper
	session *session // nil: of no session
	token   *token
	mac     string
}

// Local is who comes through the unix socket, or where no login is wanted.
func Local() Login { return Login{User: "owner", Role: Owner} }

// Owner reports whether the login may change things.
func (l Login) Owner() bool { return l.Role == Owner }

// IsToken reports whether another program asks, with an API token.
func (l Login) IsToken() bool { return l.token != nil }

// Watch derives a context that also ends, with the cause ErrEnded, when the login does: logged out, expired or
// revoked. A session is not idle while it is watched. release must be called.
func (l Login) Watch(ctx context.Context) (watched context.Context, release func()) {
	switch {
	case l.session != nil:
		return l.keeper.watch(ctx, l.session)
	case l.token != nil:
		return l.token.derive(ctx)
	}
	return ctx, func() {}
}

// life ends once, and with it the contexts derived from it.
type life struct {
	ctx context.Context
	end context.CancelFunc
}

func newLife() life {
	ctx, end := context.WithCancel(context.Background())
	return life{ctx, end}
}

func (l life) derive(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.ctx, func() { cancel(ErrEnded) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}
