package agent

import "context"

// work runs until ctx ends, which is no error.
type work func(ctx context.Context) error

// swap is a task whose work can be exchanged while the others run on.
type swap struct{ nextC chan work }

func newSwap(first work) swap {
	s := swap{make(chan work, 1)}
	s.nextC <- first
	return s
}

// give exchanges the work: what was done before has ended when the new begins.
func (s swap) give(ctx context.Context, w work) error {
	select {
	case s.nextC <- w:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run works until ctx ends or a work fails.
func (s swap) Run(ctx context.Context) (err error) {
	select {
	case w := <-s.nextC:
		for w != nil {
			w, err = s.do(ctx, w)
		}
		return err
	case <-ctx.Done():
		return nil
	}
}

// do does one work until it ends, or until other work is given and this one has made room for it.
func (s swap) do(ctx context.Context, w work) (next work, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	doneC := make(chan error, 1)
	go func() { doneC <- w(ctx) }()
	select {
	case err := <-doneC:
		return nil, err
	case next := <-s.nextC:
		stop()
		if err := <-doneC; err != nil {
			return nil, err
		}
		return next, nil
	}
}
