// Package ubus asks other programs of an OpenWrt router, through its program of that name, and hears of what they notify
// from ubusd itself.
package ubus

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"time"
)

const (
	// CallTimeout bounds one call; what answers on a router does so within milliseconds.
	CallTimeout = 3 * time.Second
	// exitTime is how long after its end a program may still hold its output.
	exitTime = time.Second
	// maxOutput is more than the clients of one radio take: 2007 of them at about 500 bytes.
	maxOutput = 2 << 20

	// notFound is UBUS_STATUS_NOT_FOUND, which the program exits with.
	notFound = 4
)

// ErrNotFound says that an object is not there, or is kept from this user, or that there is no ubus at all.
var ErrNotFound = errors.New("no such object on ubus")

var errTooMuch = errors.New("more output than expected")

// Client runs OpenWrt's program for each call, without a shell in between.
type Client struct {
	program string
	timeout time.Duration
}

// New returns a client that runs the given program, each time for at most timeout; "" stands for ubus as found in
// PATH, 0 for CallTimeout.
func New(program string, timeout time.Duration) Client {
	return Client{cmp.Or(program, "ubus"), cmp.Or(timeout, CallTimeout)}
}

// List returns the names of the objects that match a pattern such as hostapd.*, one a line as ubus prints them.
func (c Client) List(ctx context.Context, pattern string) ([]byte, error) {
	return c.run(ctx, "list", pattern)
}

// Call calls a method and decodes its answer of JSON. No args are none, no answer is not looked at.
func (c Client) Call(ctx context.Context, object, method string, args, answer any) error {
	words := []string{"call", object, method}
	if args != nil {
		text, err := json.Marshal(args)
		if err != nil {
			return fmt.Errorf("write the arguments of %s %s: %w", object, method, err)
		}
		words = append(words, string(text))
	}
	out, err := c.run(ctx, words...)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return fmt.Errorf("read the answer of %s %s: %w", object, method, err)
	}
	return nil
}

// Send sends an event of that name to whoever listens.
func (c Client) Send(ctx context.Context, event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write event %s: %w", event, err)
	}
	_, err = c.run(ctx, "send", event, string(text))
	return err
}

func (c Client) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.program, args...)
	cmd.WaitDelay = exitTime
	var out, complaint limited
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.buf.Bytes(), nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.As(err, &exit) && exit.ExitCode() == notFound:
		err = ErrNotFound
	case complaint.buf.Len() > 0:
		err = fmt.Errorf("%w: %.100q", err, complaint.buf.String())
	}
	return nil, fmt.Errorf("ubus %s: %w", strings.Join(args[:min(len(args), 3)], " "), err)
}

// limited keeps output up to maxOutput.
type limited struct{ buf bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.buf.Len()+len(b) > maxOutput {
		return 0, errTooMuch
	}
	return l.buf.Write(b)
}
