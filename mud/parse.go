package mud

import (
	"strconv"
	"time"
)

const (
	moduleMUD = "ietf-mud"
	moduleACL = "ietf-access-control-list"
	moduleDNS = "ietf-acldns"
)

// Parse reads a MUD file (RFC 8520). It is strict where a mistake would allow more than the maker wrote, and liberal
// where real files err. The file is nil if a diagnostic refuses it; whether its URL and its signature are those that
// they should be is for the caller to check.
func Parse(data []byte) (*File, []Diagnostic) {
	r := &reader{names: map[string]bool{}}
	root := r.tree(data)
	if root == nil {
		return nil, r.diagnostics()
	}
	f := r.file(root)
	if r.refused {
		return nil, r.diagnostics()
	}
	return f, r.diagnostics()
}

func (r *reader) file(root *node) *File {
	o, ok := r.object(root, moduleMUD)
	mud, isMUD := r.object(o.at["mud"], moduleMUD)
	if !ok || !isMUD {
		r.refuse(root, "no object \"ietf-mud:mud\": this is no MUD file")
		return nil
	}
	acls := r.acls(o)
	r.unknown(o, "mud", moduleACL+":acls", moduleACL+":access-lists")
	r.unknown(mud, "mud-version", "mud-url", "last-update", "mud-signature", "cache-validity", "is-supported", "systeminfo",
		"mfg-name", "model-name", "firmware-rev", "software-rev", "documentation", "extensions", "from-device-policy",
		"to-device-policy")
	f := &File{
		URL: r.url(mud), LastUpdate: r.lastUpdate(mud), CacheValidity: r.cacheValidity(mud), Supported: r.supported(mud),
		Signature: r.text(mud, "mud-signature"), SystemInfo: r.text(mud, "systeminfo"), Maker: r.text(mud, "mfg-name"),
		Model: r.text(mud, "model-name"), Firmware: r.text(mud, "firmware-rev"), Software: r.text(mud, "software-rev"),
		Documentation: r.text(mud, "documentation"),
	}
	f.Held = r.version(mud)
	for _, n := range r.list(mud, "extensions") {
		f.Extensions = append(f.Extensions, n.text)
	}
	f.From = r.policy(mud, "from-device-policy", acls, FromDevice)
	f.To = r.policy(mud, "to-device-policy", acls, ToDevice)
	return f
}

// version returns why a file waits for the owner.
func (r *reader) version(mud object) (held string) {
	n := mud.at["mud-version"]
	switch {
	case n == nil:
		held = "it has no mud-version"
		r.say(Hold, mud.node, "%s: read as version 1 only if you agree", held)
	case n.kind != isNumber || n.text != "1":
		r.refuse(n, "mud-version is not 1: only version 1 is known")
	}
	return held
}

func (r *reader) url(mud object) URL {
	n := mud.at["mud-url"]
	if n == nil || n.kind != isString {
		r.refuse(mud.node, "no mud-url: whose file this is cannot be known")
		return URL{}
	}
	u, err := ParseURL(n.text)
	if err != nil {
		r.refuse(n, "%v", err)
	}
	return u
}

func (r *reader) lastUpdate(mud object) time.Time {
	n := mud.at["last-update"]
	if n == nil || n.kind != isString {
		r.refuse(mud.node, "no last-update: which of two files is newer cannot be known")
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, n.text)
	if err == nil {
		return t
	}
	if t, err = time.Parse("2006-01-02T15:04:05", n.text); err == nil {
		r.say(Warning, n, "a date without a zone: read as UTC")
	} else {
		r.refuse(n, "this is no date with time and zone, like 2026-01-31T12:00:00Z (RFC 3339)")
	}
	return t
}

// cacheValidity is in hours; beside its range it is clamped, a real file has 14400.
func (r *reader) cacheValidity(mud object) time.Duration {
	const least, most, usual = 1, 168, 48
	n := mud.at["cache-validity"]
	if n == nil {
		return usual * time.Hour
	}
	hours, err := strconv.ParseInt(n.text, 10, 64)
	if n.kind != isNumber || err != nil {
		r.say(Warning, n, "this must be a whole number of hours: read as %d", usual)
		return usual * time.Hour
	}
	within := min(max(hours, least), most)
	if within != hours {
		r.say(Warning, n, "this must be 1 to 168 hours: read as %d", within)
	}
	return time.Duration(within) * time.Hour
}

func (r *reader) supported(mud object) bool {
	n := mud.at["is-supported"]
	if n == nil || n.kind != isBool {
		r.say(Warning, mud.node, "is-supported is missing, or not true or false: read as false")
		return false
	}
	return n.text == "true"
}

// policy is the ACLs that a policy names. An absent policy allows nothing in its direction.
func (r *reader) policy(mud object, name string, acls map[string]*node, d Direction) []ACL {
	if mud.at[name] == nil {
		return nil
	}
	o, ok := r.object(mud.at[name], moduleMUD)
	lists, ok2 := r.object(o.at["access-lists"], moduleMUD)
	if !ok || !ok2 {
		r.refuse(mud.at[name], "this must be an object with access-lists")
		return nil
	}
	var out []ACL
	seen := map[string]bool{}
	for _, n := range r.list(lists, "access-list") {
		entry, _ := r.object(n, moduleMUD)
		name := r.alias(entry, "name", "acl-name")
		acl := acls[name]
		switch {
		case acl == nil:
			r.refuse(n, "there is no ACL %q", name)
		case seen[name]:
			r.say(Note, n, "%q is named twice", name)
		default:
			out = append(out, r.acl(acl, name, d))
		}
		seen[name] = true
	}
	return out
}

// alias is a text by its name, or by that of an old draft.
func (r *reader) alias(o object, name, old string) string {
	if o.at[name] == nil && o.at[old] != nil {
		r.say(Note, o.at[old], "%q is an old draft's word for %q", old, name)
		return r.text(o, old)
	}
	return r.text(o, name)
}
