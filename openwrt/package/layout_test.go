package main

import (
	"archive/tar"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/lab/expect"
	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/lmo"
	"spinneret/openwrt/package/tree"
)

var golden = expect.Golden

// TestTheLayoutOfTheOpkgPackage: what lies where with which mode, control, and the scripts.
func TestTheLayoutOfTheOpkgPackage(t *testing.T) {
	f := packages(t)
	for _, arch := range f.archs {
		data, control, contents := f.ipk(t, arch, f.opkgName(arch))
		var text strings.Builder
		size := (len(data) + 2) * 512
		for _, h := range append(slices.Clone(data), control...) {
			size += int(h.Size+511) &^ 511
			if h.Format != tar.FormatUSTAR || h.Uid+h.Gid != 0 || h.Uname+h.Gname != "" || fmt.Sprint(h.ModTime.Unix()) != epoch {
				t.Errorf("%s %s: %v of user %d, group %d, %v", arch, h.Name, h.Format, h.Uid, h.Gid, h.ModTime)
			}
		}
		for _, h := range control {
			size -= int(h.Size+511) &^ 511
		}
		listing(&text, "files", data)
		listing(&text, "control.tar.gz", control)
		for _, name := range slices.Sorted(maps.Keys(contents)) {
			if script, ok := strings.CutPrefix(name, "CONTROL/"); ok && script != "" {
				fmt.Fprintf(&text, "\n=== %s\n%s", script, contents[name])
			}
		}
		said := text.String()
		if !strings.Contains(said, "\nInstalled-Size: "+strconv.Itoa(size)+"\n") || !strings.Contains(said, "\nArchitecture: "+arch+"\n") {
			t.Errorf("%s: want this architecture and %d bytes in control", arch, size)
		}
		golden(t, "spinneret.ipk.txt", regexp.MustCompile(`(?m)^(Installed-Size|Architecture): .*`).ReplaceAllString(said, "$1: *"))
	}
}

func listing(text *strings.Builder, title string, headers []*tar.Header) {
	fmt.Fprintf(text, "=== %s\n", title)
	for _, h := range headers {
		fmt.Fprintf(text, "%c %04o %s%s\n", h.Typeflag, h.Mode, h.Name, h.Linkname)
	}
}

// TestTheLayoutOfTheApkPackage, and that sizes and lists in it are true.
func TestTheLayoutOfTheApkPackage(t *testing.T) {
	f := packages(t)
	for _, arch := range f.archs {
		pkg, _ := f.apk(t, arch, f.apkName())
		if size := installedSize(pkg); pkg.Arch != arch || pkg.InstalledSize != size || fmt.Sprint(pkg.Time) != epoch {
			t.Errorf("%s: it is for %s, of %d bytes (want %d) at %d", arch, pkg.Arch, pkg.InstalledSize, size, pkg.Time)
		}
		pkg.Arch, pkg.InstalledSize = "*", 0
		golden(t, "spinneret.apk.txt", describe(pkg))
	}
}

func installedSize(pkg adb.Package) (size uint64) {
	for _, f := range pkg.Files {
		size += uint64(len(f.Data))
	}
	return size
}

func describe(pkg adb.Package) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%+v\n\n=== files\n", pkg.Info)
	for _, f := range pkg.Files {
		fmt.Fprintf(&text, "%v %s %s\n", f.Mode, f.Path, f.Link)
	}
	for _, f := range pkg.Files {
		if name, ok := strings.CutPrefix(f.Path, "lib/apk/packages/"); ok && f.Mode.IsRegular() {
			fmt.Fprintf(&text, "\n=== %s\n%s", name, nameHashes(pkg, string(f.Data)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pkg.Scripts)) {
		fmt.Fprintf(&text, "\n=== %s\n%s", name, pkg.Scripts[name])
	}
	return text.String()
}

// nameHashes puts SHA256 where the right hash of a file stands, so that a golden text outlives changes of the file.
func nameHashes(pkg adb.Package, text string) string {
	for _, f := range pkg.Files {
		right := fmt.Sprintf("/%s %x\n", f.Path, sha256.Sum256(f.Data))
		text = strings.ReplaceAll(text, right, "/"+f.Path+" SHA256\n")
	}
	return text
}

// TestTheLayoutOfTheLuCIPackage in both formats: it is the same for every router.
func TestTheLayoutOfTheLuCIPackage(t *testing.T) {
	f := packages(t)
	data, control, contents := f.ipk(t, tightArch, "luci-app-spinneret_"+f.version+"-r1_all.ipk")
	var text strings.Builder
	listing(&text, "files", data)
	listing(&text, "control.tar.gz", control)
	fmt.Fprintf(&text, "\n=== control\n%s", regexp.MustCompile(`(?m)^Installed-Size: .*`).ReplaceAllString(contents["CONTROL/control"], "Installed-Size: *"))
	pkg, _ := f.apk(t, tightArch, "luci-app-spinneret-"+f.version+"-r1.apk")
	pkg.InstalledSize = 0
	golden(t, "luci-app-spinneret.txt", text.String()+"\n=== apk\n"+describe(pkg))
}

// TestTheTranslationsArePackagesOfTheirOwn, with the names that OpenWrt's own have.
func TestTheTranslationsArePackagesOfTheirOwn(t *testing.T) {
	f := packages(t)
	for language, menu := range map[string]string{"de": "Deutsch (German)", "nl": "Nederlands (Dutch)"} {
		name, archive := "luci-i18n-spinneret-"+language, "usr/lib/lua/luci/i18n/spinneret."+language+".lmo"
		_, _, contents := f.ipk(t, tightArch, name+"_"+f.version+"-r1_all.ipk")
		pkg, _ := f.apk(t, tightArch, name+"-"+f.version+"-r1.apk")
		if !slices.Equal(pkg.Depends, []string{"libc", "luci-app-spinneret"}) {
			t.Errorf("%s depends on %q", name, pkg.Depends)
		}
		if got := contents["./etc/uci-defaults/"+name]; got != "uci set luci.languages."+language+"='"+menu+"'\nuci commit luci\n" {
			t.Errorf("%s: the first start does %q", name, got)
		}
		catalogue, err := os.ReadFile(luciFolder + "/po/" + language + "/spinneret.po")
		if err != nil {
			t.Fatal(err)
		}
		want, err := lmo.Compile(string(catalogue))
		i := slices.IndexFunc(pkg.Files, func(f tree.File) bool { return f.Path == archive })
		if err != nil || contents["./"+archive] != string(want) || i < 0 || string(pkg.Files[i].Data) != string(want) {
			t.Errorf("%s lacks its archive: %v", name, err)
		}
	}
}

// TestBothPackagesHoldTheSameFiles but for those by which OpenWrt's scripts know one of apk.
func TestBothPackagesHoldTheSameFiles(t *testing.T) {
	f := packages(t)
	headers, _, contents := f.ipk(t, tightArch, f.opkgName(tightArch))
	var opkg, apk []string
	for _, h := range headers[1:] {
		name := strings.Trim(h.Name, "./")
		opkg = append(opkg, fmt.Sprintf("%s %04o %x", name, h.Mode, sha256.Sum256([]byte(contents[h.Name]))))
	}
	pkg, _ := f.apk(t, tightArch, f.apkName())
	for _, file := range pkg.Files {
		if !strings.HasPrefix(file.Path+"/", "lib/apk/") && file.Mode&fs.ModeSymlink == 0 {
			apk = append(apk, fmt.Sprintf("%s %04o %x", file.Path, file.Mode.Perm(), sha256.Sum256(file.Data)))
		}
	}
	slices.Sort(opkg)
	slices.Sort(apk)
	if diff := cmp.Diff(opkg, apk); diff != "" {
		t.Errorf("(-opkg +apk):\n%s", diff)
	}
}
