package e2e

import (
	"strings"
	"testing"

	"spinneret/openwrt/lab"
)

const (
	ipv4Header = 20
	udpHeader  = 8
	numbered   = 16 // bytes that a counter's datagram has
)

// TestBridgedPacketsAreCountedOnce on a machine where they pass the IP firewall too, as Docker sets it up: the agent
// says so, and what the far side received is what it counts.
func TestBridgedPacketsAreCountedOnce(t *testing.T) {
	home := openHome(t, lab.Options{BridgeNF: true}, "cam", "laptop")
	a := startAgent(t, home)
	if spots := strings.Join(a.status().BlindSpots, "\n"); !strings.Contains(spots, "bridge-nf-call-iptables is 1") {
		t.Errorf("the blind spots are %q", spots)
	}
	cam, laptop := home.Device("cam"), home.Device("laptop")
	before := a.device(cam)
	out, lan := count(t, home, cam, "udp4"), countLAN(t, home, cam, laptop, "udp4")
	a.eventually("some packets are under way", func() bool { return out.newest() > 200 && lan.newest() > 200 })
	_, arrived := out.stop()
	_, inside := lan.stop()

	size := uint64(ipv4Header + udpHeader + numbered)
	least := uint64(arrived) * size
	most := uint64(arrived+inside)*size + 4096 // and what devices say beside: ARP, ND, DHCP, DNS
	var tx, rx uint64
	a.eventually("what arrived and its answers are counted", func() bool {
		now := a.device(cam)
		tx, rx = now.TxBytes-before.TxBytes, now.RxBytes-before.RxBytes
		return tx >= least && rx >= least
	})
	if tx > most || rx > most {
		t.Errorf("%d bytes are counted as sent, %d as received, at most %d were: %d packets out, %d inside", tx, rx, most, arrived, inside)
	}
	var told uint64
	a.eventually("the flow has what arrived", func() bool { told = packetsOut(a, cam); return told >= uint64(arrived) })
	if told != uint64(arrived) {
		t.Errorf("the far side received %d packets, the flow says %d", arrived, told)
	}
}

// packetsOut is what the device's only UDP flow to the counters in the internet sent.
func packetsOut(a *agent, d *lab.Device) (packets uint64) {
	a.t.Helper()
	for _, f := range a.flows(d) {
		if f.Scope == "internet" && f.Protocol == "udp" {
			packets += f.TxPackets
		}
	}
	return packets
}
