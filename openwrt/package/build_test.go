package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/tree"
)

const (
	root  = "../.." // of the source
	epoch = "1700000000"
)

// feeds are what one run of the program left behind.
type feeds struct {
	dir, said string
	version   string // of the program
	archs     []string
	err       error
}

// built runs the program once for all tests, with keys of their own: for the four common architectures, as CI does, or
// for all with ALL_ARCHES=1.
var built = sync.OnceValue(func() (f feeds) {
	f.dir = feedsDir
	if f.version, f.err = sourceVersion(root); f.err != nil {
		return f
	}
	list := ""
	if os.Getenv("ALL_ARCHES") == "1" {
		list = "all"
	}
	if f.archs, f.err = choose(list); f.err != nil {
		return f
	}
	keys := filepath.Join(f.dir, "keys")
	if f.err = makeKeys(keys); f.err != nil {
		return f
	}
	f.said, f.err = runProgram(root, "-out", f.dir, "-key", keys, "-arch", strings.Join(f.archs, ","))
	return f
})

func TestMain(m *testing.M) {
	os.Setenv("SOURCE_DATE_EPOCH", epoch)
	var err error
	if feedsDir, err = os.MkdirTemp("", "feeds-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(feedsDir)
	os.Exit(code)
}

// feedsDir is the folder of the one build.
var feedsDir string

// builderProgram is this one as make packages runs it: under the race detector compression alone takes minutes.
var builderProgram = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(feedsDir, "package")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return path, nil
})

// runProgram runs it on a source.
func runProgram(source string, args ...string) (said string, err error) {
	path, err := builderProgram()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(path, append(args, "-root", source)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return string(out), nil
}

// packages is the one build that most tests look at.
func packages(t *testing.T) feeds {
	t.Helper()
	f := built()
	if f.err != nil {
		t.Fatal(f.err)
	}
	return f
}

func (f feeds) opkgName(arch string) string { return "spinneret_" + f.version + "-r1_" + arch + ".ipk" }

func (f feeds) apkName() string { return "spinneret-" + f.version + "-r1.apk" }

func (f feeds) read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{f.dir}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// ipks and apks are what ipk and apk read, by architecture and name: several tests look at each package, and inflating
// one under the race detector takes a second.
var (
	ipks = map[string]ipkRead{}
	apks = map[string]apkRead{}
)

type ipkRead struct {
	data, control []*tar.Header
	contents      map[string]string
}

type apkRead struct {
	pkg   adb.Package
	built *adb.Built
}

// ipk unpacks one of opkg's packages: its files and what opkg knows, each as a list in order and by name.
func (f feeds) ipk(t *testing.T, arch, name string) (data, control []*tar.Header, contents map[string]string) {
	t.Helper()
	if k, ok := ipks[arch+name]; ok {
		return k.data, k.control, k.contents
	}
	_, outer := untar(t, f.read(t, opkgFolder, arch, name))
	data, contents = untar(t, []byte(outer["./data.tar.gz"]))
	control, about := untar(t, []byte(outer["./control.tar.gz"]))
	for name, text := range about {
		contents["CONTROL/"+strings.TrimPrefix(name, "./")] = text
	}
	ipks[arch+name] = ipkRead{data, control, contents}
	return data, control, contents
}

func untar(t *testing.T, archive []byte) (headers []*tar.Header, contents map[string]string) {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	contents = map[string]string{}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return headers, contents
		}
		content, readErr := io.ReadAll(r)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		headers, contents[h.Name] = append(headers, h), string(content)
	}
}

// apk unpacks one of apk's packages.
func (f feeds) apk(t *testing.T, arch, name string) (adb.Package, *adb.Built) {
	t.Helper()
	if k, ok := apks[arch+name]; ok {
		return k.pkg, k.built
	}
	plain, err := adb.Inflate(f.read(t, apkFolder, arch, name), adb.MaxFile)
	if err != nil {
		t.Fatal(err)
	}
	pkg, built, err := adb.Read(plain)
	if err != nil {
		t.Fatal(err)
	}
	apks[arch+name] = apkRead{*pkg, built}
	return *pkg, built
}

// emulators run a program made for another machine.
var emulators = map[string]string{
	"amd64": "qemu-x86_64-static", "386": "", "arm64": "qemu-aarch64-static", "arm": "qemu-arm-static", "mips": "qemu-mips-static",
	"mipsle": "qemu-mipsel-static", "mips64": "qemu-mips64-static", "mips64le": "qemu-mips64el-static", "riscv64": "qemu-riscv64-static",
	"loong64": "qemu-loongarch64-static",
}

// TestTheProgramRunsOnEveryRouter takes it out of both packages and lets it read the configuration that it comes with.
func TestTheProgramRunsOnEveryRouter(t *testing.T) {
	f := packages(t)
	for _, arch := range f.archs {
		t.Run(arch, func(t *testing.T) {
			_, _, contents := f.ipk(t, arch, f.opkgName(arch))
			pkg, _ := f.apk(t, arch, f.apkName())
			i := slices.IndexFunc(pkg.Files, func(f tree.File) bool { return f.Path == binaryPath })
			if i < 0 || string(pkg.Files[i].Data) != contents["./"+binaryPath] {
				t.Fatal("the two packages hold different programs")
			}
			binary, config := filepath.Join(t.TempDir(), "spinneret"), filepath.Join(t.TempDir(), "config")
			writeFile(t, binary, contents["./"+binaryPath], 0o755)
			writeFile(t, config, contents["./etc/config/spinneret"], 0o600)
			command := strings.Fields(emulators[architectures[arch].goarch] + " " + binary)
			for _, c := range []struct{ args, want string }{{"version", "spinneret " + f.version + "\n"}, {"check-config " + config, ""}} {
				cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], strings.Fields(c.args)...)...)
				if said, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(said), c.want) {
					t.Errorf("%s: %v, it said %q", c.args, err, said)
				}
			}
		})
	}
}

func writeFile(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestBuiltAgainElsewhereItIsTheSame: another folder, another time zone, an environment that wants other things.
func TestBuiltAgainElsewhereItIsTheSame(t *testing.T) {
	f := packages(t)
	source, out := filepath.Join(t.TempDir(), "a copy"), t.TempDir()
	for _, room := range []string{"agent", "anomaly", "capture", "dots", "mud", "openwrt", "ui"} {
		copyRoom(t, filepath.Join(root, room), filepath.Join(source, room))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(source, name), string(text), 0o600)
	}
	t.Setenv("TZ", "Pacific/Chatham")
	t.Setenv("GOFLAGS", "-tags=demo")
	t.Setenv("GOMIPS", "hardfloat")
	t.Setenv("CGO_ENABLED", "1")
	if _, err := runProgram(source, "-out", out, "-key", filepath.Join(f.dir, "keys"), "-arch", tightArch); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{opkgFolder, apkFolder} {
		files, err := os.ReadDir(filepath.Join(f.dir, folder, tightArch))
		if err != nil || len(files) < 2 {
			t.Fatalf("%d files: %v", len(files), err)
		}
		for _, file := range files {
			again, err := os.ReadFile(filepath.Join(out, folder, tightArch, file.Name()))
			if err != nil || !bytes.Equal(again, f.read(t, folder, tightArch, file.Name())) {
				t.Errorf("%s/%s is not the same: %v", folder, file.Name(), err)
			}
		}
	}
}

// copyRoom copies a folder's files, less what is installed there for tests of the page.
func copyRoom(t *testing.T, from, to string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(from), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "node_modules" {
			return cmp.Or(err, fs.SkipDir)
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, path), 0o755)
		}
		if strings.HasSuffix(path, "_test.go") || !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(filepath.Join(from, path))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
