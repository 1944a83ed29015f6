// Package fetch gets MUD files and their signatures from makers' servers (RFC 8520 1.6). The URL is a stranger's word,
// and it is the router that asks: only public addresses are called, and every answer has its limits.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"spinneret/mud"
)

// What a fetch may take.
const (
	stepTimeout  = 5 * time.Second // to connect, for TLS, for the headers, each
	wholeTimeout = 20 * time.Second
	maxHeaders   = 16 << 10 // octets
	maxRedirects = 5
	maxAddresses = 4   // of a name
	maxVersion   = 256 // octets of each word for it
)

// Config is what fetching needs.
type Config struct {
	// Lookup resolves a name, with no search domains.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Allow says whether an address of a host may be called: Public, and not one of the home's own.
	Allow     func(host string, a netip.Addr) bool
	Roots     *x509.CertPool // nil is the system's
	UserAgent string
	// Port says whether a port of a host may be called; nil allows 443 alone, which needs no asking.
	Port func(host string, port uint16) bool
}

// Fetcher gets files. It keeps nothing between two fetches.
type Fetcher struct{ c Config }

// New makes a fetcher.
func New(c Config) *Fetcher { return &Fetcher{c} }

// Version is by what a server knows which file one has (RFC 9110 8.8).
type Version struct{ ETag, LastModified string }

// Answer is what a server gave.
type Answer struct {
	Body      []byte // the exact octets; nil if Unchanged
	Unchanged bool
	Version   Version
	MaxAge    time.Duration // for which the server says that it stays the same (RFC 9111 4.2.1); 0 where it does not say
}

// Kind is what kind of failure it was, for what to do next.
type Kind string

// The kinds of failures. A file that one has stays in force in all of them.
const (
	Unreachable Kind = "unreachable" // try again later
	Withdrawn   Kind = "withdrawn"   // the server says that there is no such file
	Untrusted   Kind = "untrusted"   // the server's certificate is wrong: an attack, or carelessness
	Refused     Kind = "refused"     // we do not call there
	Bad         Kind = "bad"         // the answer is none
)

// Error is a failed fetch.
type Error struct {
	Kind Kind
	Err  error
}

// Error says what failed.
func (e *Error) Error() string { return fmt.Sprintf("fetch: %s: %v", e.Kind, e.Err) }

// Unwrap is its cause.
func (e *Error) Unwrap() error { return e.Err }

// Get gets what is at a URL, unless the server still has the version that one has. Errors are of type *Error.
func (f *Fetcher) Get(ctx context.Context, u mud.URL, accept string, have Version) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, wholeTimeout)
	defer cancel()
	for range maxRedirects + 1 {
		a, to, err := f.ask(ctx, request{u, accept, have})
		if err != nil {
			return Answer{}, errorOf(err)
		}
		if to == (mud.URL{}) {
			return a, nil
		}
		u = to
	}
	return Answer{}, &Error{Refused, fmt.Errorf("%w: more than %d", errRedirect, maxRedirects)}
}

// ask sends one request, and reads the answer or where it leads to.
func (f *Fetcher) ask(ctx context.Context, r request) (a Answer, to mud.URL, err error) {
	if !f.mayCall(r.u) {
		return a, to, &Error{Refused, fmt.Errorf("%s: the port is not 443, and not one that was agreed to", r.u)}
	}
	conn, err := f.connect(ctx, r.u)
	if err != nil {
		return a, to, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.NetConn().Close() })() // whoever reads gets an error
	resp, err := r.exchange(conn, f.c.UserAgent)
	if err != nil {
		return a, to, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to, err = f.follow(r.u, resp)
		return a, to, err
	}
	a, err = read(resp)
	a.MaxAge = maxAge(resp.Header)
	return a, to, err
}

func read(resp *http.Response) (Answer, error) {
	a := Answer{Version: Version{short(resp.Header.Get("ETag")), short(resp.Header.Get("Last-Modified"))}}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		a.Unchanged = true
		return a, nil
	case http.StatusNotFound, http.StatusGone:
		return Answer{}, &Error{Withdrawn, fmt.Errorf("the server says %s", resp.Status)}
	default:
		return Answer{}, &Error{Unreachable, fmt.Errorf("the server says %s", resp.Status)}
	}
	if coding := resp.Header.Get("Content-Encoding"); coding != "" {
		return Answer{}, &Error{Bad, fmt.Errorf("the answer is packed by %q, which was not asked for", coding)}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, mud.MaxFile+1))
	if err != nil {
		return Answer{}, &Error{Unreachable, err}
	}
	if len(body) > mud.MaxFile {
		return Answer{}, &Error{Bad, fmt.Errorf("the answer has more than %d octets", mud.MaxFile)}
	}
	a.Body = body
	return a, nil
}

// short is a word of a server that is worth keeping.
func short(word string) string {
	if len(word) > maxVersion {
		return ""
	}
	return word
}

// maxAge is how long a server says that an answer stays the same. Expires counts where Cache-Control does not say (RFC
// 9111 4.2.1), from the server's own date.
func maxAge(h http.Header) time.Duration {
	for _, part := range strings.Split(h.Get("Cache-Control"), ",") {
		if number, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(part)), "max-age="); ok {
			seconds, err := strconv.ParseUint(strings.Trim(number, `"`), 10, 31)
			if err != nil {
				return 0
			}
			return time.Duration(seconds) * time.Second
		}
	}
	until, err := http.ParseTime(h.Get("Expires"))
	from, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return max(0, until.Sub(from))
}

// errorOf says what kind of failure it was.
func errorOf(err error) *Error {
	var failed *Error
	if !errors.As(err, &failed) {
		failed = &Error{kindOf(err), err}
	}
	return failed
}

// kindOf sorts the errors of a request that got no answer.
func kindOf(err error) Kind {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errGuarded) || errors.Is(err, errRedirect):
		return Refused
	case errors.As(err, &certificate):
		return Untrusted
	}
	return Unreachable
}
