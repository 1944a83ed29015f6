// Command generate makes the vendor table of package oui from the CSV files of the IEEE's registries, as Debian's
// package ieee-data has them.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"spinneret/capture/oui"
)

// registries are the files of MA-L and MA-M. MA-S and the older IAB, blocks of 4,096 addresses for makers that a home
// hardly meets, would be 67 kB more: a router has none to spare.
var registries = []string{"oui.csv", "mam.csv"}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	in := flags.String("in", "/usr/share/ieee-data", "folder of oui.csv and mam.csv")
	out := flags.String("out", "vendors.bin", "the table to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var rows []row
	for _, name := range registries {
		read, err := readFile(filepath.Join(*in, name))
		if err != nil {
			return err
		}
		rows = append(rows, read...)
	}
	entries := shortened(rows)
	b, err := oui.Encode(entries)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*out, b, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d prefixes, %d bytes\n", *out, len(entries), len(b))
	return err
}
