package cli

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"spinneret/openwrt/lab/expect"
	"spinneret/ui"
	"spinneret/ui/uitest"
)

// TestSessions runs the terminal sessions in testdata: each line that begins with "$ " is a command against a home
// of its file's own, and what follows is what it must print. UPDATE=1 rewrites them.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			expect.Golden(t, file, session(t, string(want)))
		})
	}
}

// session runs the commands of a text and returns it with what they print now.
func session(t *testing.T, text string) string {
	home, socket := serveHome(t)
	program := testProgram(home)
	var out strings.Builder
	for line := range strings.Lines(text) {
		command, ok := strings.CutPrefix(line, "$ spinneret")
		if strings.HasPrefix(line, "#") {
			out.WriteString(line)
		}
		if !ok {
			continue
		}
		out.WriteString(line)
		var stdout, stderr bytes.Buffer
		args := split(t, strings.ReplaceAll(command, "$SOCKET", socket))
		code := program.Main(t.Context(), args, IO{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
		answer := stdout.String()
		if stderr.Len() > 0 {
			answer += "stderr: " + stderr.String()
		}
		if code != 0 {
			answer += "exit " + strconv.Itoa(code) + "\n"
		}
		out.WriteString(strings.ReplaceAll(answer, socket, "$SOCKET") + "\n")
	}
	return out.String()
}

// split splits a command line at blanks; double quotes hold a word together.
func split(t *testing.T, line string) []string {
	t.Helper()
	var args []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		word, rest, _ := strings.Cut(line, " ")
		if line[0] == '"' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				t.Fatal(err)
			}
			rest = line[len(quoted):]
			if word, err = strconv.Unquote(quoted); err != nil {
				t.Fatal(err)
			}
		}
		args, line = append(args, word), rest
	}
	return args
}

func testProgram(home *uitest.Home) Program {
	commands := ClientCommands(func() time.Time { return home.Now })
	return Program{
		Name: "spinneret", Brief: "Spinneret shows what the devices of a home do, and cuts one off.",
		Commands: append(commands, MUDCommand(func() time.Time { return home.Now }), VersionCommand("0.1.0")),
	}
}

// lampMUD is a description with something of everything.
func lampMUD(now time.Time) *ui.MUD {
	text := func(s string) *string { return &s }
	fetched := now.Add(-time.Hour)
	return &ui.MUD{
		URL: text("https://lamps.example/one"), State: "active", Mode: "watch", Source: text("dhcp"), SystemInfo: text("a lamp\x1b[2J"),
		SignedBy: text("CN=lamps"), Fetched: ui.At(fetched), Policy: []string{"it may open TCP connections to a.example, port 443", "everything else is refused"},
		Problems: []string{"its maker supports the device no more"}, Violations: 3,
		Uses: []ui.Use{{Text: "it may open TCP connections to a.example, port 443", Count: 12, Last: ui.At(fetched)}}, UsesSince: ui.At(fetched),
		Approvals: []ui.Approval{
			{ID: "url-1a2b3c4d", Kind: "url", Why: []string{"the device names another URL"}},
			{ID: "entries-5e6f7a8b", Kind: "entries", Why: []string{"it names addresses"}, Policy: []string{"it may send anything to 192.0.2.1"}},
		},
	}
}

// serveHome serves a home with the real server on a unix socket.
func serveHome(t *testing.T) (home *uitest.Home, socket string) {
	t.Helper()
	home = uitest.New()
	home.List = append(home.List,
		ui.Device{MAC: "02:00:00:00:00:03", Name: "lamp", Addresses: []string{"192.168.1.165"}, Quarantines: []ui.Quarantine{}},
		ui.Device{MAC: "02:00:00:00:00:04", Name: "lamp", Addresses: []string{}, Quarantines: []ui.Quarantine{}, MUD: lampMUD(home.Now)},
		ui.Device{MAC: "02:00:00:00:00:05", Name: "evil\x1b[2J\u202etv", Addresses: []string{}, Quarantines: []ui.Quarantine{}},
		ui.Device{MAC: "02:00:00:00:00:06", Name: "-x", Addresses: []string{}, Quarantines: []ui.Quarantine{}},
	)
	return home, listening(t, ui.Config{Backend: home, Now: func() time.Time { return home.Now }})
}

// listening runs the real server on a unix socket, whose path it returns, and wherever else it is to listen.
func listening(t *testing.T, c ui.Config, more ...net.Listener) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "api.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	c.Log, c.Auth = slog.New(slog.DiscardHandler), true
	server := ui.New(c)
	ctx, cancel := context.WithCancel(context.Background())
	doneC := make(chan error, 1)
	go func() { doneC <- server.Serve(ctx, append(more, l)...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-doneC; err != nil {
			t.Error(err)
		}
	})
	return socket
}
