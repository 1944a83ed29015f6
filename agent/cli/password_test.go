package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/agent/state"
	"spinneret/ui"
	"spinneret/ui/auth"
	"spinneret/ui/uitest"
)

const (
	firstPassword = "three small words"
	otherPassword = "four words of mine"
)

type noStore struct{}

func (noStore) Load() ([]byte, error) { return nil, nil }
func (noStore) Save([]byte) error     { return nil }

// serveLogins serves a home with logins on a unix socket.
func serveLogins(t *testing.T) (keeper *auth.Keeper, socket string) {
	t.Helper()
	keeper = auth.New(auth.Config{Store: noStore{}})
	return keeper, listening(t, ui.Config{Backend: uitest.New(), Keeper: keeper})
}

// command runs a command of the program with something to read.
func command(t *testing.T, stdin io.Reader, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	p := Program{Name: "spinneret", Commands: ClientCommands(time.Now)}
	code = p.Main(t.Context(), args, IO{In: stdin, Out: &out, Err: &err})
	return out.String(), err.String(), code
}

func logIn(t *testing.T, k *auth.Keeper, user, password string) (auth.Client, error) {
	t.Helper()
	c := auth.Client{MAC: "02:00:00:00:00:01", Addr: netip.MustParseAddr("192.168.1.2")}
	g, err := k.Login(t.Context(), c, user, password)
	c.Session = g.Session
	return c, err
}

func TestThePasswordIsSetThroughTheSocketAndEndsSessions(t *testing.T) {
	keeper, socket := serveLogins(t)
	for _, password := range []string{firstPassword, otherPassword} {
		out, said, code := command(t, strings.NewReader(password+"\r\n"), "password", "-socket", socket)
		if code != 0 || said != "" || !strings.Contains(out, "the owner's password is set") {
			t.Fatalf("exit %d: %s%s", code, out, said)
		}
		if keeper.FirstRun() {
			t.Error("the first run is still to come")
		}
	}
	if _, err := logIn(t, keeper, "owner", firstPassword); err == nil {
		t.Error("the old password lets in")
	}
	owner, err := logIn(t, keeper, "owner", otherPassword)
	if err != nil {
		t.Fatal(err)
	}
	luci, err := keeper.Redeem(owner, keeper.Ticket(auth.Owner))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, code := command(t, strings.NewReader(firstPassword), "password", "-socket", socket); code != 0 {
		t.Fatalf("exit %d", code)
	}
	for name, session := range map[string]string{"the owner": owner.Session, "who came from LuCI": luci.Session} {
		c := owner
		c.Session = session
		if _, ok := keeper.Session(c); ok {
			t.Errorf("%s is still logged in", name)
		}
	}
}

// TestTheAgentIsWhereTheConfigurationSays, else the password would go to files that it overwrites.
func TestTheAgentIsWhereTheConfigurationSays(t *testing.T) {
	keeper, socket := serveLogins(t)
	config := filepath.Join(t.TempDir(), "spinneret.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "config spinneret 'main'\n\toption socket '%s'\n", socket), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := command(t, strings.NewReader(firstPassword), "password", "-config", config); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if _, err := logIn(t, keeper, "owner", firstPassword); err != nil {
		t.Error(err)
	}
}

func TestTheViewersPasswordIsSetAndTakenAway(t *testing.T) {
	keeper, socket := serveLogins(t)
	if _, said, code := command(t, strings.NewReader(firstPassword), "password", "-user", "viewer", "-socket", socket); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if _, err := logIn(t, keeper, "viewer", firstPassword); err != nil {
		t.Error(err)
	}
	if _, said, code := command(t, strings.NewReader(""), "password", "-user", "viewer", "-remove", "-socket", socket); code != 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	if _, err := logIn(t, keeper, "viewer", firstPassword); err == nil {
		t.Error("the password is still good")
	}
}

func TestWhatIsNoPasswordIsRefused(t *testing.T) {
	_, socket := serveLogins(t)
	for _, c := range []struct {
		stdin string
		args  string
		code  int
		want  string
	}{
		{"", "", 1, "no password was given"},
		{"\n", "", 1, "shorter than 8"},
		{"short\n", "", 1, "shorter than 8"},
		{"aaaaaaaaaa\n", "", 1, "one character repeated"},
		{strings.Repeat("x", 5000), "", 1, "longer than 1024 bytes"},
		{firstPassword, "-user root", 2, "-user is owner or viewer"},
		{firstPassword, "-remove", 2, "only the viewer's"},
		{firstPassword, "now", 2, "too much"},
	} {
		args := append([]string{"password", "-socket", socket}, strings.Fields(c.args)...)
		_, said, code := command(t, strings.NewReader(c.stdin), args...)
		if code != c.code || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%.20q %s: exit %d, %q; want %d, %q", c.stdin, c.args, code, said, c.code, c.want)
		}
	}
}

// TestWithoutAnAgentTheStateDirectoryHasIt also as a user of the agent's own, who owns the directory.
func TestWithoutAnAgentTheStateDirectoryHasIt(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "state")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	owner := os.Geteuid()
	if owner == 0 {
		owner = 1711
		if err := os.Chown(kept, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "spinneret.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "config spinneret 'main'\n\toption state_dir '%s'\n", kept), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "api.sock")
	out, said, code := command(t, strings.NewReader(firstPassword), "password", "-config", config, "-socket", socket)
	if code != 0 || !strings.Contains(out, "for the next start") {
		t.Fatalf("exit %d: %s%s", code, out, said)
	}
	info, err := os.Stat(filepath.Join(kept, "logins"))
	if err != nil {
		t.Fatal(err)
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; int(uid) != owner || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v of user %d, want 0600 of %d", info.Mode().Perm(), uid, owner)
	}
	store, err := state.Open(kept)
	if err != nil {
		t.Fatal(err)
	}
	keeper := auth.New(auth.Config{Store: keptLogins{store}})
	if _, err := logIn(t, keeper, "owner", firstPassword); err != nil {
		t.Error(err)
	}
}

// keptLogins are those in a state directory.
type keptLogins struct{ dir state.Dir }

func (s keptLogins) Load() (data []byte, err error) {
	_, err = s.dir.Load("logins", &data)
	return data, err
}
func (keptLogins) Save([]byte) error { return nil }
