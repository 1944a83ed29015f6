package main

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/usign"
)

// TestOpkgFindsAndTrustsTheFeed as the router does: the signature of the list, then each file's size and hash in it.
func TestOpkgFindsAndTrustsTheFeed(t *testing.T) {
	f := packages(t)
	for _, arch := range f.archs {
		list := f.read(t, opkgFolder, arch, "Packages")
		if err := usign.Verify(f.read(t, opkgPublic), list, f.read(t, opkgFolder, arch, "Packages.sig")); err != nil {
			t.Errorf("%s: %v", arch, err)
		}
		unzipped, err := gzip.NewReader(bytes.NewReader(f.read(t, opkgFolder, arch, "Packages.gz")))
		if err != nil {
			t.Fatal(err)
		}
		if inside, err := io.ReadAll(unzipped); err != nil || !bytes.Equal(inside, list) {
			t.Errorf("%s: Packages.gz holds another list: %v", arch, err)
		}
		for entry := range strings.SplitSeq(strings.TrimSpace(string(list)), "\n\n") {
			name := field(entry, "Filename")
			file := f.read(t, opkgFolder, arch, name)
			if field(entry, "Size") != fmt.Sprint(len(file)) || field(entry, "SHA256sum") != fmt.Sprintf("%x", sha256.Sum256(file)) {
				t.Errorf("%s: the list is wrong about %s", arch, name)
			}
			if a := field(entry, "Architecture"); a != arch && a != "all" {
				t.Errorf("%s: %s is for %s", arch, name, a)
			}
		}
	}
}

func field(entry, name string) string {
	_, rest, _ := strings.Cut("\n"+entry, "\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

// TestApkFindsAndTrustsTheFeed: the index is signed, and names each package's identity and size.
func TestApkFindsAndTrustsTheFeed(t *testing.T) {
	f := packages(t)
	block, _ := pem.Decode(f.read(t, apkPublic))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range f.archs {
		index, err := adb.Inflate(f.read(t, apkFolder, arch, "packages.adb"), adb.MaxFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := adb.Verify(index, key.(*ecdsa.PublicKey)); err != nil {
			t.Errorf("%s: %v", arch, err)
		}
		_, entries, err := adb.Packages(index)
		if err != nil {
			t.Fatal(err)
		}
		folder, err := os.ReadDir(f.dir + "/" + apkFolder + "/" + arch)
		if err != nil || len(entries) != len(folder)-1 {
			t.Errorf("%s: %d packages are listed, %d files lie there: %v", arch, len(entries), len(folder), err)
		}
		for _, e := range entries {
			name := e.Name + "-" + e.Version + ".apk"
			_, real := f.apk(t, arch, name)
			if !bytes.Equal(real.Identity, e.Identity) || int(e.FileSize) != len(f.read(t, apkFolder, arch, name)) || e.InstalledSize != real.InstalledSize {
				t.Errorf("%s: the index is wrong about %s", arch, name)
			}
		}
	}
}

// TestKeysAreMadeOnceAndForTheirOwnerAlone: routers know the old ones.
func TestKeysAreMadeOnceAndForTheirOwnerAlone(t *testing.T) {
	dir := t.TempDir() + "/keys"
	if err := makeKeys(dir); err != nil {
		t.Fatal(err)
	}
	before, err := loadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeKeys(dir); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("made again: %v", err)
	}
	if after, err := loadKeys(dir); err != nil || after.opkg.ID() != before.opkg.ID() || !after.apk.Equal(before.apk) {
		t.Errorf("the keys are others now: %v", err)
	}
	for _, name := range []string{opkgSecret, apkSecret} {
		if info, err := os.Stat(dir + "/" + name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if _, err := loadKeys(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make keys") {
		t.Errorf("a folder without keys: %v, want to be told how to make them", err)
	}
}
