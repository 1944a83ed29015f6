package mud

import "strings"

// acls finds the ACLs of a file by name.
func (r *reader) acls(root object) map[string]*node {
	n, old := root.at[moduleACL+":acls"], root.at[moduleACL+":access-lists"]
	switch {
	case n != nil && old != nil:
		r.refuse(old, "ACLs stand under acls and under access-lists: which ones hold cannot be known")
	case n == nil && old != nil:
		r.say(Note, old, "access-lists is an old draft's word for acls")
		n = old
	}
	found := map[string]*node{}
	o, ok := r.object(n, moduleACL)
	if n != nil && !ok {
		r.refuse(n, "this must be an object")
	}
	list := r.list(o, "acl")
	if len(list) > maxACLs {
		r.refuse(o.at["acl"], "%d ACLs: more than %d are not read", len(list), maxACLs)
		return found
	}
	for _, n := range list {
		acl, _ := r.object(n, moduleACL)
		name := r.alias(acl, "name", "acl-name")
		if name == "" || found[name] != nil {
			r.refuse(n, "an ACL needs a name of its own, %q is none", name)
			continue
		}
		found[name] = n
	}
	return found
}

// families are the ACL types by the IP versions that they are for. Ethernet ACLs are outside what MUD uses.
var families = map[string]Family{
	"ipv4": IPv4, "ipv6": IPv6, "eth": 0, "ethernet": 0,
	"mixed-eth-ipv4": IPv4, "mixed-eth-ipv6": IPv6, "mixed-eth-ipv4-ipv6": IPv4 | IPv6,
}

func (r *reader) acl(n *node, name string, d Direction) ACL {
	o, _ := r.object(n, moduleACL)
	said := strings.TrimPrefix(r.alias(o, "type", "acl-type"), moduleACL+":")
	short := strings.TrimSuffix(strings.TrimSuffix(said, "-type"), "-acl")
	family, known := families[short]
	if !known {
		r.refuse(n, "%q is no type of ACL: write ipv4-acl-type or ipv6-acl-type", said)
		return ACL{}
	}
	if said != short+"-acl-type" || short == "ethernet" {
		r.say(Note, n, "%q is no type of RFC 8519: read as of %q", said, short)
	}
	acl := ACL{Name: name, Family: family}
	for _, n := range r.entries(o) {
		if r.aces++; r.aces > maxACEs {
			r.refuse(n, "more than %d entries are not read", maxACEs)
			return acl
		}
		if ace, ok := r.ace(n, family, d); ok {
			acl.ACEs = append(acl.ACEs, ace)
		}
	}
	return acl
}

func (r *reader) entries(acl object) []*node {
	aces := acl.at["aces"]
	if old := acl.at["access-list-entries"]; aces == nil && old != nil {
		r.say(Note, old, "access-list-entries is an old draft's word for aces")
		aces = old
	}
	o, ok := r.object(aces, moduleACL)
	if aces != nil && !ok {
		r.refuse(aces, "this must be an object")
	}
	return r.list(o, "ace")
}

// ace reads an entry; ok is false if it is void. An accept with anything in it that is not understood is void, for
// without that it would allow more. A drop is kept without what is not understood: so it drops more.
func (r *reader) ace(n *node, family Family, d Direction) (a ACE, ok bool) {
	o, isObject := r.object(n, moduleACL)
	if !isObject {
		r.refuse(n, "this must be an object")
		return a, false
	}
	a = ACE{Name: r.alias(o, "name", "rule-name"), Path: n.path()}
	r.unknown(o, "name", "rule-name", "matches", "actions", "statistics")
	action, known := r.action(o)
	if !known {
		return a, false
	}
	a.Drop = action == "drop"
	if family == 0 {
		if a.Drop {
			r.refuse(n, "a drop by Ethernet headers cannot be honoured")
			return a, false
		}
		r.say(Note, n, "Ethernet is outside of MUD: ARP and EAPOL are allowed to every device anyway")
		return a, false
	}
	m := matcher{reader: r, dir: d, family: family, drop: a.Drop}
	m.matches(o.at["matches"])
	a.Match, a.Held, a.Family = m.Match, m.held, m.family
	if len(m.names) > 0 {
		for name := range m.names {
			r.names[name] = true
		}
		if len(r.names) > maxNames {
			r.refuse(n, "more than %d domain names are not watched", maxNames)
		}
	}
	return a, a.Drop || !m.void
}

// action reads forwarding: an unknown action voids the entry.
func (r *reader) action(ace object) (action string, ok bool) {
	o, _ := r.object(ace.at["actions"], moduleACL)
	r.unknown(o, "forwarding", "logging")
	said := strings.TrimPrefix(r.text(o, "forwarding"), moduleACL+":")
	switch said {
	case "accept", "drop":
		return said, true
	case "reject", "deny":
		r.say(Note, ace.node, "%q is read as drop", said)
		return "drop", true
	}
	r.say(Warning, ace.node, "%q is no action, the entry is left out: write accept or drop", said)
	return "", false
}
