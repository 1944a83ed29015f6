package wifi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	prefix = "hostapd." // of the objects of single radios; an interface's name follows

	// callTimeout bounds one call; hostapd answers within milliseconds.
	callTimeout = 3 * time.Second
	// exitTime is how long after its end a program may still hold its output.
	exitTime = time.Second
	// maxOutput is more than the clients of one radio take: 2007 of them at about 500 bytes.
	maxOutput = 2 << 20

	// notFound is UBUS_STATUS_NOT_FOUND, which the program exits with.
	notFound = 4
)

var (
	errNotFound = errors.New("no such object on ubus")
	errTooMuch  = errors.New("more output than expected")
)

// ubus runs OpenWrt's program of that name.
type ubus struct {
	program string
	timeout time.Duration
}

// run gives the output of one call, without a shell in between. It returns errNotFound where the object is not there,
// or is kept from this user, and where there is no such program.
func (u ubus) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, u.program, args...)
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
		err = errNotFound
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

// radios lists the interfaces that hostapd serves; none where there is no hostapd or no ubus.
func (c *Client) radios(ctx context.Context) (names []string, err error) {
	out, err := c.ubus.run(ctx, "list", prefix+"*")
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), prefix)
		if ok && isInterface(name) && len(names) < maxRadios {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// isInterface reports whether the kernel could have an interface of that name (IFNAMSIZ), of the letters that
// OpenWrt uses.
func isInterface(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
	return name != "" && len(name) <= 15 && name[0] != '-' && strings.Trim(name, letters) == ""
}
