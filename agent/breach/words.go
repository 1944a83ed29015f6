package breach

import (
	"fmt"
	"slices"
	"strings"

	"spinneret/capture/packet"
	"spinneret/mud"
)

// services are the ports that a home knows by what runs there.
var services = map[uint16]string{
	21: "FTP", 22: "SSH", 23: "telnet", 25: "mail (SMTP)", 53: "DNS", 80: "the web (HTTP)", 110: "mail (POP)", 123: "time (NTP)",
	139: "Windows shares", 143: "mail (IMAP)", 443: "the web (HTTPS)", 445: "Windows shares", 554: "video (RTSP)",
	853: "encrypted DNS", 1883: "MQTT", 1900: "UPnP", 2323: "telnet", 3389: "remote desktop", 5060: "telephony (SIP)",
	5353: "mDNS", 5555: "Android's debugger", 5900: "remote desktop (VNC)", 8080: "the web (HTTP)", 8443: "the web (HTTPS)",
	8883: "MQTT",
}

// Words tell of a breach: what was tried, and what became of it.
func (b Breach) Words(device string) string {
	if b.Out {
		return fmt.Sprintf("%s tried to reach %s on %s%s", device, b.what(), b.who(), b.became())
	}
	return fmt.Sprintf("%s tried to reach %s on %s%s", b.who(), b.what(), device, b.became())
}

func (b Breach) who() string {
	if b.Party == b.Remote.String() || b.Party == "" {
		return b.Remote.String()
	}
	return fmt.Sprintf("%s (%s)", b.Party, b.Remote)
}

// what is the service, with what the wire says.
func (b Breach) what() string {
	protocol := strings.ToUpper(b.Protocol.String())
	switch {
	case b.Protocol == packet.ProtoICMP || b.Protocol == packet.ProtoICMPv6:
		return protocol
	case !b.Protocol.HasPorts():
		return "IP protocol " + b.Protocol.String()
	}
	if name := services[b.Port]; name != "" {
		return fmt.Sprintf("%s, %s port %d,", name, protocol, b.Port)
	}
	return fmt.Sprintf("%s port %d", protocol, b.Port)
}

func (b Breach) became() string {
	if b.Passed {
		return ", which was let through, as it is only watched"
	}
	return ", which was refused"
}

// maxNamed is how many parties a sentence names.
const maxNamed = 3

// Allowed says in a few words what a policy allows in a direction: by whose word, and with whom.
func Allowed(p mud.Policy, out bool) string {
	rules, nobody := p.To, "its description lets nobody begin anything with it"
	if out {
		rules, nobody = p.From, "its description lets it do nothing but ask the router for names and the time"
	}
	var parties []string
	for _, r := range rules {
		if r.Drop || r.Default || r.Held != "" || r.State == mud.Answers {
			continue
		}
		if len(r.Remote) == 0 {
			parties = []string{"anybody, for some things"}
			break
		}
		if who := r.Remote[0].String(); !slices.Contains(parties, who) {
			parties = append(parties, who)
		}
	}
	n := len(parties)
	switch {
	case n == 0:
		return nobody
	case n > maxNamed:
		return fmt.Sprintf("its description allows only %s and %d more", strings.Join(parties[:maxNamed], ", "), n-maxNamed)
	case n == 1:
		return "its description allows only " + parties[0]
	}
	return fmt.Sprintf("its description allows only %s and %s", strings.Join(parties[:n-1], ", "), parties[n-1])
}
