package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"spinneret/ui"
)

// rpcd makes the ubus object "spinneret" of a program that it runs as root: "list" prints the methods and their
// arguments, "call METHOD" reads the arguments on standard input and prints one JSON object. rpcd looks at nothing
// else, least of all at the exit code: so an error is an object too, {"error":{"code","message"}}.
//
// Who may call what is rpcd's to decide, by method, from the files in acl.d. Hence there are two methods for tickets:
// what only may be read gives a viewer's, what may be written an owner's.

// Limits of a call.
const (
	maxArguments = 64 << 10        // bytes
	argumentsIn  = 5 * time.Second // rpcd itself gives up after thirty
	maxDevice    = 256             // bytes of what names a device
)

// RPCDCommand is rpcd's plugin.
func RPCDCommand(now func() time.Time) Command {
	return Command{
		Name: "rpcd", Args: "list|call METHOD", Brief: "be rpcd's plugin: the ubus object spinneret (OpenWrt)",
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			config := flags.String("config", defaultConfig, "the configuration, which says where the agent is, a UCI `FILE`")
			return func(ctx context.Context, std IO, args []string) error {
				c.config = *config
				switch {
				case len(args) == 1 && args[0] == "list":
					return printJSON(std.Out, signatures())
				case len(args) == 2 && args[0] == "call":
					return c.plugin(ctx, std, args[1])
				}
				return Usagef("rpcd runs this: spinneret rpcd list, or spinneret rpcd call METHOD")
			}
		},
	}
}

// plugin answers one call, whatever happens.
func (c *client) plugin(ctx context.Context, std IO, name string) error {
	body, err := c.call(ctx, std.In, name)
	if err != nil {
		return errors.Join(err, printJSON(std.Out, map[string]any{"error": rpcErrorOf(body, err)}))
	}
	if _, err := std.Out.Write(body); err != nil {
		return fmt.Errorf("print answer: %w", err)
	}
	return nil
}

type rpcError struct {
	Code    string `json:"code"` // of the problem's type, or "failed"
	Message string `json:"message"`
	Member  string `json:"member,omitempty"` // the argument that is wrong
}

func rpcErrorOf(body []byte, err error) rpcError {
	var p ui.Problem
	if json.Unmarshal(body, &p) == nil && p.Code != "" {
		return rpcError{p.Code, p.Detail, p.Member}
	}
	return rpcError{Code: "failed", Message: oneLine(err)}
}

func (c *client) call(ctx context.Context, stdin io.Reader, name string) (body []byte, err error) {
	m, ok := methods[name]
	if !ok {
		return nil, fmt.Errorf("there is no method %q", printable(name))
	}
	raw, err := readArguments(ctx, stdin)
	if err != nil {
		return nil, err
	}
	var in arguments
	if err := m.parse(raw, &in); err != nil {
		return nil, err
	}
	return m.run(ctx, c, in)
}

// readArguments reads one object; rpcd need not close the pipe after it. None at all is an empty one.
func readArguments(ctx context.Context, stdin io.Reader) (raw json.RawMessage, err error) {
	if f, ok := stdin.(*os.File); ok {
		limited, cancel := context.WithTimeout(ctx, argumentsIn)
		defer cancel()
		stdin = waiting{limited, f}
	}
	err = json.NewDecoder(io.LimitReader(stdin, maxArguments)).Decode(&raw)
	switch {
	case errors.Is(err, io.EOF):
		return json.RawMessage("{}"), nil
	case err != nil:
		return nil, fmt.Errorf("read arguments: give one JSON object of at most 64 KiB: %w", err)
	case !bytes.HasPrefix(raw, []byte("{")):
		return nil, errors.New("read arguments: give a JSON object")
	}
	return raw, nil
}

// parse takes the method's own arguments, and the name of the session that uhttpd adds.
func (m method) parse(raw json.RawMessage, in *arguments) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return fmt.Errorf("read arguments: %w", err)
	}
	for name := range given {
		if _, ok := m.takes[name]; !ok && name != "ubus_rpc_session" {
			return fmt.Errorf("unknown argument %q: take it out", printable(name))
		}
	}
	var wrong *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, in); errors.As(err, &wrong) {
		return fmt.Errorf("argument %s is not of its type: spinneret rpcd list shows it", wrong.Field)
	} else if err != nil {
		return fmt.Errorf("read arguments: %w", err)
	}
	if len(in.Device) > maxDevice {
		return fmt.Errorf("device is longer than %d bytes: give its MAC", maxDevice)
	}
	return nil
}

// signatures is what rpcd wants to know: each argument with any value of its type.
func signatures() map[string]map[string]any {
	list := map[string]map[string]any{}
	for name, m := range methods {
		list[name] = m.takes
	}
	return list
}

func printJSON(w io.Writer, v any) error {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("print answer: %w", err)
	}
	return nil
}
