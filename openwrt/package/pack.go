package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"spinneret/openwrt/package/adb"
	"spinneret/openwrt/package/ipk"
	"spinneret/openwrt/package/tree"
)

// release is what all packages of one build share.
type release struct {
	version string    // of the program: 1.2.3
	built   time.Time // of every file: the commit's time
	source  fs.FS     // openwrt/package of the source
	vendors []byte    // the table of vendors, which the program for routers reads as a file
}

const (
	packageRelease = "r1" // of the packaging, when the program stays the same
	maintainer     = "The Spinneret authors"
	licence        = "Apache-2.0"
)

func (r *release) fullVersion() string { return r.version + "-" + packageRelease }

// packed is one package in both formats.
type packed struct {
	name string
	arch string // of the router, or "" where it does not matter
	ipk  ipk.Entry
	apk  *adb.Built // its File as it is shipped
}

// pack writes one package for one architecture; binary is nil for one without the program.
func (r *release) pack(c *content, arch string, binary []byte) (*packed, error) {
	files, configs, scripts, err := c.load(r.source)
	if err != nil {
		return nil, err
	}
	if c.noarch {
		arch = ""
	} else {
		files = append(files,
			tree.File{Path: binaryPath, Mode: 0o755, Data: binary}, tree.File{Path: vendorsPath, Mode: 0o644, Data: r.vendors})
	}
	p := &packed{name: c.name, arch: arch}
	if p.ipk, err = r.packIPK(c, arch, files, configs, scripts); err != nil {
		return nil, err
	}
	p.apk, err = r.packAPK(c, arch, files, configs, scripts)
	return p, err
}

func (r *release) packIPK(c *content, arch string, files []tree.File, configs []string, scripts map[string]string) (ipk.Entry, error) {
	files, err := tree.Complete(files)
	if err != nil {
		return ipk.Entry{}, fmt.Errorf("package %s: %w", c.name, err)
	}
	if arch == "" {
		arch = "all"
	}
	p := &ipk.Package{
		Control: ipk.Control{
			Package: c.name, Version: r.fullVersion(), Depends: c.depends, SourceName: agentPackage.name, License: licence, LicenseFiles: "LICENSE",
			Section: c.section, RequireUser: c.user, Built: r.built, Maintainer: maintainer, Architecture: arch,
			Description: c.summary + "\n" + c.description,
		},
		Files: files, Configs: configs, Scripts: ipkScripts(scripts), Time: r.built,
	}
	file, err := ipk.Build(p)
	return ipk.Entry{Control: p.Control, Filename: ipk.Name(&p.Control), File: file}, err
}

// packAPK compresses the package as apk's own tools do, and reads it back: nothing that cannot be read is shipped.
func (r *release) packAPK(c *content, arch string, files []tree.File, configs []string, scripts map[string]string) (*adb.Built, error) {
	files, err := tree.Complete(append(files, c.lists(files, configs)...))
	if err != nil {
		return nil, fmt.Errorf("package %s: %w", c.name, err)
	}
	if arch == "" {
		arch = "noarch"
	}
	built, err := adb.Build(&adb.Package{
		Info: adb.Info{
			Name: c.name, Version: r.fullVersion(), Description: c.summary, Arch: arch, License: licence, Origin: agentPackage.name,
			Maintainer: maintainer, Provides: []string{c.name + "-any"}, Depends: c.depends,
		},
		Files: files, Scripts: apkScripts(c.name, scripts), Time: r.built.Unix(),
	})
	if err != nil {
		return nil, err
	}
	if _, _, err := adb.Read(built.File); err != nil {
		return nil, fmt.Errorf("package %s: it cannot be read back: %w", c.name, err)
	}
	built.File, err = adb.Deflate(built.File)
	built.FileSize = uint64(len(built.File))
	return built, err
}

// lists are the files by which OpenWrt's scripts and sysupgrade know a package of apk.
func (c *content) lists(files []tree.File, configs []string) (lists []tree.File) {
	add := func(kind, text string) {
		if text != "" {
			lists = append(lists, tree.File{Path: "lib/apk/packages/" + c.name + "." + kind, Mode: 0o644, Data: []byte(text)})
		}
	}
	if c.user != "" {
		add("rusers", c.user+"\n")
	}
	add("list", tree.Paths(append(files, lists...)))
	var static strings.Builder
	for _, f := range files {
		for _, config := range configs {
			if config == "/"+f.Path {
				fmt.Fprintf(&static, "%s %x\n", config, sha256.Sum256(f.Data))
			}
		}
	}
	if len(configs) > 0 {
		add("conffiles", strings.Join(configs, "\n")+"\n")
	}
	add("conffiles_static", static.String())
	return lists
}
