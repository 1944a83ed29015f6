package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	root  string // of the source
	out   string
	archs string
	keys  string // a folder
	fresh string // a folder for new keys, instead of building
}

// run is the program.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	var o options
	flags := flag.NewFlagSet("package", flag.ContinueOnError)
	flags.StringVar(&o.root, "root", ".", "the source's top `folder`")
	flags.StringVar(&o.out, "out", "bin/packages", "the `folder` to write feeds to")
	flags.StringVar(&o.archs, "arch", "", "`architectures` with commas between, or all (default "+strings.Join(common, ",")+")")
	flags.StringVar(&o.keys, "key", "", "a `folder` with "+opkgSecret+" and "+apkSecret+", to sign the feeds (default: not signed)")
	flags.StringVar(&o.fresh, "new-keys", "", "make keys in a `folder`, and nothing else")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected %q", flags.Arg(0))
	}
	if o.fresh != "" {
		return makeKeys(o.fresh)
	}
	return build(ctx, o, stdout)
}

// build makes all feeds, and then says what they weigh.
func build(ctx context.Context, o options, stdout io.Writer) error {
	archs, err := choose(o.archs)
	if err != nil {
		return err
	}
	k, err := loadKeys(o.keys)
	if err != nil {
		return err
	}
	version, err := sourceVersion(o.root)
	if err != nil {
		return err
	}
	when, err := sourceTime(ctx, o.root)
	if err != nil {
		return err
	}
	vendors, err := os.ReadFile(filepath.Join(o.root, vendorsIn))
	if err != nil {
		return fmt.Errorf("read table of vendors: %w", err)
	}
	b := &builder{
		release: release{version, when, os.DirFS(filepath.Join(o.root, "openwrt", "package")), vendors},
		root:    o.root, keys: k, binaries: map[target][]byte{}, stdout: stdout,
	}
	if err := b.all(ctx, archs, o.out); err != nil {
		return err
	}
	return b.report(ctx)
}

// sourceTime is the time that all files get: SOURCE_DATE_EPOCH, or that of the commit.
func sourceTime(ctx context.Context, root string) (time.Time, error) {
	text, from := os.Getenv("SOURCE_DATE_EPOCH"), "SOURCE_DATE_EPOCH"
	if text == "" {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct")
		cmd.Dir = root
		said, err := cmd.Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("ask git for the commit's time: %w; outside a checkout set SOURCE_DATE_EPOCH", err)
		}
		text, from = strings.TrimSpace(string(said)), "git's time"
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 {
		return time.Time{}, fmt.Errorf("%s %q: it must be seconds since 1970", from, text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
