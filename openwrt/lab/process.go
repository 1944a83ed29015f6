package lab

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// process is a daemon that runs as long as the home, or until stop.
type process struct {
	name   string
	tail   tail
	ctx    context.Context
	cancel context.CancelFunc
	doneC  chan struct{}
	err    error // valid once doneC is closed
}

// background starts a program that Close ends. One that ends by itself is a warning in the log.
func (h *Home) background(n *NS, name string, args ...string) (*process, error) {
	p := &process{name: filepath.Base(name), doneC: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(h.ctx)
	cmd := n.Command(p.ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &p.tail, &p.tail
	if err := n.Start(cmd); err != nil {
		p.cancel()
		return nil, err
	}
	h.tasks.Go(func() { h.await(n, cmd, p) })
	return p, nil
}

// await ends with cmd.
func (h *Home) await(n *NS, cmd *exec.Cmd, p *process) {
	p.err = cmd.Wait()
	close(p.doneC)
	if p.ctx.Err() == nil {
		h.log.Warn("process ended", "name", p.name, "namespace", n.name, "error", p.ended())
	}
	p.cancel()
}

// stop ends the process and waits for it.
func (p *process) stop() {
	p.cancel()
	<-p.doneC
}

// ended returns nil as long as the process runs, and then what became of it with its last words.
func (p *process) ended() error {
	select {
	case <-p.doneC:
		return fmt.Errorf("run %s: ended (%v): %s", p.name, p.err, p.tail.String())
	default:
		return nil
	}
}

// tail keeps the last kilobyte that is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailSize = 1024

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, p...)
	if over := len(t.last) - tailSize; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.last)
}

const pollEvery = 10 * time.Millisecond

// poll asks until ok says yes or an error, or ctx ends; the error then names what was waited for.
func poll(ctx context.Context, what string, ok func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if yes, err := ok(); err != nil {
			return fmt.Errorf("wait until %s: %w", what, err)
		} else if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}
