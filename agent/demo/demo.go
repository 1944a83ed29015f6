//go:build !router

// Package demo shows a made-up home: the lab's devices, and an agent on the lab's router. Builds for routers leave
// it out (-tags router).
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"spinneret/openwrt/lab"
	"spinneret/ui"
)

const (
	upDeadline   = 60 * time.Second // for the last of the lab's devices to be seen
	downDeadline = 5 * time.Second
	pollInterval = 200 * time.Millisecond
)

// Options is what `spinneret demo` was asked for.
type Options struct {
	Listen string // HOST:PORT on this machine; port 0 takes a free one
	Socket string // "" for one of the demo's own
}

// Run starts the lab and the agent, says on stdout where they are, and runs until ctx ends. Nothing is left behind.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) (err error) {
	if os.Geteuid() != 0 {
		return errors.New("the demo makes network namespaces and needs root: start it with sudo, or look at a capture: spinneret replay FILE")
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w: give another address with -listen", o.Listen, err)
	}
	defer listener.Close()
	fmt.Fprintln(stderr, "building a home in network namespaces …")
	home, err := lab.Start(ctx, lab.Options{Idle: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("start the lab: %w", err)
	}
	defer func() { err = errors.Join(err, home.Close()) }()
	if o.Socket == "" {
		o.Socket = filepath.Join(home.Dir(), "run", "api.sock")
	}
	agent, err := startAgent(ctx, home, listener, o.Socket, stderr)
	if err != nil {
		return err
	}
	defer agent.stop()
	// The devices begin once the agent looks: so it hears the DNS answers that name whom they talk to.
	if err := agent.waitForStart(ctx, o.Socket); err != nil {
		return err
	}
	for _, d := range home.Devices() {
		d.Start()
	}
	if err := agent.waitForDevices(ctx, home, o.Socket, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "page http://%s/\nsocket %s\n", listener.Addr(), o.Socket)
	select {
	case <-ctx.Done():
		return nil
	case <-agent.endedC:
		return fmt.Errorf("the agent ended: %w", agent.err)
	}
}

// agent is the agent's process in the router's namespace.
type agent struct {
	cmd    *exec.Cmd
	endedC chan struct{}
	err    error // valid once endedC is closed
}

func startAgent(ctx context.Context, home *lab.Home, l net.Listener, socket string, stderr io.Writer) (*agent, error) {
	config, err := writeConfig(home)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	handed, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer handed.Close()
	cmd := home.Router().Command(context.WithoutCancel(ctx), self, "run", "-config", config, "-listen", "fd:3", "-socket", socket)
	cmd.ExtraFiles = []*os.File{handed}
	cmd.Stderr = stderr
	if err := home.Router().Start(cmd); err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	a := &agent{cmd: cmd, endedC: make(chan struct{})}
	go func() {
		defer close(a.endedC)
		a.err = cmd.Wait()
	}()
	return a, nil
}

func (a *agent) stop() {
	_ = a.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-a.endedC:
	case <-time.After(downDeadline):
		_ = a.cmd.Process.Kill()
		<-a.endedC
	}
}

// writeConfig writes the UCI file of the demo's router: no login, since only this machine can reach the page.
func writeConfig(home *lab.Home) (string, error) {
	path := filepath.Join(home.Dir(), "spinneret.conf")
	text := fmt.Sprintf("config spinneret 'main'\n\tlist lan 'br-lan'\n\tlist wan 'wan'\n\toption auth '0'\n\toption state_dir '%s'\n\toption dhcp_leases '%s'\n",
		filepath.Join(home.Dir(), "state"), home.LeaseFile())
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write the demo's configuration: %w", err)
	}
	return path, nil
}

// waitForStart waits until the agent answers.
func (a *agent) waitForStart(ctx context.Context, socket string) error {
	return a.poll(ctx, func(ctx context.Context) string {
		var status ui.Status
		if err := get(ctx, socket, "/api/v1/status", &status); err != nil {
			return "the agent does not answer: " + err.Error()
		}
		return ""
	})
}

// waitForDevices waits until the agent knows every device of the lab.
func (a *agent) waitForDevices(ctx context.Context, home *lab.Home, socket string, stderr io.Writer) error {
	last := -1
	return a.poll(ctx, func(ctx context.Context) string {
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
func (a *agent) poll(ctx context.Context, missing func(context.Context) string) error {
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
		case <-a.endedC:
			return fmt.Errorf("the agent ended: %w", a.err)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return fmt.Errorf("after %v %s", upDeadline, what)
		}
	}
}

// known asks the agent for its devices, and compares them with the lab's.
func known(ctx context.Context, home *lab.Home, socket string) (seen int, missing []string) {
	var list struct {
		Devices []ui.Device `json:"devices"`
	}
	_ = get(ctx, socket, "/api/v1/devices", &list) // an agent that does not answer yet knows no device
	for _, d := range home.Devices() {
		if slices.ContainsFunc(list.Devices, func(x ui.Device) bool { return x.MAC == d.MAC }) {
			seen++
		} else {
			missing = append(missing, d.Name)
		}
	}
	return seen, missing
}

func get(ctx context.Context, socket, path string, into any) error {
	client := http.Client{Timeout: downDeadline, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+path, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}
