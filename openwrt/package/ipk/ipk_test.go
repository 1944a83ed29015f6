package ipk_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spinneret/openwrt/package/ipk"
	"spinneret/openwrt/package/tree"
)

func example(t *testing.T) *ipk.Package {
	t.Helper()
	files, err := tree.Complete([]tree.File{
		{Path: "usr/sbin/example", Mode: 0o755, Data: []byte("code")},
		{Path: "etc/config/example", Mode: 0o600, Data: []byte("config\n")},
		{Path: "usr/bin/example", Mode: fs.ModeSymlink | 0o777, Link: "../sbin/example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &ipk.Package{
		Control: ipk.Control{
			Package: "example", Version: "1.2.3-r1", Depends: []string{"libc", "kmod-nft-bridge"}, SourceName: "example", License: "Apache-2.0",
			Section: "net", RequireUser: "example=8484:example=8484", Built: time.Unix(1_700_000_000, 0), Maintainer: "Nobody",
			Architecture: "mipsel_24kc", Description: "an example\nof two lines",
		},
		Files: files, Configs: []string{"/etc/config/example"}, Time: time.Unix(1_700_000_000, 0),
		Scripts: map[string]string{"postinst-pkg": "#!/bin/sh\nexit 0\n"},
	}
}

// list unpacks an archive, wants headers that opkg reads, and describes each entry on a line.
func list(t *testing.T, archive []byte) (lines string, contents map[string]string) {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	if unzipped.Name != "" || !unzipped.ModTime.IsZero() {
		t.Errorf("gzip wrote down %q and %v", unzipped.Name, unzipped.ModTime)
	}
	contents = map[string]string{}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, contents
		}
		data, readErr := io.ReadAll(r)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		if h.Format != tar.FormatUSTAR || h.Uid != 0 || h.Gid != 0 || h.Uname+h.Gname != "" || h.ModTime.Unix() != 1_700_000_000 {
			t.Errorf("%s: %v, user %d %q, group %d %q, %v", h.Name, h.Format, h.Uid, h.Uname, h.Gid, h.Gname, h.ModTime)
		}
		lines += fmt.Sprintf("%c %04o %s%s\n", h.Typeflag, h.Mode, h.Name, strings.TrimSuffix(" -> "+h.Linkname, " -> "))
		contents[h.Name] = string(data)
	}
}

// TestTheLayoutIsThatOfOpenWrtsOwnBuild, archive by archive.
func TestTheLayoutIsThatOfOpenWrtsOwnBuild(t *testing.T) {
	file, err := ipk.Build(example(t))
	if err != nil {
		t.Fatal(err)
	}
	outer, parts := list(t, file)
	data, files := list(t, []byte(parts["./data.tar.gz"]))
	control, about := list(t, []byte(parts["./control.tar.gz"]))
	for _, c := range []struct{ what, got, want string }{
		{"the package", outer, "5 0755 ./\n0 0644 ./debian-binary\n0 0644 ./data.tar.gz\n0 0644 ./control.tar.gz\n"},
		{"its version", parts["./debian-binary"], "2.0\n"},
		{"its files", data, `5 0755 ./
5 0755 ./etc/
5 0755 ./etc/config/
0 0600 ./etc/config/example
5 0755 ./usr/
5 0755 ./usr/bin/
2 0777 ./usr/bin/example -> ../sbin/example
5 0755 ./usr/sbin/
0 0755 ./usr/sbin/example
`},
		{"a file", files["./usr/sbin/example"], "code"},
		{"what opkg knows", control, `5 0755 ./
0 0644 ./control
0 0644 ./conffiles
0 0755 ./postinst
0 0755 ./postinst-pkg
0 0755 ./prerm
`},
		{"control", about["./control"], `Package: example
Version: 1.2.3-r1
Depends: libc, kmod-nft-bridge
SourceName: example
License: Apache-2.0
Section: net
Require-User: example=8484:example=8484
SourceDateEpoch: 1700000000
Maintainer: Nobody
Architecture: mipsel_24kc
Installed-Size: 6656
Description: an example
 of two lines
`},
		{"conffiles", about["./conffiles"], "/etc/config/example\n"},
		{"postinst", about["./postinst"], `#!/bin/sh
[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_postinst $0 $@
`},
		{"prerm", about["./prerm"], `#!/bin/sh
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_prerm $0 $@
`},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func TestTheSamePackageGivesTheSameBytes(t *testing.T) {
	first, err := ipk.Build(example(t))
	if err != nil {
		t.Fatal(err)
	}
	p := example(t)
	p.Time = p.Time.In(time.FixedZone("elsewhere", 3600)).Add(time.Millisecond)
	if second, err := ipk.Build(p); err != nil || !bytes.Equal(first, second) {
		t.Errorf("%d and %d bytes, which differ: %v", len(first), len(second), err)
	}
}

// TestAFeedListsItsPackages with what opkg needs to fetch and check each.
func TestAFeedListsItsPackages(t *testing.T) {
	p := example(t)
	if _, err := ipk.Build(p); err != nil {
		t.Fatal(err)
	}
	other := p.Control
	other.Package, other.Depends = "another", nil
	got, err := ipk.List([]ipk.Entry{{Control: p.Control, Filename: ipk.Name(&p.Control), File: []byte("1")}, {Control: other, Filename: ipk.Name(&other), File: []byte("22")}})
	want := `Package: another
Version: 1.2.3-r1
SourceName: example
License: Apache-2.0
Section: net
Require-User: example=8484:example=8484
SourceDateEpoch: 1700000000
Maintainer: Nobody
Architecture: mipsel_24kc
Installed-Size: 6656
Filename: another_1.2.3-r1_mipsel_24kc.ipk
Size: 2
SHA256sum: 785f3ec7eb32f30b90cd0fcf3657d388b5ff4297f2f9716ff66e9b69c05ddd09
Description: an example
 of two lines

Package: example
Version: 1.2.3-r1
Depends: libc, kmod-nft-bridge
SourceName: example
License: Apache-2.0
Section: net
Require-User: example=8484:example=8484
SourceDateEpoch: 1700000000
Maintainer: Nobody
Architecture: mipsel_24kc
Installed-Size: 6656
Filename: example_1.2.3-r1_mipsel_24kc.ipk
Size: 1
SHA256sum: 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
Description: an example
 of two lines

`
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatWouldBreakTheListIsRefused(t *testing.T) {
	for what, spoil := range map[string]func(*ipk.Package){
		"a field of two lines":     func(p *ipk.Package) { p.Control.Maintainer = "Nobody\nEssential: yes" },
		"an empty line":            func(p *ipk.Package) { p.Control.Description = "one\n\nPackage: two" },
		"no description":           func(p *ipk.Package) { p.Control.Description = "" },
		"a script that never runs": func(p *ipk.Package) { p.Scripts = map[string]string{"postinst": ""} },
		"a path that ustar cannot hold": func(p *ipk.Package) {
			p.Files = append(p.Files, tree.File{Path: strings.Repeat("long", 90), Mode: 0o644})
		},
	} {
		p := example(t)
		spoil(p)
		if _, err := ipk.Build(p); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
