package isp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"spinneret/dots/isp/store"
	"spinneret/dots/isp/target"
	"spinneret/dots/wire"
)

// requestJSON is a request as the contract has it, and more.
type requestJSON struct {
	ID             string    `json:"id"`
	Home           string    `json:"home"`
	State          string    `json:"state"`
	Status         *int      `json:"status"`
	MID            uint32    `json:"mid"`
	Lifetime       string    `json:"lifetime"`
	DroppedPackets uint64    `json:"droppedPackets"`
	DroppedBytes   uint64    `json:"droppedBytes"`
	Source         []string  `json:"source"`
	Target         []string  `json:"target"`
	Created        time.Time `json:"created"`
	Ends           time.Time `json:"ends"`
	Why            *string   `json:"why"`
	By             *string   `json:"by"`
}

func (n *Node) requestJSON(r store.Request) requestJSON {
	now := n.o.Now()
	v := requestJSON{
		ID: r.ID, Home: r.Home, State: string(r.At(now)), MID: r.MID, Lifetime: formatDuration(r.Lifetime),
		DroppedPackets: r.Drops.Packets, DroppedBytes: r.Drops.Bytes, Source: r.Sources, Target: r.Targets,
		Created: *instant(r.Created), Ends: *instant(r.Ends),
	}
	if r.Status != 0 {
		status := int(r.Status)
		v.Status = &status
	}
	if why := r.WhyAt(now); why != "" {
		v.Why = &why
	}
	if r.By != "" {
		v.By = &r.By
	}
	return v
}

// askJSON is what a caller wants stopped: of a home that it names, or of the one behind the source.
type askJSON struct {
	Home     string   `json:"home"`
	Source   oneOrAll `json:"source"`
	Target   oneOrAll `json:"target"`
	Lifetime string   `json:"lifetime"`
}

// Bounds of a request's lifetime.
const (
	usualLifetime = time.Hour // RFC 9132 section 4.4.1.1
	maxLifetime   = 7 * 24 * time.Hour
)

func (n *Node) postRequest(w http.ResponseWriter, r *http.Request) error {
	var ask askJSON
	if err := readJSON(r, &ask); err != nil {
		return err
	}
	request, err := n.plan(ask)
	if err != nil {
		return err
	}
	request.By = by(r)
	status := http.StatusOK
	again, err := n.again(r.Context(), request)
	if err == nil && again.ID == "" {
		status = http.StatusCreated
		again, err = n.store.Create(r.Context(), request)
	}
	if err != nil {
		return err
	}
	n.o.Log.Info("requested", "request", again.ID, "home", again.Home, "mid", again.MID, "by", by(r), "again", status == http.StatusOK, "source", again.Sources, "target", again.Targets, "until", again.Ends)
	w.Header().Set("Location", "/api/v1/requests/"+again.ID)
	writeJSON(w, status, "application/json", n.requestJSON(again))
	return nil
}

// again is the request under way that asks for just the same, with the time that it now has; empty where there is
// none. What its home could not do is asked for anew: the device may be found now.
func (n *Node) again(ctx context.Context, ask store.Request) (r store.Request, err error) {
	now := n.o.Now()
	n.store.Requests.EachOf(ask.Home, func(v store.Request) bool {
		if !v.Takeback && !v.At(now).Over() && v.Status != wire.Exceeded && v.Scope.Equal(ask.Scope) {
			r = v
		}
		return r.ID == ""
	})
	if r.ID == "" {
		return r, nil
	}
	return n.store.Prolong(ctx, r.ID, ask.Lifetime)
}

// plan is the request that a caller means.
func (n *Node) plan(ask askJSON) (r store.Request, err error) {
	lifetime := usualLifetime
	if ask.Lifetime != "" {
		lifetime, err = parseDuration(ask.Lifetime)
		if err != nil || lifetime < time.Second || lifetime > maxLifetime {
			return r, invalid("lifetime", "give a time from 1s to 7d, such as 1h")
		}
	}
	if len(ask.Target) == 0 {
		return r, invalid("target", "give a target, such as 198.51.100.7:53/udp")
	}
	home, err := n.homeMeant(ask)
	if err != nil {
		return r, err
	}
	sources := ask.Source
	if len(sources) == 0 {
		if sources = n.sourcesOf(home); len(sources) == 0 {
			return r, invalid("source", "the home is away and has no prefixes: give the source of the traffic")
		}
	}
	scope, err := target.Scope(ask.Target, sources)
	if err != nil {
		return r, invalid("target", err.Error())
	}
	now := n.o.Now()
	return store.Request{
		Home: home, Targets: ask.Target, Sources: sources, Scope: scope,
		Lifetime: lifetime.Truncate(time.Second), Created: now, Ends: now.Add(lifetime.Truncate(time.Second)),
	}, nil
}

// homeMeant is the home that is named, or that all sources belong to.
func (n *Node) homeMeant(ask askJSON) (home string, err error) {
	if ask.Home != "" {
		if !n.enrolled(ask.Home) {
			return "", invalid("home", unknownHome(ask.Home).Detail)
		}
		return ask.Home, nil
	}
	if len(ask.Source) == 0 {
		return "", invalid("home", "say which home, or give the source of the traffic")
	}
	for _, source := range ask.Source {
		found, err := n.homeOf(source)
		switch {
		case err != nil:
			return "", invalid("source", err.Error())
		case home != "" && found != home:
			return "", invalid("source", fmt.Sprintf("these sources are of two homes, %s and %s: make a request of each", home, found))
		}
		home = found
	}
	return home, nil
}

func (n *Node) getRequests(w http.ResponseWriter, r *http.Request) error {
	home := r.URL.Query().Get("home")
	var found []store.Request
	n.store.Requests.Each(func(v store.Request) bool {
		if home == "" || v.Home == home {
			found = append(found, v)
		}
		return true
	})
	slices.SortFunc(found, func(a, b store.Request) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	list := []requestJSON{}
	for _, v := range found[:min(len(found), maxListed)] {
		list = append(list, n.requestJSON(v))
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]any{"requests": list})
	return nil
}

// maxListed bounds a list; the newest are in it.
const maxListed = 10000

func unknownRequest() *problem {
	return notFound("there is no such request: spinneret-isp requests lists them (GET /api/v1/requests)")
}

func (n *Node) getRequest(w http.ResponseWriter, r *http.Request) error {
	v, there := n.store.Requests.Get(r.PathValue("id"))
	if !there {
		return unknownRequest()
	}
	writeJSON(w, http.StatusOK, "application/json", n.requestJSON(v))
	return nil
}

// withdrawTime is how long the answer to a withdrawal waits for the home's.
const withdrawTime = 3 * time.Second

func (n *Node) deleteRequest(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	v, there, err := n.store.Withdraw(r.Context(), id)
	switch {
	case err != nil:
		return err
	case !there:
		return unknownRequest()
	}
	n.o.Log.Info("withdrawn", "request", id, "home", v.Home, "mid", v.MID, "by", by(r))
	if s, _ := n.store.Sessions.Get(v.Home); n.store.Held(s) {
		ctx, cancel := context.WithTimeout(r.Context(), withdrawTime)
		defer cancel()
		n.store.Requests.Wait(ctx, id, func(v store.Request) bool { return v.At(n.o.Now()).Over() })
	}
	v, _ = n.store.Requests.Get(id)
	writeJSON(w, http.StatusOK, "application/json", n.requestJSON(v))
	return nil
}

// parseDuration takes Go's form, perhaps with days in front: 90s, 1h30m, 7d, 1d12h.
func parseDuration(text string) (time.Duration, error) {
	number, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		return time.ParseDuration(text)
	}
	days, err := strconv.ParseUint(number, 10, 16)
	if err != nil || rest == "" {
		return time.Duration(days) * 24 * time.Hour, err
	}
	more, err := time.ParseDuration(rest)
	if err == nil && (more < 0 || rest[0] == '+') {
		err = errors.New("hours after days have no sign")
	}
	return time.Duration(days)*24*time.Hour + more, err
}

// formatDuration writes Go's form without the units that are zero at its end: 1h and not 1h0m0s.
func formatDuration(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(text, "0s")
		if d >= time.Hour && strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
	}
	return text
}
