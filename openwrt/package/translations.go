package main

import (
	"fmt"
	"io/fs"

	"spinneret/openwrt/package/lmo"
	"spinneret/openwrt/package/tree"
)

// translations are the packages that luci.mk makes of the folder po, under the names that LuCI's menu of languages has.
var translations = []content{translation("de"), translation("nl")}

// languages are LuCI's own names of them.
var languages = map[string]string{"de": "Deutsch (German)", "nl": "Nederlands (Dutch)"}

func translation(language string) content {
	return content{
		name:        "luci-i18n-spinneret-" + language,
		summary:     luciPackage.name + " - " + language + " translation",
		description: "Spinneret in OpenWrt's own pages: " + languages[language] + ".",
		section:     "luci",
		depends:     []string{"libc", luciPackage.name},
		language:    language,
		noarch:      true,
	}
}

// translated are the files of a translation: LuCI's archive, and what puts the language on LuCI's menu.
func translated(source fs.FS, name, language string) ([]tree.File, error) {
	catalogue, err := fs.ReadFile(source, luciFolder+"/po/"+language+"/spinneret.po")
	if err != nil {
		return nil, err
	}
	archive, err := lmo.Compile(string(catalogue))
	if err != nil {
		return nil, err
	}
	menu := fmt.Sprintf("uci set luci.languages.%s='%s'\nuci commit luci\n", language, languages[language])
	return []tree.File{
		{Path: "etc/uci-defaults/" + name, Mode: 0o644, Data: []byte(menu)},
		{Path: "usr/lib/lua/luci/i18n/spinneret." + language + ".lmo", Mode: 0o644, Data: archive},
	}, nil
}
