package isp

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"spinneret/dots/isp/store"
	"spinneret/dots/wire"
)

// homeJSON is a home as the API tells it.
type homeJSON struct {
	ID        string     `json:"id"`
	State     string     `json:"state"` // up, away or revoked
	Since     *time.Time `json:"since"`
	Address   *string    `json:"address"` // where it calls from, or did last
	Transport *string    `json:"transport"`
	Node      *string    `json:"node"`
	Prefixes  []string   `json:"prefixes"`
	Auth      string     `json:"auth"` // certificate or psk
	Enrolled  time.Time  `json:"enrolled"`
	Expires   *time.Time `json:"expires"`
}

func (n *Node) homeJSON(h store.Home) homeJSON {
	v := homeJSON{ID: h.ID, Prefixes: []string{}, Auth: "certificate", Enrolled: h.Enrolled.UTC().Truncate(time.Second)}
	for _, p := range h.Prefixes {
		v.Prefixes = append(v.Prefixes, p.String())
	}
	if h.Expires.IsZero() {
		v.Auth = "psk"
	} else {
		v.Expires = instant(h.Expires)
	}
	s, there := n.store.Sessions.Get(h.ID)
	up, since := n.store.Standing(s)
	if v.State = homeState(h, up); there {
		address := s.Peer.String()
		v.Since, v.Address, v.Transport, v.Node = instant(since), &address, &s.Transport, &s.Node
	}
	return v
}

// homeState is how a home stands whose session is up or is not.
func homeState(h store.Home, up bool) string {
	switch {
	case h.Revoked:
		return "revoked"
	case up:
		return "up"
	}
	return "away"
}

func instant(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Second)
	return &t
}

func (n *Node) getHomes(w http.ResponseWriter, _ *http.Request) error {
	list := []homeJSON{}
	var homes []store.Home
	n.store.Homes.Each(func(h store.Home) bool { homes = append(homes, h); return true })
	slices.SortFunc(homes, func(a, b store.Home) int { return cmp.Compare(a.ID, b.ID) })
	for _, h := range homes {
		list = append(list, n.homeJSON(h))
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"homes": list})
	return nil
}

func (n *Node) getHome(w http.ResponseWriter, r *http.Request) error {
	h, there := n.store.Homes.Get(r.PathValue("id"))
	if !there {
		return unknownHome(r.PathValue("id"))
	}
	writeJSON(w, http.StatusOK, "application/json", n.homeJSON(h))
	return nil
}

// enrolJSON asks for the credentials of a home, first ones or new ones.
type enrolJSON struct {
	ID       string   `json:"id"`
	Auth     string   `json:"auth"`     // certificate (default) or psk
	Prefixes []string `json:"prefixes"` // what the home's addresses are in; missing: as before
}

// enrolledJSON is the only answer that ever has a secret in it.
type enrolledJSON struct {
	Home        homeJSON `json:"home"`
	Credentials *string  `json:"credentials"`
	PSKIdentity *string  `json:"pskIdentity"`
	PSK         *string  `json:"psk"`
}

// maxPrefixes bounds what a home is enrolled with.
const maxPrefixes = 16

func (n *Node) postHome(w http.ResponseWriter, r *http.Request) error {
	var ask enrolJSON
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	switch {
	case !store.ValidID(ask.ID):
		return invalid("id", "name the home with up to 64 letters, digits, - and _")
	case ask.Auth != "" && ask.Auth != "certificate" && ask.Auth != "psk":
		return invalid("auth", "auth is certificate or psk")
	case len(ask.Prefixes) > maxPrefixes:
		return invalid("prefixes", "a home may have 16 prefixes")
	}
	var prefixes []netip.Prefix
	for _, text := range ask.Prefixes {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return invalid("prefixes", "write prefixes such as 203.0.113.20/32 or 2001:db8:1::/56")
		}
		prefixes = append(prefixes, p.Masked())
	}
	h, c, err := n.enrol(r.Context(), ask.ID, ask.Auth == "psk", prefixes)
	if err != nil {
		return err
	}
	n.o.Log.Info("enrolled", "home", h.ID, "by", by(r), "auth", n.homeJSON(h).Auth, "prefixes", h.Prefixes)
	answer := enrolledJSON{Home: n.homeJSON(h)}
	if file := string(c.File); file != "" {
		answer.Credentials = &file
	} else {
		answer.PSKIdentity, answer.PSK = &h.ID, &c.PSK
	}
	writeJSON(w, http.StatusCreated, "application/json", answer)
	return nil
}

func (n *Node) deleteHome(w http.ResponseWriter, r *http.Request) error {
	h, there, err := n.revoke(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		return err
	case !there:
		return unknownHome(r.PathValue("id"))
	}
	n.o.Log.Info("revoked", "home", h.ID, "by", by(r))
	writeJSON(w, http.StatusOK, "application/json", n.homeJSON(h))
	return nil
}

func unknownHome(id string) *problem {
	return notFound("no home is enrolled as " + clip([]byte(id)) + ": spinneret-isp homes lists them (GET /api/v1/homes)")
}

// redirectJSON sends a home elsewhere.
type redirectJSON struct {
	Name      string   `json:"name"` // what that one's certificate says
	Addresses []string `json:"addresses"`
	TTL       *string  `json:"ttl"` // null: until told otherwise
}

// redirectTime is how long a home may be away and still be sent elsewhere.
const redirectTime = time.Hour

func (n *Node) postRedirect(w http.ResponseWriter, r *http.Request) error {
	h, there := n.store.Homes.Get(r.PathValue("id"))
	if !there || h.Revoked {
		return unknownHome(r.PathValue("id"))
	}
	var ask redirectJSON
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	to, err := ask.redirection()
	if err != nil {
		return err
	}
	mid, err := n.store.NextMID(r.Context(), h.ID)
	if err != nil {
		return err
	}
	letter := store.Letter{Operation: store.Redirect, MID: mid, Redirect: to}
	if err := n.store.Post(r.Context(), h.ID, letter, redirectTime); err != nil {
		return err
	}
	n.o.Log.Info("redirected", "home", h.ID, "mid", mid, "by", by(r), "to", to.Name, "addresses", to.Addresses)
	writeJSON(w, http.StatusAccepted, "application/json", n.homeJSON(h))
	return nil
}

func (ask redirectJSON) redirection() (*wire.Redirection, error) {
	to := &wire.Redirection{Name: ask.Name}
	if !validName(ask.Name) {
		return nil, invalid("name", "name a host, such as dots2.isp.example")
	}
	if len(ask.Addresses) > maxPrefixes {
		return nil, invalid("addresses", "give at most 16 addresses")
	}
	for _, text := range ask.Addresses {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" || a.IsMulticast() || a.IsUnspecified() {
			return nil, invalid("addresses", "write addresses such as 192.0.2.1 or 2001:db8::1")
		}
		to.Addresses = append(to.Addresses, a)
	}
	ttl := uint32(wire.RedirectForever)
	if ask.TTL != nil {
		d, err := parseDuration(*ask.TTL)
		if err != nil || d < 0 || d > maxLifetime {
			return nil, invalid("ttl", "give a time such as 10m, at most 7d; leave it out for good")
		}
		ttl = uint32(d / time.Second)
	}
	to.TTL = &ttl
	return to, nil
}
