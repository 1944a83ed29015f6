package main

import "fmt"

const shebang = "#!/bin/sh\n"

// ipkScripts are our own scripts by opkg's names. OpenWrt's functions run postinst-pkg before services start, and
// prerm-pkg before they stop; postrm stands alone.
func ipkScripts(own map[string]string) map[string]string {
	scripts := map[string]string{}
	for name, as := range map[string]string{"postinst": "postinst-pkg", "prerm": "prerm-pkg", "postrm": "postrm"} {
		if text, ok := own[name]; ok {
			scripts[as] = shebang + text
		}
	}
	return scripts
}

// functions is how every script of a package begins: with OpenWrt's own functions, which find the package by its name.
const functions = `[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
export root="${IPKG_INSTROOT}"
export pkgname="%s"
`

// apkScripts are whole: apk knows nothing of opkg's names, and runs no pre-deinstall on an upgrade. As with opkg, ours
// run before the services start, which find ubusd with its new rules then, and in a shell of their own, which they leave.
func apkScripts(name string, own map[string]string) map[string]string {
	find := fmt.Sprintf(functions, name)
	install := `[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0` + "\n" + find + "add_group_and_user\n(\n" + own["postinst"] + ")\ndefault_postinst\n"
	scripts := map[string]string{
		"post-install":  shebang + install,
		"post-upgrade":  shebang + "export PKG_UPGRADE=1\n" + install,
		"pre-deinstall": shebang + find + "default_prerm\n" + own["prerm"],
	}
	if text, ok := own["postrm"]; ok {
		scripts["post-deinstall"] = shebang + text
	}
	return scripts
}
