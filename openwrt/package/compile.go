package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const (
	program      = "./agent/cmd/spinneret"
	versionIn    = "agent/version.go" // where the program's version stands
	compileLimit = 15 * time.Minute   // of one binary, from nothing, on a slow machine

	// tags leave out the lab, and HTTP/2, which needs TLS and which nobody speaks with a router: 130 kB of the package.
	tags = "router,nethttpomithttp2"
)

// hot is what packets pass through, the runtime, and the arithmetic of cryptography: compiled as Go does. The rest runs
// a few times a second at most, and its calls are not inlined: like this the binary for mipsel_24kc has 12.4 MB and its
// package 4.4 MB; with all of it hot they would have 1.2 MB and 0.6 MB more, with nothing hot 0.2 MB and 0.1 MB less
// (November 2026).
var hot = []string{
	"runtime/...", "internal/runtime/...", "internal/bytealg", "internal/byteorder", "encoding/binary", "hash/maphash",
	"math/bits", "net/netip", "sync/...",
	"crypto/internal/fips140/...", "crypto/internal/fips140deps/...", "crypto/subtle", "golang.org/x/crypto/...",
	"spinneret/capture", "spinneret/capture/conntrack", "spinneret/capture/packet",
}

// cold is what hot has too much of: cryptography above the arithmetic, 70 kB. Key agreements and signatures take the
// time they took, within what can be measured under qemu; with crypto/internal/fips140/bigmod here RSA would take
// ten times as long, with nistec/fiat P-256 twice.
var cold = []string{
	"crypto/internal/fips140/drbg", "crypto/internal/fips140/ecdsa", "crypto/internal/fips140/edwards25519",
	"crypto/internal/fips140/nistec", "crypto/internal/fips140/rsa",
}

var versionLine = regexp.MustCompile(`(?m)^var version = "([0-9]+\.[0-9]+\.[0-9]+)"$`)

// sourceVersion is the version that the source says it is.
func sourceVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, versionIn))
	if err != nil {
		return "", fmt.Errorf("read version: %w", err)
	}
	m := versionLine.FindSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("read version: %s has no line like var version = \"1.2.3\"", versionIn)
	}
	return string(m[1]), nil
}

// Lists are sorted with sort.Slice, but for addresses, and texts and ints in their own order: slices.Sort and SortFunc
// bring a sort for each kind of element, 9 kB a kind, 300 kB in all. capture/history alone finds a fifth faster with it.

// compile builds the program for a router. Nothing of this machine gets into it: no paths, no version control, no
// build id, no settings of the environment. With symbols it is larger, and sizes can be told apart.
func compile(ctx context.Context, root string, t target, symbols bool) ([]byte, error) {
	dir, err := os.MkdirTemp("", "spinneret-")
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, compileLimit)
	defer cancel()
	env := t.environment(os.Environ())
	overlay, err := writeOverlay(ctx, root, dir, env)
	if err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	out := filepath.Join(dir, "spinneret")
	args := append([]string{"-n", "10", "go", "build", "-overlay", overlay, "-o", out}, t.flags(symbols)...)
	cmd := exec.CommandContext(ctx, "nice", append(args, program)...) // tests that measure time may run beside it
	cmd.Dir, cmd.Env = root, env
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile for %s %s: %w\n%s", t.goarch, t.setting, err, bytes.TrimSpace(said))
	}
	return os.ReadFile(out)
}

// flags are those of go build.
func (t target) flags(symbols bool) []string {
	link := "-buildid="
	if t.goarch == "mips" || t.goarch == "mipsle" {
		link += " -R=4096" // OpenWrt's kernels for 32-bit MIPS have pages of 4 kB; Go leaves room for 64 kB, 50 kB of zeros
	}
	if !symbols {
		link += " -s -w"
	}
	list := []string{"-trimpath", "-buildvcs=false", "-tags", tags, "-ldflags", link, "-gcflags=all=-l"}
	for _, pattern := range hot { // the last pattern that fits a package is the one that counts
		list = append(list, "-gcflags="+pattern+"=")
	}
	for _, pattern := range cold {
		list = append(list, "-gcflags="+pattern+"=-l")
	}
	return list
}

// environment is that of this machine, less what would change the binary.
func (t target) environment(have []string) []string {
	experiment := "GOEXPERIMENT="
	if t.goarch == "mips" || t.goarch == "mipsle" {
		experiment += "nogreenteagc" // Go 1.25's collector is 28 kB less; the newer one's gain is with vector instructions
	}
	env := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + t.goarch, "GOFLAGS=", "GOWORK=off", experiment, "GOFIPS140=off"}
	if t.setting != "" {
		env = append(env, t.setting)
	}
	kept := []string{"PATH=", "HOME=", "TMPDIR=", "GOCACHE=", "GOPATH=", "GOMODCACHE=", "GOROOT=", "GOPROXY=", "GOSUMDB=", "GOTOOLCHAIN=", "GOMAXPROCS="}
	for _, setting := range have {
		for _, k := range kept {
			if strings.HasPrefix(setting, k) {
				env = append(env, setting)
			}
		}
	}
	return env
}
