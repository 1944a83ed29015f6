package cli

import (
	"slices"

	"spinneret/agent/decide"
	"spinneret/capture/packet"
	"spinneret/openwrt/uci"
)

// actions are what the settings want done about findings.
func actions(c uci.Config) (list []decide.Action) {
	for _, a := range c.Actions {
		action := decide.Action{
			Kinds: a.Kinds, Severity: slices.Index(uci.Severities, a.Severity), Classes: a.Classes, Level: a.Level, For: a.For,
		}
		for _, text := range a.Devices {
			if mac, err := packet.ParseMAC(text); err == nil { // what is no MAC the settings refuse
				action.Devices = append(action.Devices, mac)
			}
		}
		list = append(list, action)
	}
	return list
}
