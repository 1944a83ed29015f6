package anomaly

import "spinneret/capture/say"

// isBootReply reports whether a payload is an answer of a DHCP server (RFC 2131 section 2), not just from its port.
func isBootReply(b []byte) bool {
	const reply, least = 2, 240
	return len(b) >= least && b[0] == reply
}

// raiseDHCP tells of a device that gives out addresses beside the router. Who set up one knows it.
func (d *Detector) raiseDHCP(rec *device, now, at int64) {
	d.raise(rec, now, signal{
		kind: RogueDHCP, severity: Alarm, party: "DHCP", since: at,
		text:  say.New("claim.dhcp"),
		match: match{port: portDHCPClient},
	})
}
