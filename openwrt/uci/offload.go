package uci

import (
	"fmt"
	"os"
)

// FirewallFile is where OpenWrt keeps the settings of its firewall.
const FirewallFile = "/etc/config/firewall"

// Offload says whether packets of connections that are under way pass the firewall by, and us with it.
type Offload struct {
	Software bool
	Hardware bool // in the network chip; only where Software is on too
}

// ReadOffload reads it from the settings of OpenWrt's firewall: its section defaults, where the last word counts.
func ReadOffload(path string) (o Offload, err error) {
	if _, err := os.Stat(path); err != nil {
		return o, err
	}
	data, err := read(path)
	if err != nil {
		return o, fmt.Errorf("read %s: %w", path, err)
	}
	f, syntax := scan(data)
	for _, s := range f.sections {
		if s.typ != "defaults" {
			continue
		}
		for _, e := range s.entries {
			on, err := boolean(e.value)
			switch {
			case err != nil || e.list:
			case e.name == "flow_offloading":
				o.Software = on
			case e.name == "flow_offloading_hw":
				o.Hardware = on
			}
		}
	}
	o.Hardware = o.Hardware && o.Software // as fw4 has it
	if syntax != nil {
		return o, fmt.Errorf("read %s:%d: %s", path, syntax.Line, syntax.Text)
	}
	return o, nil
}
