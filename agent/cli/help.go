package cli

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// help prints the list of commands, or the help of the one that is named.
func (p Program) help(w io.Writer, args []string) error {
	if len(args) > 0 {
		c, err := p.command(args[0])
		if err != nil {
			return err
		}
		flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
		c.New(flags)
		return p.commandHelp(w, c, flags)
	}
	t := newTable(2)
	for _, c := range p.Commands {
		t.row("  "+c.Name, c.Brief)
	}
	_, err := fmt.Fprintf(w, "%s\n\nusage: %s COMMAND [flags] [arguments]\n\n%s\n"+
		"%s COMMAND -h tells more of a command. Flags may stand before or after arguments.\n",
		p.Brief, p.Name, t, p.Name)
	return err
}

func (p Program) commandHelp(w io.Writer, c Command, flags *flag.FlagSet) error {
	usage := p.Name + " " + c.Name
	t := newTable(2)
	flags.VisitAll(func(f *flag.Flag) {
		value, text := flag.UnquoteUsage(f)
		name := "-" + f.Name
		if value != "" {
			name += " " + value
		}
		usage += " [" + name + "]"
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			text += " (default " + f.DefValue + ")"
		}
		t.row("  "+name, text)
	})
	if c.Args != "" {
		usage += " " + c.Args
	}
	_, err := fmt.Fprintf(w, "usage: %s\n\n%s.\n", usage, sentence(c.Brief))
	if err == nil && c.Help != "" {
		_, err = fmt.Fprintf(w, "%s\n", strings.TrimSpace(c.Help))
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "\n%s", t)
	}
	return err
}

func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
