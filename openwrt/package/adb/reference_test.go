package adb_test

import (
	"archive/tar"
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab/expect"
	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/tree"
)

// reference reads a file that the real apk 3.0.5 made, or what it was made of.
func reference(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(expect.ThirdParty(t, "apk", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func inflate(t *testing.T, file []byte) []byte {
	t.Helper()
	plain, err := adb.Inflate(file, adb.MaxFile)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// toy is the reference package as its maker told apk mkpkg: mkpkg-args.txt and tree.tar.
func toy(t *testing.T) *adb.Package {
	t.Helper()
	pkg := &adb.Package{Scripts: map[string]string{}, Time: 1700000000}
	for name, data := range untar(t, reference(t, "tree.tar"), &pkg.Files) {
		pkg.Scripts[name] = data
	}
	args := strings.Split(string(reference(t, "mkpkg-args.txt")), "\n")
	for i, arg := range args {
		switch arg {
		case "--info":
			name, value, _ := strings.Cut(args[i+1], ":")
			tell(t, pkg, name, value)
		case "--trigger":
			pkg.Triggers = append(pkg.Triggers, args[i+1])
		}
	}
	return pkg
}

// untar collects the files below tree/, and returns the scripts below scr/.
func untar(t *testing.T, archive []byte, files *[]tree.File) map[string]string {
	t.Helper()
	scripts := map[string]string{}
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return scripts
		}
		data, readErr := io.ReadAll(r)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		f := tree.File{Mode: h.FileInfo().Mode(), Data: data, Link: h.Linkname}
		if name, ok := strings.CutPrefix(h.Name, "scr/"); ok && name != "" {
			scripts[name] = string(data)
		}
		if f.Path = strings.Trim(strings.TrimPrefix(h.Name, "tree/"), "/"); strings.HasPrefix(h.Name, "tree/") && f.Path != "" {
			if f.Mode.IsRegular() || f.Mode&fs.ModeSymlink != 0 || f.Mode.IsDir() {
				*files = append(*files, f)
			}
		}
	}
}

func tell(t *testing.T, pkg *adb.Package, name, value string) {
	t.Helper()
	texts := map[string]*string{
		"name": &pkg.Name, "version": &pkg.Version, "description": &pkg.Description, "arch": &pkg.Arch, "license": &pkg.License,
		"origin": &pkg.Origin, "url": &pkg.URL, "maintainer": &pkg.Maintainer,
	}
	lists := map[string]*[]string{"depends": &pkg.Depends, "provides": &pkg.Provides, "replaces": &pkg.Replaces, "tags": &pkg.Tags}
	switch {
	case texts[name] != nil:
		*texts[name] = value
	case lists[name] != nil:
		*lists[name] = strings.Fields(value)
	case name == "provider-priority":
		pkg.ProviderPriority = 100
	case name == "replaces-priority":
		pkg.ReplacesPriority = 7
	default:
		t.Fatalf("mkpkg was told %s:%s, and this test does not know it", name, value)
	}
}

// TestAPackageIsWhatTheRealToolMakes to the byte.
func TestAPackageIsWhatTheRealToolMakes(t *testing.T) {
	want := reference(t, "toy-1.0.0-r1.apk")
	built, err := adb.Build(toy(t))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(built.File, want) {
		got, _, err := adb.Read(built.File)
		original, _, originalErr := adb.Read(want)
		t.Errorf("%d bytes that differ from apk's %d: %v %v\n%s", len(built.File), len(want), err, originalErr, cmp.Diff(original, got))
	}
	packed, err := adb.Deflate(built.File)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(inflate(t, packed), inflate(t, reference(t, "toy-deflate.apk"))) {
		t.Error("compressed, it does not hold what apk's compressed package holds")
	}
}

// TestAnIndexIsWhatTheRealToolMakes to the byte, up to the signature, which is random.
func TestAnIndexIsWhatTheRealToolMakes(t *testing.T) {
	packed, want := reference(t, "toy-deflate.apk"), inflate(t, reference(t, "packages.adb"))
	built, err := adb.Build(toy(t))
	if err != nil {
		t.Fatal(err)
	}
	built.FileSize = uint64(len(packed))
	index, err := adb.Index("toy feed", []*adb.Built{built})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) <= len(index) || !bytes.Equal(index, want[:len(index)]) {
		t.Errorf("the index is\n%q\nwant it to begin as\n%q", index, want)
	}
}

// TestSignaturesOfTheRealToolAreVerified means that ours are made of the same.
func TestSignaturesOfTheRealToolAreVerified(t *testing.T) {
	block, _ := pem.Decode(reference(t, "test-key.pub.pem"))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"toy-signed.apk", "packages.adb"} {
		file := inflate(t, reference(t, name))
		if err := adb.Verify(file, key.(*ecdsa.PublicKey)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file[40] ^= 1
		if err := adb.Verify(file, key.(*ecdsa.PublicKey)); err == nil {
			t.Errorf("%s is taken with one bit changed", name)
		}
	}
}
