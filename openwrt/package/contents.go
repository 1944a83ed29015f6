package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"spinneret/openwrt/package/tree"
)

// content is one package before it is written for opkg or apk.
type content struct {
	name        string
	summary     string // one line
	description string // more of them
	section     string
	depends     []string
	user        string // made when the package is installed: name=uid:group=gid
	folders     []folder
	language    string // of a translation, as LuCI calls it
	scripts     string // the folder of its scripts: postinst, prerm, postrm; "" where it has none
	noarch      bool
}

// folder is files beside this source, and where they go.
type folder struct {
	path, below string
	rules       []tree.Rule // for the paths in it
}

// agentPackage is the program with all around it. The kernel's modules are those of the tables that it makes (bridge,
// netdev), the packets that it is told of (nfnetlink-log), and the counters that it reads (conntrack-netlink); ca-bundle is for
// the servers that have makers' descriptions.
var agentPackage = content{
	name:        "spinneret",
	summary:     "Shows who in the home talks to whom, and cuts one device off",
	description: "Spinneret shows, live, which device of the home talks to which party, and\ntakes one device off the network while the rest stays online.",
	section:     "net",
	depends:     []string{"libc", "kmod-nft-core", "kmod-nfnetlink-log", "kmod-nf-conntrack-netlink", "kmod-nft-netdev", "kmod-nft-bridge", "ca-bundle"},
	user:        "spinneret=8484:spinneret=8484",
	folders:     []folder{{"files", "", agentRules}},
	scripts:     "scripts",
}

// luciFolder lies as OpenWrt's luci.mk wants it.
const luciFolder = "feed/luci-app-spinneret"

// luciPackage is the view in LuCI.
var luciPackage = content{
	name:        "luci-app-spinneret",
	summary:     "LuCI support for Spinneret",
	description: "Devices, quarantines and settings of Spinneret in OpenWrt's own pages.",
	section:     "luci",
	depends:     []string{"libc", "luci-base", "spinneret"},
	folders:     []folder{{luciFolder + "/root", "", luciRules}, {luciFolder + "/htdocs", "www", viewRules}},
	scripts:     "scripts/luci",
	noarch:      true,
}

// load reads a package's files and scripts.
func (c *content) load(source fs.FS) (files []tree.File, configs []string, scripts map[string]string, err error) {
	if files, configs, err = c.tree(source); err != nil {
		return nil, nil, nil, fmt.Errorf("package %s: %w", c.name, err)
	}
	scripts = map[string]string{}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		text, err := fs.ReadFile(source, path.Join(c.scripts, name))
		if c.scripts == "" || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, nil, fmt.Errorf("package %s: %w", c.name, err)
		}
		scripts[name] = strings.TrimPrefix(string(text), shebang)
	}
	return files, configs, scripts, nil
}

// tree is a package's files, and which of them are the owner's.
func (c *content) tree(source fs.FS) (files []tree.File, configs []string, err error) {
	if c.language != "" {
		files, err = translated(source, c.name, c.language)
		return files, nil, err
	}
	for _, f := range c.folders {
		inside, err := fs.Sub(source, f.path)
		if err != nil {
			return nil, nil, err
		}
		list, owners, err := tree.Load(inside, f.rules)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range list {
			file.Path = path.Join(f.below, file.Path)
			files = append(files, file)
		}
		configs = append(configs, owners...)
	}
	return files, configs, nil
}
