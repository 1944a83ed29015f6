package cli

import (
	"context"
	"flag"
	"net/http"
	"slices"
	"strconv"
	"time"

	"spinneret/ui"
)

func findingsCommand(now func() time.Time) Command {
	type list struct {
		Findings []ui.Finding `json:"findings"`
	}
	return lookCommand(now, "findings", "list what devices did that is unusual, the oldest first",
		func(_ context.Context, _ *client, l list) (string, error) {
			return findingsText(l.Findings, now()), nil
		})
}

func findingCommand(now func() time.Time) Command {
	return Command{
		Name: "finding", Args: "ID fine|open", Brief: "say that what a device did is fine, or take that back",
		Help: `fine: the same device may do the same with the same party again, without a word. Where it is held back for that
by itself, it is let back in. open: it is told again.`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			return func(ctx context.Context, std IO, args []string) error {
				if len(args) != 2 || !slices.Contains([]string{ui.FindingFine, ui.FindingOpen}, args[1]) {
					return Usagef("finding takes an ID and a word: spinneret finding 5 fine (or open)")
				}
				if _, err := strconv.ParseInt(args[0], 10, 64); err != nil {
					return Usagef("%q is no ID of a finding: spinneret findings lists them", printable(args[0]))
				}
				var before, f ui.Finding
				if _, err := c.get(ctx, "findings/"+args[0], &before); err != nil {
					return err
				}
				body, err := c.do(ctx, http.MethodPost, "findings/"+args[0], map[string]string{"state": args[1]}, &f)
				return c.show(std.Out, body, err, func() string { return judgedText(before, f) })
			}
		},
	}
}

// judgedText says what became of a finding, and of what was done about it.
func judgedText(before, f ui.Finding) string {
	text := strconv.FormatInt(f.ID, 10) + " is " + f.State
	if before.HeldBack != nil && f.HeldBack == nil {
		text += ": what was done about it by itself is ended"
	}
	return text + "\n"
}

func findingsText(list []ui.Finding, now time.Time) string {
	if len(list) == 0 {
		return "nothing unusual was found\n"
	}
	t := newTable(7)
	t.row("ID", "START", "END", "STATE", "SEVERITY", "KIND", "WHAT")
	for _, f := range list {
		t.row(strconv.FormatInt(f.ID, 10), clock(now, f.Start), clock(now, f.End), f.State, f.Severity, f.Kind, f.Text)
	}
	return t.String()
}
