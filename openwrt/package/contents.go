package main

import (
	"errors"
	"fmt"
	"io/fs"
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
	files       string // the folder of its files, beside this source
	rules       []tree.Rule
	scripts     string // the folder of its scripts: postinst, prerm, postrm
	noarch      bool
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
	files:       "files",
	rules:       agentRules,
	scripts:     "scripts",
}

// luciPackage is the view in LuCI.
var luciPackage = content{
	name:        "luci-app-spinneret",
	summary:     "LuCI support for Spinneret",
	description: "Devices, quarantines and settings of Spinneret in OpenWrt's own pages.",
	section:     "luci",
	depends:     []string{"libc", "luci-base", "spinneret"},
	files:       "luci",
	rules:       luciRules,
	scripts:     "scripts/luci",
	noarch:      true,
}

// load reads a package's files and scripts.
func (c *content) load(source fs.FS) (files []tree.File, configs []string, scripts map[string]string, err error) {
	folder, err := fs.Sub(source, c.files)
	if err != nil {
		return nil, nil, nil, err
	}
	if files, configs, err = tree.Load(folder, c.rules); err != nil {
		return nil, nil, nil, fmt.Errorf("package %s: %w", c.name, err)
	}
	scripts = map[string]string{}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		text, err := fs.ReadFile(source, c.scripts+"/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, nil, fmt.Errorf("package %s: %w", c.name, err)
		}
		scripts[name] = strings.TrimPrefix(string(text), shebang)
	}
	return files, configs, scripts, nil
}
