package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"spinneret/mud"
)

// MUDCommand looks at makers' descriptions of what a device may do (RFC 8520).
func MUDCommand() Command {
	return Command{
		Name: "mud", Args: "check FILE", Brief: "check a maker's description of what a device may do (MUD, RFC 8520)",
		Help: "Prints what is wrong with the file, where, and what it allows in plain words. A refusal is why the whole file\n" +
			"cannot be used, a warning what is left out of it, a hold what needs the owner's word. Signatures are not looked at.",
		New: func(flags *flag.FlagSet) Run {
			var socket string
			asJSON := flags.Bool("json", false, "print JSON")
			SocketFlag(flags, &socket)
			return func(_ context.Context, std IO, args []string) error {
				if len(args) != 2 || args[0] != "check" {
					return Usagef("mud checks one file: spinneret mud check FILE")
				}
				return checkMUD(std.Out, args[1], *asJSON)
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
	r := mudReport{File: path, Usable: f != nil, Diagnostics: slices.Concat([]mud.Diagnostic{}, found), Policy: []string{}}
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
