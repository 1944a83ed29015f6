package breach

import (
	"slices"
	"strconv"
	"strings"

	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/mud"
)

// services are the ports that a home knows by what runs there: a name; or a key and its argument, where languages differ.
var services = []struct {
	port uint16
	name string
	more string
}{
	{21, "FTP", ""},
	{22, "SSH", ""},
	{23, "telnet", ""},
	{25, "mail", "SMTP"},
	{53, "DNS", ""},
	{80, "web", "HTTP"},
	{110, "mail", "POP"},
	{123, "time", "NTP"},
	{139, "Windows shares", ""},
	{143, "mail", "IMAP"},
	{443, "web", "HTTPS"},
	{445, "Windows shares", ""},
	{554, "video (RTSP)", ""},
	{853, "encrypted DNS", ""},
	{1883, "MQTT", ""},
	{1900, "UPnP", ""},
	{2323, "telnet", ""},
	{3389, "remote desktop", ""},
	{5060, "telephony (SIP)", ""},
	{5353, "mDNS", ""},
	{5555, "Android's debugger", ""},
	{5900, "remote desktop (VNC)", ""},
	{8080, "web", "HTTP"},
	{8443, "web", "HTTPS"},
	{8883, "MQTT", ""},
}

// Sentence tells of a breach: who tried what, and what became of it.
func (b Breach) Sentence(device string) say.Phrase {
	if b.Out {
		return say.New("did", device, b.Words())
	}
	return say.New("did", b.who(), b.tried(device))
}

// Words tell of a breach of the device's own, as what goes on after its name.
func (b Breach) Words() say.Phrase { return b.tried(b.who()) }

func (b Breach) tried(whom any) say.Phrase {
	if b.Passed {
		return say.New("breach.watched", b.what(), whom)
	}
	return say.New("breach", b.what(), whom)
}

func (b Breach) who() any {
	if b.Party == b.Remote.String() || b.Party == "" {
		return b.Remote.String()
	}
	return say.New("party", b.Party, b.Remote.String())
}

// what is the service, with what the wire says.
func (b Breach) what() any {
	protocol := strings.ToUpper(b.Protocol.String())
	switch {
	case b.Protocol == packet.ProtoICMP || b.Protocol == packet.ProtoICMPv6:
		return protocol
	case !b.Protocol.HasPorts():
		return say.New("protocol", b.Protocol.String())
	}
	port := strconv.Itoa(int(b.Port))
	for _, s := range services {
		switch {
		case s.port != b.Port:
		case s.more == "":
			return say.New("service", s.name, protocol, port)
		default:
			return say.New("service", say.New(s.name, s.more), protocol, port)
		}
	}
	return say.New("port", protocol, port)
}

// maxNamed is how many parties a sentence names.
const maxNamed = 3

// Allowed says in a few words what a policy allows in a direction: by whose word, and with whom.
func Allowed(p mud.Policy, out bool) say.Phrase {
	rules, nobody := p.To, say.New("allow.nobody")
	if out {
		rules, nobody = p.From, say.New("allow.nothing")
	}
	var parties []string
	for _, r := range rules {
		if r.Drop || r.Default || r.Held != "" || r.State == mud.Answers {
			continue
		}
		if len(r.Remote) == 0 {
			return say.New("allow", say.New("allow.some"))
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
		return say.New("allow", say.New("and.more", say.Strings(parties[:maxNamed]), n-maxNamed))
	case n == 1:
		return say.New("allow", parties[0])
	}
	return say.New("allow", say.New("and", say.Strings(parties[:n-1]), parties[n-1]))
}
