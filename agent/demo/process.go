//go:build !router

package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

// process is the agent's process in the router's namespace.
type process struct {
	cmd    *exec.Cmd
	endedC chan struct{}
	err    error // why it ended; valid once endedC is closed
}

func startAgent(ctx context.Context, home *lab.Home, l *net.TCPListener, socket string, stderr io.Writer) (*process, error) {
	config, err := writeConfig(home)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	handed, err := l.File()
	if err != nil {
		return nil, err
	}
	defer handed.Close()
	cmd := home.Router().Command(context.WithoutCancel(ctx), self, "run", "-config", config, "-listen", "fd:3", "-socket", socket)
	cmd.ExtraFiles = []*os.File{handed}
	said := &lastWord{to: stderr}
	cmd.Stderr = said
	if err := home.Router().Start(cmd); err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	p := &process{cmd: cmd, endedC: make(chan struct{})}
	go func() {
		defer close(p.endedC)
		p.err = said.error(cmd.Wait())
	}()
	return p, nil
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.endedC:
	case <-time.After(downDeadline):
		_ = p.cmd.Process.Kill()
		<-p.endedC
	}
}

// waitForStart waits until the agent answers.
func (p *process) waitForStart(ctx context.Context, socket string) error {
	return p.poll(ctx, func(ctx context.Context) string {
		var status ui.Status
		if err := get(ctx, socket, "/api/v1/status", &status); err != nil {
			return "the agent does not answer: " + err.Error()
		}
		return ""
	})
}

// waitForDevices waits until the agent knows every device of the lab.
func (p *process) waitForDevices(ctx context.Context, home *lab.Home, socket string, stderr io.Writer) error {
	last := -1
	return p.poll(ctx, func(ctx context.Context) string {
		seen, missing := known(ctx, home, socket)
		if len(missing) == 0 {
			return ""
		}
		if seen != last {
			fmt.Fprintf(stderr, "%d of %d devices seen\n", seen, seen+len(missing))
			last = seen
		}
		return fmt.Sprintf("these devices were not seen: %v", missing)
	})
}

// poll asks until the answer is that nothing is missing, the agent ends, or time is up. To be told to stop is no error.
func (p *process) poll(ctx context.Context, missing func(context.Context) string) error {
	ctx, cancel := context.WithTimeout(ctx, upDeadline)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		what := missing(ctx)
		if what == "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.endedC:
			return p.err
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return fmt.Errorf("after %v %s", upDeadline, what)
		}
	}
}
