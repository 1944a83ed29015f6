package mud

import (
	"fmt"
	"strings"
)

// Words are what the policy allows in plain words: its lines, and that this is all.
func (p Policy) Words() (words []string) {
	for _, line := range p.Lines() {
		words = append(words, line.Text)
	}
	return append(words, "everything else is refused")
}

// Line is a sentence of a policy, with the rules that say so, by their index in From or To.
type Line struct {
	Text      string
	Direction Direction
	Rules     []int
}

// Lines are the sentences of a policy; their names come from the file. Rules for answers are left out: they go without
// saying.
func (p Policy) Lines() []Line {
	return append(linesOf(FromDevice, p.From), linesOf(ToDevice, p.To)...)
}

func linesOf(d Direction, rules []Rule) (lines []Line) {
	at, families := map[string]int{}, map[string]Family{}
	for i, r := range rules {
		if r.State == Answers {
			continue
		}
		text := r.words(d)
		if families[text] == 0 {
			at[text] = len(lines)
			lines = append(lines, Line{Text: text, Direction: d})
		}
		families[text] |= r.Family
		line := &lines[at[text]]
		line.Rules = append(line.Rules, i)
	}
	for i := range lines {
		lines[i].Text += families[lines[i].Text].only()
	}
	return lines
}

// only says that a rule is for one family.
func (f Family) only() string {
	switch f {
	case IPv4:
		return " (IPv4 only)"
	case IPv6:
		return " (IPv6 only)"
	}
	return ""
}

// Words is what a rule of a direction says, in plain words; names in it come from the file.
func (r Rule) Words(d Direction) string { return r.words(d) + r.Family.only() }

// words is a rule's sentence without the family.
func (r Rule) words(d Direction) string {
	may := "may"
	if r.Drop {
		may = "may not"
	}
	subject, object := "it", parties(r.Remote)
	subjectPort, objectPort := r.LocalPort, r.RemotePort
	if d == ToDevice {
		subject, object = object, "it"
		subjectPort, objectPort = objectPort, subjectPort
	}
	line := fmt.Sprintf("%s %s %s %s", subject, may, r.does(), object)
	if objectPort.Set {
		line += ", " + objectPort.String()
	}
	if subjectPort.Set {
		line += ", from " + subjectPort.String()
	}
	if len(r.Local) > 0 {
		line += fmt.Sprintf(", the device's side being %s", parties(r.Local))
	}
	for _, f := range r.Fields {
		if f.Header != "icmp" || f.Name == "rest-of-header" {
			line += fmt.Sprintf(", where %s %s is %d", f.Header, f.Name, f.Value)
		}
	}
	if r.Held != "" {
		line += ", only if you agree (" + r.Held + ")"
	}
	return line
}

// does is the verb and what is sent.
func (r Rule) does() string {
	switch r.Protocol {
	case AnyProtocol:
		return "send anything to"
	case TCP:
		if r.State == Opens {
			return "open TCP connections to"
		}
		return "send TCP to"
	case UDP:
		return "send UDP to"
	case ICMP, ICMPv6:
		return r.doesICMP()
	}
	return fmt.Sprintf("send IP protocol %d to", r.Protocol)
}

func (r Rule) doesICMP() string {
	if echo(r.ACE) == asks {
		return "ping"
	}
	what := "ICMP"
	if r.Protocol == ICMPv6 {
		what = "ICMPv6"
	}
	for _, f := range r.Fields {
		if f.Header == "icmp" && f.Name != "rest-of-header" {
			what += fmt.Sprintf(" %s %d", f.Name, f.Value)
		}
	}
	return "send " + what + " to"
}

// String is "port 80", "ports 1 to 5", or "ports other than 80".
func (p Ports) String() string {
	switch {
	case !p.Set:
		return "any port"
	case p.Not:
		return fmt.Sprintf("ports other than %d", p.Low)
	case p.Low == p.High:
		return fmt.Sprintf("port %d", p.Low)
	}
	return fmt.Sprintf("ports %d to %d", p.Low, p.High)
}

func parties(all []Endpoint) string {
	if len(all) == 0 {
		return "anyone"
	}
	var words []string
	for _, e := range all {
		words = append(words, e.String())
	}
	return strings.Join(words, ", only ")
}

// String names the endpoint in plain words.
func (e Endpoint) String() string {
	switch e.Kind {
	case Name:
		if below, wild := strings.CutPrefix(e.Name, "*."); wild {
			return "every name below " + below
		}
		return e.Name
	case Prefix:
		return strings.TrimSuffix(e.Prefix.String(), fmt.Sprintf("/%d", e.Prefix.Addr().BitLen()))
	case LocalNetworks:
		return "the home's networks"
	case MyController:
		return "its own controllers"
	case Manufacturer:
		return "devices made by " + e.Name
	case SameManufacturer:
		return "devices of its own maker"
	case Model:
		return "devices of the model " + e.Name
	}
	return e.class()
}

func (e Endpoint) class() string {
	switch e.Name {
	case ClassDNS:
		return "the home's DNS servers"
	case ClassNTP:
		return "the home's time servers"
	case ClassGateway:
		return "the router"
	}
	return fmt.Sprintf("controllers of the class %q", e.Name)
}
