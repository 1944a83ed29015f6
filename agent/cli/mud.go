package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"spinneret/mud"
)

// MUDCommand looks at makers' descriptions of what a device may do (RFC 8520), and says which device has which.
func MUDCommand(now func() time.Time) Command {
	return Command{
		Name: "mud", Args: "check FILE | show DEVICE | assign DEVICE URL|FILE | mode DEVICE MODE | approve DEVICE [ID] | refuse DEVICE ID | remove DEVICE | learn DEVICE | controls DEVICE [CLASS]... | heard MAC URL",
		Brief: "hold a device to its maker's description of what it may do (MUD, RFC 8520)",
		Help: `check prints what is wrong with a file, where, and what it allows in plain words. A refusal is why the whole file
cannot be used, a warning what is left out of it, a hold what needs the owner's word. Signatures are not looked at.

show tells what a device is held to, and what waits for your word. assign gives it a description: by https URL, from where
it is kept up to date, or as a file, to all of which you agree thereby. mode says what is done about the rest: off nothing,
watch tells it, enforce stops it; what you assign is enforced unless -mode says otherwise, or you chose a mode before.
approve agrees to what waits, all of it where no ID is given, refuse does not. remove takes your words back. learn writes
a description of what the device did so far, which assign then takes: read what it warns of first.

Some makers let a device speak with controllers: of a class, or of its own. controls says which device that is: CLASS is
as show tells it, or the URL of the description whose devices it controls. Without one it is nobody's controller.

heard is for scripts of the router: what its DHCP server was told of a device counts as little as a relay's word.

  spinneret mud assign lamp https://lamps.example/one
  spinneret mud assign 192.168.1.163 cam.json -mode watch`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			var set mudFlags
			flags.StringVar(&set.mode, "mode", "", "with assign: a `MODE`: off, watch or enforce")
			flags.BoolVar(&set.strict, "strict", false, "with assign: read it by the letter, packet by packet, as conformance tests do")
			flags.StringVar(&set.out, "out", "", "with learn: a `FILE` to write, which must not be there yet (default: standard output)")
			return func(ctx context.Context, std IO, args []string) error {
				if len(args) == 2 && args[0] == "check" {
					return checkMUD(std.Out, args[1], c.json)
				}
				return c.mud(ctx, std, args, set)
			}
		},
	}
}

// mudReport is what `mud check -json` prints.
type mudReport struct {
	File        string           `json:"file"`
	Usable      bool             `json:"usable"`
	URL         *string          `json:"url"`
	SystemInfo  *string          `json:"systemInfo"`
	Signature   *string          `json:"signature"`
	Diagnostics []mud.Diagnostic `json:"diagnostics"`
	Policy      []string         `json:"policy"`
}

func checkMUD(w io.Writer, path string, asJSON bool) error {
	data, err := readMUD(path)
	if err != nil {
		return err
	}
	f, found := mud.Parse(data)
	r := mudReport{File: path, Usable: f != nil, Diagnostics: append([]mud.Diagnostic{}, found...), Policy: []string{}}
	if f != nil {
		url := f.URL.String()
		r.URL, r.SystemInfo, r.Signature = &url, orNull(f.SystemInfo), orNull(f.Signature)
		r.Policy = f.Compile(false).Words()
	}
	if asJSON {
		err = json.NewEncoder(w).Encode(r)
	} else {
		_, err = io.WriteString(w, mudText(r))
	}
	if err != nil {
		return fmt.Errorf("print what was found: %w", err)
	}
	if f == nil {
		return fmt.Errorf("%s cannot be used as a MUD file", path)
	}
	return nil
}

// readMUD reads one octet more than a file may have, so that what is too large is seen to be.
func readMUD(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read MUD file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, mud.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read MUD file: %w", err)
	}
	return data, nil
}

func mudText(r mudReport) string {
	var b strings.Builder
	for _, d := range r.Diagnostics {
		fmt.Fprintln(&b, printable(d.String()))
	}
	if !r.Usable {
		return b.String()
	}
	about := *r.URL
	if r.SystemInfo != nil {
		about += ", " + *r.SystemInfo
	}
	fmt.Fprintln(&b, printable(about))
	for _, line := range r.Policy {
		fmt.Fprintln(&b, "  "+printable(line))
	}
	return b.String()
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
