package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// standIns are packages of Go's library that the program hardly uses, and what is compiled in their place: together
// 440 kB less of the binary and 150 kB of the package (November 2026).
var standIns = map[string]string{
	"encoding/gob":                 "openwrt/package/standin/gob/gob.go",
	"vendor/golang.org/x/net/idna": "openwrt/package/standin/idna/idna.go",
}

// writeOverlay tells go build, in a file in dir, to read the stand-ins and none of the files of what they replace.
func writeOverlay(ctx context.Context, root, dir string, env []string) (path string, err error) {
	replace := map[string]string{}
	for pkg, standIn := range standIns {
		files, err := filesOf(ctx, root, pkg, env)
		if err != nil {
			return "", err
		}
		for _, file := range files[1:] {
			replace[file] = "" // is not there
		}
		if replace[files[0]], err = filepath.Abs(filepath.Join(root, standIn)); err != nil {
			return "", fmt.Errorf("find %s: %w", standIn, err)
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
