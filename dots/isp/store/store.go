// Package store keeps what a provider knows, on NATS JetStream: homes, their sessions, the requests for them, and a
// mailbox for each. By default JetStream runs within the program; where Options.URL points to a cluster, several nodes
// share everything: each record is changed by comparing and swapping, and nothing is known by one node alone.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Options of a Store.
type Options struct {
	Dir         string // of the JetStream within this program; not used with URL
	URL         string // of a NATS cluster with JetStream, or empty
	Credentials string // a file with NATS credentials for URL, or empty
	Replicas    int    // of everything kept, on a cluster
	Node        string // our name among the nodes
	Began       time.Time
	Log         *slog.Logger
	Now         func() time.Time
}

// Bounds of what is kept.
const (
	maxValue    = 64 << 10
	maxLetters  = 64 // in the mailbox of one home
	maxStored   = 4 << 30
	keepRecords = 30 * 24 * time.Hour
	openTimeout = 2 * time.Minute // all of 100,000 homes is read in seconds, on a busy machine in 20
	// syncEvery is how much is lost where the power fails. NATS's own two minutes would take certificates with them that
	// homes were given, and numbers of requests: homes refuse one that they had before for something else.
	syncEvery = time.Second
)

// MaxRequests is how many requests are remembered; over that the oldest that is over goes.
const MaxRequests = 20000

// Store is open until Close.
type Store struct {
	o    Options
	ns   *server.Server // nil on a cluster
	lock *os.File       // of the directory; nil on a cluster
	nc   *nats.Conn
	js   jetstream.JetStream
	mail jetstream.Stream
	stop context.CancelFunc // of the watchers

	reachedC chan struct{} // NATS is there again

	Homes     *Bucket[Home]
	Sessions  *Bucket[Session]
	Requests  *Bucket[Request] // in groups by home
	Authority *Bucket[[]byte]  // PEM, by name
	mids      *Bucket[uint32]
	leases    *Bucket[lease]
}

// Open starts or reaches JetStream and reads what is kept.
func Open(ctx context.Context, o Options) (*Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s := &Store{o: o, reachedC: make(chan struct{}, 1)}
	if err := s.connect(); err != nil {
		s.Close()
		return nil, err
	}
	life, stop := context.WithCancel(context.Background())
	s.stop = stop
	if err := s.open(ctx, life); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) connect() (err error) {
	options := []nats.Option{nats.Name("spinneret-isp " + s.o.Node), nats.MaxReconnects(-1), nats.ErrorHandler(s.natsError), nats.ReconnectHandler(s.natsReached)}
	if s.o.Credentials != "" {
		options = append(options, nats.UserCredentials(s.o.Credentials))
	}
	at := s.o.URL
	if at == "" {
		if s.lock, err = lock(s.o.Dir); err != nil {
			return err
		}
		if s.ns, err = embed(s.o.Dir); err != nil {
			return err
		}
		options, at = append(options, nats.InProcessServer(s.ns)), nats.DefaultURL
	}
	if s.nc, err = nats.Connect(at, options...); err != nil {
		return fmt.Errorf("reach NATS at %s: %w", withoutPassword(s.o.URL), err)
	}
	s.js, err = jetstream.New(s.nc)
	return err
}

// withoutPassword are the URLs of NATS, with commas between, as the log may have them.
func withoutPassword(urls string) string {
	list := strings.Split(urls, ",")
	for i := range list {
		u, err := url.Parse(strings.TrimSpace(list[i]))
		if err != nil {
			return "option nats_url"
		}
		list[i] = u.Redacted()
	}
	return strings.Join(list, ",")
}

func (s *Store) natsError(_ *nats.Conn, _ *nats.Subscription, err error) {
	s.o.Log.Warn("NATS reports an error", "err", err)
}

func (s *Store) natsReached(*nats.Conn) {
	select {
	case s.reachedC <- struct{}{}:
	default:
	}
}

// Reached has a value after NATS was out of reach: word of letters may have been missed.
func (s *Store) Reached() <-chan struct{} { return s.reachedC }

// lock keeps other programs off the directory: two at once would ruin what is in it. The kernel lets go when we end.
func lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the state directory: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another spinneret-isp uses %s: stop it, or set option state_dir", dir), f.Close())
	}
	return f, nil
}

// embed starts a NATS server within the program that listens nowhere.
func embed(dir string) (*server.Server, error) {
	ns, err := server.NewServer(&server.Options{
		ServerName: "spinneret-isp", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: maxStored,
		SyncInterval: syncEvery,
	})
	if err != nil {
		return nil, fmt.Errorf("start NATS within the program: %w", err)
	}
	ns.Start()
	if !ns.ReadyForConnections(openTimeout) || !ns.JetStreamEnabled() {
		ns.Shutdown()
		return nil, fmt.Errorf("start JetStream in %s: it did not come up: see that the directory can be written and no other program uses it", dir)
	}
	return ns, nil
}

func (s *Store) open(ctx, life context.Context) (err error) {
	config := func(name string, keep time.Duration) jetstream.KeyValueConfig {
		return jetstream.KeyValueConfig{Bucket: "spinneret_" + name, TTL: keep, MaxValueSize: maxValue, Replicas: max(s.o.Replicas, 1)}
	}
	if s.Authority, err = openBucket[[]byte](ctx, life, s.js, config("authority", 0), nil); err != nil {
		return err
	}
	if s.Homes, err = openBucket[Home](ctx, life, s.js, config("homes", 0), nil); err != nil {
		return err
	}
	if s.Sessions, err = openBucket[Session](ctx, life, s.js, config("sessions", 0), nil); err != nil {
		return err
	}
	if s.Requests, err = openBucket[Request](ctx, life, s.js, config("requests", keepRecords), func(r Request) string { return r.Home }); err != nil {
		return err
	}
	if s.mids, err = openBucket[uint32](ctx, life, s.js, config("mids", 0), nil); err != nil {
		return err
	}
	if s.leases, err = openBucket[lease](ctx, life, s.js, config("nodes", 0), nil); err != nil {
		return err
	}
	s.mail, err = s.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "SPINNERET_MAILBOX", Subjects: []string{mailSubjects}, AllowMsgTTL: true, MaxMsgSize: maxValue,
		MaxMsgsPerSubject: maxLetters, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, Replicas: max(s.o.Replicas, 1),
	})
	if err != nil {
		return fmt.Errorf("open the mailboxes: %w", err)
	}
	return s.renew(ctx, leaseTime)
}

// Run follows what other nodes change, and keeps our lease, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Authority.run(ctx) })
	group.Go(func() error { return s.Homes.run(ctx) })
	group.Go(func() error { return s.Sessions.run(ctx) })
	group.Go(func() error { return s.Requests.run(ctx) })
	group.Go(func() error { return s.mids.run(ctx) })
	group.Go(func() error { return s.leases.run(ctx) })
	group.Go(func() error { return s.keepLease(ctx) })
	return group.Wait()
}

// Close ends it; what was written is kept.
func (s *Store) Close() {
	if s.stop != nil {
		s.stop()
	}
	if s.nc != nil {
		s.nc.Close()
	}
	if s.ns != nil {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
	}
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

// ErrFull is what a store says that holds as many requests as it may, none of which is over.
var ErrFull = errors.New("too many requests are under way: withdraw some, or wait")
