package cli

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func exportCommand(now func() time.Time) Command {
	return Command{
		Name: "export", Args: "DEVICE", Brief: "print everything that is known of a device, as JSON",
		Help: "DEVICE is a MAC, an address or an exact name.\n\n  spinneret export front-door-cam > front-door-cam.json",
		New: ofOneDevice(now, func(ctx context.Context, c *client, std IO, mac string) error {
			return c.download(ctx, std.Out, "devices/"+mac+"/export")
		}),
	}
}

func eraseCommand(now func() time.Time) Command {
	return Command{
		Name: "erase", Args: "DEVICE", Brief: "forget everything that is known of a device, for good",
		Help: `DEVICE is a MAC, an address or an exact name. Its name, its history and its events go, in memory and in files; there is
no way back. It is new when it speaks again. A device that is cut off must be let back in first. The router's own lease
and settings are not touched, nor files of ours that were damaged and put aside.`,
		New: ofOneDevice(now, func(ctx context.Context, c *client, std IO, mac string) error {
			body, err := c.do(ctx, http.MethodDelete, "devices/"+mac, nil, nil)
			return c.show(std.Out, body, err, func() string { return "nothing is known of " + mac + " any more\n" })
		}),
	}
}

// ofOneDevice is a command about the one device that it is given.
func ofOneDevice(now func() time.Time, run func(ctx context.Context, c *client, std IO, mac string) error) func(*flag.FlagSet) Run {
	return func(flags *flag.FlagSet) Run {
		c := newClient(flags, now)
		return func(ctx context.Context, std IO, args []string) error {
			mac, err := c.oneDevice(ctx, args)
			if err != nil {
				return err
			}
			return run(ctx, c, std, mac)
		}
	}
}

// download prints an answer as it comes, however long it is.
func (c *client) download(ctx context.Context, out io.Writer, path string) error {
	c.findSocket()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", c.socket)
	if err != nil {
		return c.explain(err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	patient := &patientConn{conn}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://spinneret/api/v1/"+path, nil)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	r.Close = true
	if err := r.Write(patient); err != nil {
		return c.explain(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(patient), r)
	if err != nil {
		return c.explain(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		if err != nil {
			return c.explain(err)
		}
		return decode(response, body, nil)
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("print answer, which is not whole: %w", err)
	}
	return nil
}

// patientConn waits for each piece as long as other commands wait for all of an answer.
type patientConn struct{ net.Conn }

func (c *patientConn) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}
