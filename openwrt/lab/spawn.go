package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Command returns a command to be run with Start or Run of the same namespace. It is killed when ctx ends.
func (n *NS) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// Start starts cmd inside the namespace. The caller must Wait for it. The process is killed when the
// namespace is closed or when this program dies in any way; what the process itself starts is not.
func (n *NS) Start(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	err := n.spawner.start(func() error { return n.Do(cmd.Start) }, cmd)
	if err != nil {
		return fmt.Errorf("start %s in %q: %w", cmd.Path, n.name, err)
	}
	return nil
}

// Run starts cmd, waits for its end and returns its standard output. The error of a command that failed
// carries what it wrote to standard error.
func (n *NS) Run(cmd *exec.Cmd) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	if err := n.Start(cmd); err != nil {
		return nil, err
	}
	if err := cmd.Wait(); err != nil {
		return stdout.Bytes(), fmt.Errorf("run %s in %q: %w: %s",
			strings.Join(cmd.Args, " "), n.name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}

// spawner starts processes from one thread that lives until close. The kernel sends PDEATHSIG when the
// *thread* that forked ends, and the Go runtime ends threads when it likes: a process started from any other
// goroutine could be killed long before this program dies.
type spawner struct {
	mu      sync.Mutex
	jobC    chan job
	closed  bool
	done    sync.WaitGroup
	running []*os.Process
}

type job struct {
	fn   func() error
	errC chan error
}

// start runs fork, which starts cmd, on the spawner's thread.
func (s *spawner) start(fork func() error, cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return os.ErrClosed
	}
	if s.jobC == nil {
		s.jobC = make(chan job)
		s.done.Go(s.run)
	}
	j := job{fn: fork, errC: make(chan error, 1)}
	s.jobC <- j
	if err := <-j.errC; err != nil {
		return err
	}
	s.forgetLocked()
	s.running = append(s.running, cmd.Process)
	return nil
}

// run holds one thread and forks on it.
func (s *spawner) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for j := range s.jobC {
		j.errC <- j.fn()
	}
}

// forgetLocked drops the processes that have ended and were waited for.
func (s *spawner) forgetLocked() {
	kept := s.running[:0]
	for _, p := range s.running {
		if !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			kept = append(kept, p)
		}
	}
	clear(s.running[len(kept):])
	s.running = kept
}

// close kills what is still running and gives the thread back.
func (s *spawner) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	for _, p := range s.running {
		_ = p.Kill() // already ended: nothing to do
	}
	s.running = nil
	if s.jobC != nil {
		close(s.jobC)
		s.done.Wait()
	}
}
