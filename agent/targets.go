package agent

import (
	"golang.org/x/sys/unix"

	"spinneret/openwrt/firewall"
	"spinneret/ui"
)

var protocols = map[string]uint8{
	"": 0, "tcp": unix.IPPROTO_TCP, "udp": unix.IPPROTO_UDP, "icmp": unix.IPPROTO_ICMP, "icmpv6": unix.IPPROTO_ICMPV6,
}

// targets turns what was asked for in words into what the firewall takes. What is no target was refused at the door.
func targets(texts []string) (list []firewall.Target) {
	for _, text := range texts {
		t, err := ui.ParseTarget(text)
		if err != nil {
			continue
		}
		list = append(list, firewall.Target{
			Prefix: t.Prefix, Protocol: protocols[t.Protocol],
			FirstPort: t.FirstPort, LastPort: t.LastPort, ICMPType: t.ICMPType,
		})
	}
	return list
}
