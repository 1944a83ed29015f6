package main

import "spinneret/openwrt/package/tree"

// binaryPath is where the program lies on a router, without the leading slash.
const binaryPath = "usr/sbin/spinneret"

// vendorsPath is where the program looks for the table of vendors, vendorsIn where that stands in the source.
const (
	vendorsPath = "usr/share/spinneret/vendors.bin"
	vendorsIn   = "capture/oui/vendors.bin"
)

// agentRules are the modes of what lies below files/. A file that none of them names stops the build, and so does a
// rule without a file.
var agentRules = []tree.Rule{
	{Pattern: "etc/capabilities/*.json", Mode: 0o644},
	{Pattern: "etc/config/spinneret", Mode: 0o600, Config: true},
	{Pattern: "etc/hotplug.d/*/*", Mode: 0o644}, // sourced, not run
	{Pattern: "etc/init.d/*", Mode: 0o755},
	{Pattern: "etc/uci-defaults/*", Mode: 0o644}, // sourced once, and then deleted
	{Pattern: "lib/upgrade/keep.d/spinneret", Mode: 0o644},
	{Pattern: "usr/libexec/rpcd/*", Mode: 0o755},
	{Pattern: "usr/share/acl.d/*.json", Mode: 0o644},
	{Pattern: "usr/share/rpcd/acl.d/*.json", Mode: 0o644},
	{Pattern: "usr/share/spinneret/*.sh", Mode: 0o644}, // examples to copy
}

// luciRules are the modes of what LuCI and rpcd read, viewRules of what a browser does.
var (
	luciRules = []tree.Rule{
		{Pattern: "usr/share/luci/menu.d/*.json", Mode: 0o644},
		{Pattern: "usr/share/rpcd/acl.d/*.json", Mode: 0o644},
	}
	viewRules = []tree.Rule{{Pattern: "luci-static/resources/view/spinneret/*.js", Mode: 0o644}}
)
