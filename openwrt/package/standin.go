package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// standIns are packages of Go's library that the program hardly uses, or whose code is large for how often it runs, and
// what is compiled in their place: together 730 kB less of the binary and 230 kB of the package (November 2026).
var standIns = []standIn{
	{"encoding/gob", "", []string{"gob/gob.go"}},
	{"vendor/golang.org/x/net/idna", "", []string{"idna/idna.go"}},
	{"crypto/hpke", "", []string{"hpke/hpke.go"}},
	{"crypto/internal/fips140/nistec/fiat", `/p(224|384|521)_fiat64\.go$`, []string{"fiat/fiat.go", "fiat/names.go"}},
}

// standIn is what stands in for a package's files of these names, "" for all; there are no fewer of them than of ours.
type standIn struct {
	pkg, names string
	files      []string // in openwrt/package/standin
}

// writeOverlay tells go build, in a file in dir, to read the stand-ins and none of the files of what they replace.
func writeOverlay(ctx context.Context, root, dir string, env []string) (path string, err error) {
	replace := map[string]string{}
	for _, s := range standIns {
		files, err := filesOf(ctx, root, s.pkg, env)
		if err != nil {
			return "", err
		}
		names := regexp.MustCompile(s.names)
		files = slices.DeleteFunc(files, func(f string) bool { return !names.MatchString(f) })
		if len(files) < len(s.files) {
			return "", fmt.Errorf("write overlay: %s has %d such files, %d stand in for them", s.pkg, len(files), len(s.files))
		}
		for i, file := range files {
			replace[file] = "" // is not there
			if i < len(s.files) {
				if replace[file], err = filepath.Abs(filepath.Join(root, "openwrt/package/standin", s.files[i])); err != nil {
					return "", fmt.Errorf("find %s: %w", s.files[i], err)
				}
			}
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

// filesOf are the Go files of a package, at least one.
func filesOf(ctx context.Context, root, pkg string, env []string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}`, pkg)
	cmd.Dir, cmd.Env = root, env
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", pkg, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}
