package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"spinneret/agent"
	"spinneret/openwrt/uci"
	"spinneret/ui/auth"
)

// passwordBody is the body of PUT session/password.
type passwordBody struct {
	User     string  `json:"user"`
	Password *string `json:"password"` // nil takes the viewer's away
}

func passwordCommand(now func() time.Time) Command {
	return Command{
		Name: "password", Brief: "set the page's password, and log everybody out",
		Help: `Asks for it twice at a terminal, without showing it; else it reads one line. Nobody is asked for the old one: who may
run this is root. Where no agent runs it writes to the state directory, for the next start.

  spinneret password
  echo "three small words" | spinneret password -user viewer`,
		New: func(flags *flag.FlagSet) Run {
			c := newClient(flags, now)
			config := flags.String("config", defaultConfig, "the configuration, which says where the agent and its state are, a UCI `FILE`")
			user := flags.String("user", string(auth.Owner), "whose password, a `USER`: owner, or viewer who may look only")
			remove := flags.Bool("remove", false, "take the viewer's password away")
			return func(ctx context.Context, std IO, args []string) error {
				if err := NoArgs(args); err != nil {
					return err
				}
				p, err := askPassword(ctx, std, auth.Role(*user), *remove)
				if err != nil {
					return err
				}
				where, err := c.setPassword(ctx, p, *config)
				if err != nil {
					return err
				}
				return said(std, p, where)
			}
		},
	}
}

// askPassword is what to set, after the flags and what was typed.
func askPassword(ctx context.Context, std IO, user auth.Role, remove bool) (p passwordBody, err error) {
	p.User = string(user)
	switch {
	case user != auth.Owner && user != auth.Viewer:
		return p, Usagef("-user is owner or viewer, not %q", printable(p.User))
	case remove && user == auth.Owner:
		return p, Usagef("only the viewer's password can be taken away: -user viewer -remove")
	case remove:
		return p, nil
	}
	text, err := readSecret(ctx, std, "New password for the "+p.User)
	if err != nil {
		return p, err
	}
	p.Password = &text
	return p, auth.CheckPassword(text)
}

// setPassword hands a password to the agent, else to the state directory; where tells when it counts.
func (c *client) setPassword(ctx context.Context, p passwordBody, config string) (where string, err error) {
	c.config = config // what an agent elsewhere does not know of it would overwrite
	_, err = c.do(ctx, http.MethodPut, "session/password", p, nil)
	if errors.Is(err, errNoAgent) {
		return c.writePassword(ctx, p, config)
	}
	if err != nil || p.User != string(auth.Owner) {
		return "", err // of the viewer only the viewer's sessions end, and they did
	}
	if _, err := c.do(ctx, http.MethodDelete, "session?all=1", nil, nil); err != nil {
		return "", fmt.Errorf("the password is set, but not everybody is logged out: %w", err)
	}
	return "", nil
}

func (c *client) writePassword(ctx context.Context, p passwordBody, config string) (where string, err error) {
	if err := wanted(config); err != nil {
		return "", err
	}
	settings, err := uci.Load(config)
	if err != nil {
		return "", err
	}
	text := ""
	if p.Password != nil {
		text = *p.Password
	}
	err = agent.SetPassword(ctx, settings.StateDir, auth.Change{User: auth.Role(p.User), Password: text})
	if errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("%w: run this as root", err)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(" (no agent runs at %s: it is in %s, for the next start)", c.socket, settings.StateDir), nil
}

func said(std IO, p passwordBody, where string) error {
	did, out := "is set", "everybody"
	if p.Password == nil {
		did = "is taken away"
	}
	if p.User != string(auth.Owner) {
		out = "who was in with the old one"
	}
	_, err := fmt.Fprintf(std.Out, "the %s's password %s, and %s is logged out%s\n", p.User, did, out, where)
	return err
}
