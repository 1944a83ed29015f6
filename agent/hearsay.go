package agent

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"spinneret/agent/hearsay"
	"spinneret/capture/names"
	"spinneret/openwrt/firewall"
)

const (
	answerQueue = 256
	lessonQueue = 16
	// askEvery paces our own questions: four names a second, and each again after a quarter of an hour at most.
	askEvery = 250 * time.Millisecond
	// learnDeadline is for one transaction of a few elements.
	learnDeadline = 2 * time.Second
)

// nameKernel is the firewall as far as it learns what names stand for.
type nameKernel interface {
	Learn(ctx context.Context, name string, addrs []firewall.Address) error
	Awake(ctx context.Context, d time.Duration) error
}

// learner has the firewall know the addresses of the names in makers' descriptions as soon as a device is told of them:
// the device's first packet comes right after the answer.
type learner struct {
	kernel  nameKernel
	book    *hearsay.Book
	log     *slog.Logger
	now     func() time.Time
	itemC   chan item
	lessonC chan []hearsay.Lesson
	wholeC  chan []hearsay.Lesson        // all that is known of a name, which the rules leave to lessons once they are learned
	taughtC mailbox[string]              // such names
	active  atomic.Bool                  // somebody has a description
	server  atomic.Pointer[[]netip.Addr] // the home's resolvers
	posts
	lost    atomic.Uint64
	failing atomic.Bool // told of
}

func newLearner(k nameKernel, now func() time.Time, log *slog.Logger) *learner {
	return &learner{
		kernel: k, book: hearsay.NewBook(), now: now, log: log,
		itemC: make(chan item, answerQueue), lessonC: make(chan []hearsay.Lesson, lessonQueue),
		wholeC: make(chan []hearsay.Lesson, lessonQueue), taughtC: newQueue[string](lessonQueue),
	}
}

// hear takes an answer from the packet path.
func (l *learner) hear(a names.Answer) {
	select {
	case l.itemC <- item{answer: &a}:
	default:
		l.lost.Add(1)
	}
}

// item is an answer to learn from, or one that was held and is to be sent on: what came before it is learned then.
type item struct {
	answer *names.Answer
	held   *parcel
}

// Run teaches until ctx ends.
func (l *learner) Run(ctx context.Context) error {
	awake := time.NewTicker(awakeEvery)
	defer awake.Stop()
	defer l.sleep(context.WithoutCancel(ctx))
	l.stayAwake(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case i := <-l.itemC:
			l.take(ctx, i)
		case <-awake.C:
			l.stayAwake(ctx)
		case lessons := <-l.lessonC:
			l.teach(ctx, lessons)
		case lessons := <-l.wholeC:
			if l.teach(ctx, lessons) {
				l.taughtC.put(lessons[0].Name)
			}
		}
	}
}

func (l *learner) take(ctx context.Context, i item) {
	if i.answer != nil {
		l.teach(ctx, l.book.Hear(*i.answer, l.now()))
	}
	if i.held != nil {
		l.sendOn(i.held)
	}
}

// teach brings lessons to the kernel, one transaction for each name, and reports whether it took them all.
func (l *learner) teach(ctx context.Context, lessons []hearsay.Lesson) (all bool) {
	all = true
	for len(lessons) > 0 {
		name := lessons[0].Name
		n := slices.IndexFunc(lessons, func(x hearsay.Lesson) bool { return x.Name != name })
		if n < 0 {
			n = len(lessons)
		}
		if err := l.learn(ctx, name, lessons[:n]); err != nil {
			l.book.Forget(lessons[:n])
			l.complain(ctx, err)
			all = false
		} else {
			l.failing.Store(false)
		}
		lessons = lessons[n:]
	}
	return all
}

func (l *learner) learn(ctx context.Context, name string, lessons []hearsay.Lesson) error {
	ctx, cancel := context.WithTimeout(ctx, learnDeadline)
	defer cancel()
	addrs := make([]firewall.Address, len(lessons))
	for i, x := range lessons {
		addrs[i] = firewall.Address{Addr: x.Addr, For: x.For}
	}
	return l.kernel.Learn(ctx, name, addrs)
}

func (l *learner) complain(ctx context.Context, err error) {
	if ctx.Err() == nil && !l.failing.Swap(true) {
		l.log.Warn("let the firewall know what a name stands for", "err", err)
	}
}

// Ask asks for the names that no device was told of yet, at the home's resolver, until ctx ends.
func (l *learner) Ask(ctx context.Context) error {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		servers := l.server.Load()
		if servers == nil || len(*servers) == 0 {
			continue
		}
		for _, name := range l.book.Due(1, l.now()) {
			addrs := askAll(ctx, *servers, hearsay.Plain(name))
			if fresh := l.book.Resolved(name, addrs, l.now()); len(fresh) > 0 {
				l.teachLater(ctx, fresh)
			}
		}
	}
}

// tryTeach hands lessons to the goroutine that teaches, unless too many wait there.
func tryTeach(c chan []hearsay.Lesson, lessons []hearsay.Lesson) bool {
	select {
	case c <- lessons:
		return true
	default:
		return false
	}
}

// teachLater hands lessons to the goroutine that teaches, and waits until it takes them.
func (l *learner) teachLater(ctx context.Context, lessons []hearsay.Lesson) {
	select {
	case l.lessonC <- lessons:
	case <-ctx.Done():
	}
}
