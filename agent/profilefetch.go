package agent

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"spinneret/mud"
	"spinneret/mud/cms"
	"spinneret/mud/fetch"
	"spinneret/mud/shelf"
)

// fetchDeadline bounds one file with its signature; package fetch bounds each by itself.
const fetchDeadline = time.Minute

// MUDOptions are whom to believe and whom to ask about makers' descriptions, beside what holds for everybody.
type MUDOptions struct {
	Anchors []string // files of CAs, in PEM, for servers and signatures
	Hosts   []string // HOST or HOST:PORT of servers of the owner's own, which may be inside the home
}

// errands get makers' descriptions, a few at a time.
type errands struct {
	options atomic.Pointer[MUDOptions]
	version string
	log     *slog.Logger
	now     func() time.Time
	home    atomic.Pointer[[]netip.Prefix] // and the router: never called
	jobC    chan shelf.Job
	doneC   chan shelf.Delivery // has room for all that are under way
}

func newErrands(o Options, log *slog.Logger) *errands {
	e := &errands{
		version: o.Version, log: log, now: o.Now,
		jobC: make(chan shelf.Job, shelf.AtOnce), doneC: make(chan shelf.Delivery, shelf.AtOnce),
	}
	e.home.Store(&[]netip.Prefix{})
	e.options.Store(&o.MUD)
	return e
}

// Run does errands until ctx ends, which ends those under way.
func (e *errands) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-e.jobC: // no more of them come than AtOnce
			group.Go(func() {
				d := e.do(ctx, j)
				if d.Err != nil {
					e.log.Warn("get a maker's description", "url", j.URL, "err", d.Err)
				}
				e.doneC <- d
			})
		}
	}
}

// do gets a file and what signs it, and looks at both.
func (e *errands) do(ctx context.Context, j shelf.Job) shelf.Delivery {
	ctx, cancel := context.WithTimeout(ctx, fetchDeadline)
	defer cancel()
	d := shelf.Delivery{Key: j.Key}
	anchors, err := e.anchors()
	if err != nil {
		d.Err = &fetch.Error{Kind: fetch.Refused, Err: err}
		return d
	}
	f := fetch.New(fetch.Config{
		Lookup: lookup, Allow: e.allow, Roots: anchors, UserAgent: "spinneret/" + e.version,
		Port: func(host string, port uint16) bool { return e.mayPort(j, host, port) },
	})
	file, err := f.Get(ctx, j.URL, "application/mud+json, application/json;q=0.9", j.Have)
	if err != nil {
		d.Err = err
		return d
	}
	d.Unchanged, d.Version, d.MaxAge = file.Unchanged, file.Version, file.MaxAge
	if !file.Unchanged {
		signature := func(place string) ([]byte, error) { return signatureAt(ctx, f, j.URL, place) }
		d.Copy, d.Err = shelf.Examine(file.Body, signature, cms.Trust{Anchors: anchors, Now: e.now(), ClockSet: true})
	}
	return d
}

func signatureAt(ctx context.Context, f *fetch.Fetcher, file mud.URL, place string) ([]byte, error) {
	u, err := file.Resolve(place)
	if err != nil {
		return nil, &fetch.Error{Kind: fetch.Bad, Err: err}
	}
	a, err := f.Get(ctx, u, "application/pkcs7-signature, */*;q=0.5", fetch.Version{})
	return a.Body, err
}

// anchors are the system's CAs and the owner's. They are read each time: a day or more lies between, and CAs take memory.
func (e *errands) anchors() (*x509.CertPool, error) {
	files := e.options.Load().Anchors
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		pool = x509.NewCertPool()
		if len(files) == 0 {
			return nil, errors.New("this machine knows no CA to check servers with: install ca-bundle, or name one with list mud_anchor")
		}
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read mud_anchor: %w", err)
		}
		if !pool.AppendCertsFromPEM(data) {
			return nil, fmt.Errorf("read mud_anchor: %s holds no certificate in PEM", path)
		}
	}
	return pool, nil
}

// lookup asks the router's own resolver. The dot at the end keeps search domains out.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host+".")
}

// allow keeps the router from calling into the home because of a URL that a device named; but a server that the owner
// lists may stand anywhere, this machine left out.
func (e *errands) allow(host string, a netip.Addr) bool {
	if e.listed(host, 0) {
		return a.IsGlobalUnicast()
	}
	for _, p := range *e.home.Load() {
		if p.Contains(a) {
			return false
		}
	}
	return fetch.Public(a)
}

func (e *errands) mayPort(j shelf.Job, host string, port uint16) bool {
	return j.Port == port && host == j.URL.Host() || e.listed(host, port)
}

// listed says whether the owner lists a server, with that port where one is asked for.
func (e *errands) listed(host string, port uint16) bool {
	for _, own := range e.options.Load().Hosts {
		name, number, err := net.SplitHostPort(own)
		if err != nil {
			name, number = own, "443"
		}
		if name == host && (port == 0 || number == strconv.Itoa(int(port))) {
			return true
		}
	}
	return false
}

// rememberHome tells the errands what must not be called.
func (h *home) rememberHome() {
	if h.errands == nil {
		return
	}
	never := append([]netip.Prefix{}, h.net.Prefixes...)
	for _, a := range h.net.RouterAddrs {
		never = append(never, netip.PrefixFrom(a, a.BitLen()))
	}
	h.errands.home.Store(&never)
}
