package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
	"time"

	"spinneret/openwrt/uci"
	"spinneret/ui"
)

// DefaultSocket is where the agent listens for commands.
const DefaultSocket = "/var/run/spinneret/api.sock"

// answerTimeout is longer than the agent takes to give up by itself; maxAnswer bounds an answer, in bytes.
const (
	answerTimeout = 15 * time.Second
	maxAnswer     = 64 << 20
)

// client asks the running agent. Its fields are flags.
type client struct {
	socket string
	config string // what names the socket where no flag does; "" is the router's own
	json   bool
	now    func() time.Time
}

// SocketFlag defines -socket, which every command has.
func SocketFlag(flags *flag.FlagSet, socket *string) {
	flags.StringVar(socket, "socket", DefaultSocket, "the agent's socket, a `PATH`")
}

// newClient defines the flags that all commands of a client have.
func newClient(flags *flag.FlagSet, now func() time.Time) *client {
	c := &client{now: now}
	SocketFlag(flags, &c.socket)
	flags.BoolVar(&c.json, "json", false, "print the answer as JSON")
	return c
}

// findSocket takes the socket from the configuration where no flag gives one. It reads that as the agent does on a
// router: what is wrong with other settings is for others to say.
func (c *client) findSocket() {
	if c.socket == DefaultSocket {
		settings, _ := uci.Lenient(cmp.Or(c.config, defaultConfig))
		c.socket = settings.Socket
	}
}

// get asks for a path below /api/v1 and decodes the answer.
func (c *client) get(ctx context.Context, path string, answer any) (body []byte, err error) {
	return c.do(ctx, http.MethodGet, path, nil, answer)
}

// do sends a request with a body of JSON, or none, and decodes the answer unless that is nil. A problem is an error; its body is
// returned all the same.
func (c *client) do(ctx context.Context, method, path string, request, answer any) (body []byte, err error) {
	c.findSocket()
	var sent io.Reader
	if request != nil {
		data, err := json.Marshal(request)
		if err != nil {
			return nil, fmt.Errorf("write request: %w", err)
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://spinneret/api/v1/"+path, sent)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if request != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Close = true
	response, body, err := c.exchange(ctx, r)
	if err != nil {
		return body, c.explain(err)
	}
	return body, decode(response, body, answer)
}

// exchange sends one request over a connection of its own. http.Transport would hide behind errors of its own that
// the agent hung up.
func (c *client) exchange(ctx context.Context, r *http.Request) (response *http.Response, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.socket)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })() // fails on a closed one only
	if err := r.Write(conn); err != nil {
		return nil, nil, err
	}
	response, err = http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return response, body, err
}

func decode(response *http.Response, body []byte, answer any) error {
	if response.StatusCode/100 == 2 && answer == nil {
		return nil
	}
	if response.StatusCode/100 == 2 {
		if err := json.Unmarshal(body, answer); err != nil {
			return fmt.Errorf("read the agent's answer: %w", err)
		}
		return nil
	}
	var p ui.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Detail == "" {
		return fmt.Errorf("the agent answers %s: is the socket another program's?", response.Status)
	}
	return inWords(&p)
}

// inWords is a problem for people at a terminal: where its detail names a request, this names the command.
func inWords(p *ui.Problem) error {
	switch p.Code {
	case "own-device":
		return fmt.Errorf("%s: repeat with -acknowledge", p.Title)
	case "unknown-device":
		return errors.New("no such device was seen: spinneret devices lists them")
	}
	return p
}

var errNoAgent = errors.New("no agent runs")

// explain says what to do where no answer came.
func (c *client) explain(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w at %s: start it: spinneret run (on OpenWrt: /etc/init.d/spinneret start)", errNoAgent, c.socket)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Errorf("the agent at %s lets only root in: run this as root", c.socket)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("the agent at %s does not answer: look at its log, or start it anew", c.socket)
	}
	return fmt.Errorf("ask the agent at %s: %w", c.socket, err)
}

// show prints the body with -json, even of a problem, else what text makes of the answer.
func (c *client) show(w io.Writer, body []byte, err error, text func() string) error {
	if c.json && len(body) > 0 {
		if _, err := w.Write(body); err != nil {
			return fmt.Errorf("print answer: %w", err)
		}
	}
	if err != nil || c.json {
		return err
	}
	if _, err := io.WriteString(w, text()); err != nil {
		return fmt.Errorf("print answer: %w", err)
	}
	return nil
}
