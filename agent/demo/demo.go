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
	"path/filepath"
	"slices"
	"time"

	"spinneret/agent"
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
	listener, err := listen(o.Listen)
	if err != nil {
		return err
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
	p, err := startAgent(ctx, home, listener, o.Socket, stderr)
	if err != nil {
		return err
	}
	defer p.stop()
	// The devices begin once the agent looks: so it hears the DNS answers that name whom they talk to.
	if err := p.waitForStart(ctx, o.Socket); err != nil {
		return err
	}
	for _, d := range home.Devices() {
		d.Start()
	}
	if err := p.waitForDevices(ctx, home, o.Socket, stderr); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "page http://%s/\nsocket %s\n", listener.Addr(), o.Socket)
	select {
	case <-ctx.Done():
		return nil
	case <-p.endedC:
		return p.err
	}
}

// listen takes the page's place, which only this machine may reach: the demo has no login.
func listen(addr string) (*net.TCPListener, error) {
	l, err := agent.ListenTCP(addr)
	if err != nil {
		return nil, err
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok || !agent.Loopback(l.Addr()) {
		l.Close()
		return nil, fmt.Errorf("%s can be reached from other machines, and the demo has no login: listen on 127.0.0.1", l.Addr())
	}
	return tcp, nil
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
