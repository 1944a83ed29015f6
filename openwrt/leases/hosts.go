package leases

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ParseHosts reads the names that the owner gave to devices in OpenWrt's DHCP settings: what ubus answers to
// uci get {"config":"dhcp","type":"host"}. A device named twice keeps the name of the section that comes first.
// Sections without a usable MAC or name are passed over.
func ParseHosts(answer []byte) (map[[6]byte]string, error) {
	var sections struct {
		Values map[string]struct {
			Index int             `json:".index"`
			Name  string          `json:"name"`
			MAC   json.RawMessage `json:"mac"`
		} `json:"values"`
	}
	if err := json.Unmarshal(answer, &sections); err != nil {
		return nil, fmt.Errorf("read static hosts: %w", err)
	}
	first, names := map[[6]byte]int{}, map[[6]byte]string{}
	for _, s := range sections.Values {
		name := cleanName(s.Name)
		for _, mac := range hostMACs(s.MAC) {
			if before, twice := first[mac]; name == "" || twice && before <= s.Index || !twice && len(names) == maxLeases {
				continue
			}
			first[mac], names[mac] = s.Index, name
		}
	}
	return names, nil
}

// hostMACs reads a list, or an option with several values between blanks; one with * in it stands for many devices.
func hostMACs(raw json.RawMessage) (macs [][6]byte) {
	var one string
	var list []string
	if json.Unmarshal(raw, &one) != nil && json.Unmarshal(raw, &list) != nil {
		return nil
	}
	for _, text := range slices.Concat(strings.Fields(one), list) {
		if mac, ok := parseMAC(strings.ToLower(text)); ok {
			macs = append(macs, mac)
		}
	}
	return macs
}

// ReadHosts reads the file at path with ParseHosts. A file that is not there names nobody.
func ReadHosts(path string) (map[[6]byte]string, error) {
	answer, err := readFile(path, nil)
	if err != nil || len(answer) == 0 {
		return nil, err
	}
	return ParseHosts(answer)
}
