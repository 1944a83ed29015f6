package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSessions runs the terminal sessions in testdata: each line that begins with "$ " is a command of this program,
// and what follows is what it must print. They stand in a directory with the captures of captures_test.go and the
// files of testdata/files. JSON is shown indented. UPDATE=1 rewrites them.
func TestSessions(t *testing.T) {
	sessions, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(sessions) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	texts := map[string]string{}
	for _, path := range sessions {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	settle(t)
	for path, want := range texts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			got := session(t, want)
			if os.Getenv("UPDATE") == "1" {
				write(t, filepath.Join(here, path), []byte(got))
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got), UPDATE=1 rewrites it:\n%s", diff)
			}
		})
	}
}

// settle moves to a directory with all that the sessions name.
func settle(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/files")); err != nil {
		t.Fatal(err)
	}
	makeCaptures(t, dir)
	t.Chdir(dir)
}

// session runs the commands of a text and returns it with what they print now.
func session(t *testing.T, text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			out.WriteString(line)
		}
		command, ok := strings.CutPrefix(line, "$ spinneret")
		if !ok {
			continue
		}
		out.WriteString(line)
		stdout, stderr, code := program(t, strings.Fields(command)...)
		if json.Valid([]byte(stdout)) {
			stdout = indent(t, stdout)
		}
		for said := range strings.Lines(stderr) {
			stdout += "stderr: " + said
		}
		if code != 0 {
			stdout += "exit " + strconv.Itoa(code) + "\n"
		}
		out.WriteString(stdout + "\n")
	}
	return out.String()
}

// program runs the program in this process.
func program(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &err)
	return out.String(), err.String(), code
}

func indent(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
