// Package ipk writes the packages of opkg and the list of a feed.
//
// A package is a gzipped tar of three files, two of them gzipped tars: what opkg should know, and what it should
// unpack. Headers are ustar: opkg reads no PAX, it answers 0 and leaves files out.
package ipk

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"spinneret/openwrt/package/tree"
)

// Package is one package before it is written.
type Package struct {
	Control Control
	Files   []tree.File // with all their directories: tree.Complete
	Configs []string    // absolute paths of files that upgrades keep
	// Scripts are our own: postinst-pkg, prerm-pkg, preinst, postrm. The wrappers that run them are added.
	Scripts map[string]string
	Time    time.Time // of every file
}

// The scripts that opkg runs. OpenWrt's own functions enable and start services, make users, apply uci-defaults, and
// then run postinst-pkg and prerm-pkg.
const (
	postinst = `#!/bin/sh
[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_postinst $0 $@
`
	prerm = `#!/bin/sh
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_prerm $0 $@
`
)

// ownScripts are the names that Package.Scripts may have.
var ownScripts = []string{"postinst-pkg", "prerm-pkg", "preinst", "postrm"}

// Build writes a package. The same package gives the same bytes.
func Build(p *Package) ([]byte, error) {
	data, size, err := archive(p.Files, p.Time)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", p.Control.Package, err)
	}
	p.Control.InstalledSize = size
	about, err := p.about()
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", p.Control.Package, err)
	}
	control, _, err := archive(about, p.Time)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", p.Control.Package, err)
	}
	file, _, err := archive([]tree.File{
		{Path: "debian-binary", Mode: 0o644, Data: []byte("2.0\n")},
		{Path: "data.tar.gz", Mode: 0o644, Data: data},
		{Path: "control.tar.gz", Mode: 0o644, Data: control},
	}, p.Time)
	return file, err
}

// about is what the control archive holds.
func (p *Package) about() ([]tree.File, error) {
	text, err := p.Control.Text()
	if err != nil {
		return nil, err
	}
	files := []tree.File{{Path: "control", Mode: 0o644, Data: []byte(text)}}
	if len(p.Configs) > 0 {
		files = append(files, tree.File{Path: "conffiles", Mode: 0o644, Data: []byte(strings.Join(p.Configs, "\n") + "\n")})
	}
	scripts := map[string]string{"postinst": postinst, "prerm": prerm}
	for name, script := range p.Scripts {
		if !slices.Contains(ownScripts, name) {
			return nil, fmt.Errorf("script %q: opkg knows %q", name, ownScripts)
		}
		scripts[name] = script
	}
	for _, name := range slices.Sorted(maps.Keys(scripts)) {
		files = append(files, tree.File{Path: name, Mode: 0o755, Data: []byte(scripts[name])})
	}
	return files, nil
}

// archive makes a gzipped tar, and says how many bytes the tar has.
func archive(files []tree.File, when time.Time) (packed []byte, size int, err error) {
	var plain, out bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, f := range append([]tree.File{{Path: "", Mode: fs.ModeDir | 0o755}}, files...) {
		if err := w.WriteHeader(header(f, when)); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", f.Path, err)
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, 0, err
	}
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, 0, err
	}
	size = plain.Len()
	if _, err := plain.WriteTo(zip); err != nil {
		return nil, 0, err
	}
	err = zip.Close()
	return out.Bytes(), size, err
}

func header(f tree.File, when time.Time) *tar.Header {
	h := &tar.Header{
		Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: "./" + f.Path, Mode: int64(f.Mode.Perm()),
		Size: int64(len(f.Data)), ModTime: when.UTC().Truncate(time.Second),
	}
	switch {
	case f.Mode.IsDir():
		h.Typeflag, h.Name = tar.TypeDir, strings.TrimSuffix(h.Name, "/")+"/"
	case f.Mode&fs.ModeSymlink != 0:
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Link, 0o777
	}
	return h
}
