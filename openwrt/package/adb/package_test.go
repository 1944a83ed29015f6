package adb_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/tree"
)

// example is a package with something of everything.
func example(t testing.TB) *adb.Package {
	t.Helper()
	files, err := tree.Complete([]tree.File{
		{Path: "usr/sbin/example", Mode: 0o755, Data: bytes.Repeat([]byte("code"), 300)},
		{Path: "etc/config/example", Mode: 0o600, Data: []byte("config example 'main'\n")},
		{Path: "etc/empty", Mode: 0o644},
		{Path: "etc/same", Mode: 0o644, Data: []byte("config example 'main'\n")},
		{Path: "usr/bin/example", Mode: fs.ModeSymlink | 0o777, Link: "../sbin/example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &adb.Package{
		Info: adb.Info{
			Name: "example", Version: "1.2.3-r1", Description: "an example", Arch: "mipsel_24kc", License: "Apache-2.0", Origin: "example",
			Maintainer: "Nobody", Provides: []string{"example-any"}, Depends: []string{"kmod-nft-bridge", "libc>=1.2", "!other"}, Tags: []string{"b", "a"},
		},
		Files: files, Time: 1_700_000_000, Triggers: []string{"/usr/share/*"},
		Scripts: map[string]string{"post-install": "#!/bin/sh\nexit 0\n", "pre-deinstall": strings.Repeat("# long\n", 20_000)},
	}
}

func build(t testing.TB, pkg *adb.Package) *adb.Built {
	t.Helper()
	built, err := adb.Build(pkg)
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// TestWhatIsPackedIsUnpacked compares every field and file, through compression.
func TestWhatIsPackedIsUnpacked(t *testing.T) {
	want := example(t)
	built := build(t, want)
	packed, err := adb.Deflate(built.File)
	if err != nil {
		t.Fatal(err)
	}
	got, read, err := adb.Read(inflate(t, packed))
	if err != nil {
		t.Fatal(err)
	}
	want.InstalledSize = built.InstalledSize
	slices.SortFunc(got.Files, func(a, b tree.File) int { return strings.Compare(a.Path, b.Path) })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-packed +unpacked):\n%s", diff)
	}
	if diff := cmp.Diff(built.Info, read.Info); diff != "" || built.InstalledSize != 1_200+2*22 {
		t.Errorf("installed size %d (-built +read):\n%s", built.InstalledSize, diff)
	}
	if !bytes.Equal(built.UniqueID, read.UniqueID) || !bytes.Equal(built.Identity, read.Identity) {
		t.Errorf("it is %x, and read %x", built.Identity, read.Identity)
	}
	if again := build(t, example(t)); !bytes.Equal(again.File, built.File) {
		t.Error("built again, it differs")
	}
}

// TestADamagedPackageIsRefused changes every byte of a small package in turn; one that may change without being
// noticed is padding of values, or the version byte that apk ignores too.
func TestADamagedPackageIsRefused(t *testing.T) {
	pkg := example(t)
	pkg.Scripts, pkg.Files = nil, pkg.Files[:3] // etc, etc/config, etc/config/example
	file := build(t, pkg).File
	for i := range file {
		damaged := bytes.Clone(file)
		damaged[i] ^= 0x41
		if _, _, err := adb.Read(damaged); err == nil {
			t.Errorf("byte %d of %d is %#x instead of %#x, and nobody noticed", i, len(file), damaged[i], file[i])
		}
		if _, _, err := adb.Read(file[:i]); err == nil {
			t.Errorf("cut off after %d of %d bytes, and nobody noticed", i, len(file))
		}
	}
	if _, _, err := adb.Read(append(bytes.Clone(file), make([]byte, 8)...)); err == nil {
		t.Error("something follows the last block, and nobody noticed")
	}
}

// TestCompressionHasAnEnd refuses what follows the compressed file, as apk does, and what swells.
func TestCompressionHasAnEnd(t *testing.T) {
	packed, err := adb.Deflate(build(t, example(t)).File)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adb.Inflate(append(packed, 0), adb.MaxFile); err == nil {
		t.Error("a byte after the compressed file is let pass")
	}
	if _, err := adb.Inflate(packed, 1000); err == nil {
		t.Error("more comes out than the limit, and it is let pass")
	}
}

func TestWhatApkCouldNotInstallIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*adb.Package)
		says  string
	}{
		"architecture": {func(p *adb.Package) { p.Arch = "all" }, "noarch"},
		"version":      {func(p *adb.Package) { p.Version = "v1.0" }, "1.2.3-r1"},
		"name":         {func(p *adb.Package) { p.Name = "a b" }, "letters"},
		"dependency":   {func(p *adb.Package) { p.Depends = []string{"libc (>=1.2)"} }, "NAME>=VERSION"},
		"its version":  {func(p *adb.Package) { p.Depends = []string{"libc>=v1"} }, "no version"},
		"twice":        {func(p *adb.Package) { p.Depends = []string{"libc", "libc>1"} }, "twice"},
		"script":       {func(p *adb.Package) { p.Scripts = map[string]string{"postinst": "x"} }, "post-install"},
	} {
		pkg := example(t)
		c.spoil(pkg)
		if _, err := adb.Build(pkg); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.says)
		}
	}
}

// TestAnIndexListsAndItsKeySigns: the identity is that of the package, so an unsigned package is trusted through it.
func TestAnIndexListsAndItsKeySigns(t *testing.T) {
	one, other := build(t, example(t)), example(t)
	other.Name = "another"
	two := build(t, other)
	one.FileSize, two.FileSize = 1000, 2000
	index, err := adb.Index("a feed", []*adb.Built{one, two})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := adb.Sign(index, key)
	if err != nil {
		t.Fatal(err)
	}
	about, packages, err := adb.Packages(signed)
	if err != nil || about != "a feed" || len(packages) != 2 || packages[0].Name != "another" || packages[1].FileSize != 1000 ||
		!bytes.Equal(packages[1].Identity, one.Identity) || !bytes.Equal(packages[0].Identity, two.Identity) {
		t.Errorf("the index %q lists %+v: %v", about, packages, err)
	}
	again, err := adb.Sign(index, key)
	if err != nil || !bytes.Equal(again, signed) {
		t.Errorf("signed again, it differs: %v", err)
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := adb.Verify(signed, &key.PublicKey); err != nil {
		t.Error(err)
	}
	if adb.Verify(signed, &stranger.PublicKey) == nil || adb.Verify(index, &key.PublicKey) == nil {
		t.Error("a stranger's key, or no signature, is good enough")
	}
	if _, err := adb.Index("a feed", []*adb.Built{one, one}); err == nil {
		t.Error("a package stands in the index twice")
	}
}

func TestKeysAreReadAsOpenSSLWritesThem(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	parameters := pem.EncodeToMemory(&pem.Block{Type: "EC PARAMETERS", Bytes: []byte{6, 8}})
	for kind, der := range map[string][]byte{"EC PRIVATE KEY": sec1, "PRIVATE KEY": pkcs8} {
		got, err := adb.ParseKey(append(parameters, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...))
		if err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, bad := range []string{"", "no PEM", string(parameters)} {
		if _, err := adb.ParseKey([]byte(bad)); err == nil || !strings.Contains(err.Error(), "openssl ecparam") {
			t.Errorf("a key of %q: %v, want to be told how to make one", bad, err)
		}
	}
}

// FuzzRead reads anything: it may refuse, and what it takes has the id that it says.
func FuzzRead(f *testing.F) {
	pkg := example(f)
	pkg.Scripts, pkg.Files = nil, pkg.Files[:3]
	f.Add(build(f, pkg).File)
	if dir := os.Getenv("SPINNERET_TESTDATA"); dir != "" {
		for _, name := range []string{"toy-1.0.0-r1.apk", "packages.adb"} {
			data, err := os.ReadFile(filepath.Join(dir, "apk", name))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, err := adb.Inflate(data, 1<<20)
		if err != nil {
			return
		}
		if pkg, built, err := adb.Read(plain); err == nil && (len(built.UniqueID) != 20 || pkg == nil) {
			t.Errorf("it took a package with the id %x", built.UniqueID)
		}
		if _, list, err := adb.Packages(plain); err == nil && len(list) > 1<<16 {
			t.Errorf("it took an index of %d packages", len(list))
		}
	})
}
