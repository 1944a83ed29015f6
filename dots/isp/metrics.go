package isp

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"spinneret/dots/isp/link"
	"spinneret/dots/isp/store"
)

// soon is how long before its certificate ends a home is counted as one to enrol anew.
const soon = 30 * 24 * time.Hour

var (
	transports = []string{link.DTLS, link.TLS}
	homeStates = []string{"up", "away", "revoked"}
	states     = []store.State{store.Waiting, store.Sent, store.Active, store.Refused, store.Withdrawn, store.Expired}
)

// getMetrics tells numbers in the text form of Prometheus. They name no home, and there are always as many of them.
func (n *Node) getMetrics(w http.ResponseWriter, r *http.Request) error {
	sizes, err := n.store.Sizes(r.Context())
	if err != nil {
		return err
	}
	var p page
	p.family("info", "gauge", "The program's version, and the node's name.")
	p.sample("info", fmt.Sprintf("version=%q,node=%q", Version(), n.o.Config.Node), 1)
	p.family("start_time_seconds", "gauge", "When this node began, in Unix seconds.")
	p.sample("start_time_seconds", "", n.began.Unix())
	n.countHomes(&p)
	n.countSessions(&p)
	n.countRequests(&p)
	p.family("api_refused_total", "counter", "The calls of the API without a token that is good.")
	p.sample("api_refused_total", "", n.anonymous.Load())
	p.family("store_entries", "gauge", "What is kept, by what it is; all nodes share it.")
	for _, s := range sizes {
		p.sample("store_entries", fmt.Sprintf("part=%q", s.Part), s.Entries)
	}
	p.family("store_bytes", "gauge", "The bytes of it on disk.")
	for _, s := range sizes {
		p.sample("store_bytes", fmt.Sprintf("part=%q", s.Part), s.Bytes)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(p.String())) // the caller left, if that fails
	return nil
}

// onlyMetrics serves them and nothing else, to whoever asks.
func (n *Node) onlyMetrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if err := n.getMetrics(w, r); err != nil {
			writeProblem(w, err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { writeProblem(w, notFound("here is GET /metrics alone")) })
	return mux
}

// countHomes counts homes of all nodes.
func (n *Node) countHomes(p *page) {
	up := map[string]bool{}
	n.store.Sessions.Each(func(v store.Session) bool { up[v.Home] = n.store.Held(v); return true })
	count, ending, before := map[string]int{}, 0, n.o.Now().Add(soon)
	n.store.Homes.Each(func(h store.Home) bool {
		count[homeState(h, up[h.ID])]++
		if !h.Revoked && !h.Expires.IsZero() && h.Expires.Before(before) {
			ending++
		}
		return true
	})
	p.family("homes", "gauge", "The homes that are enrolled, by how they stand; all nodes tell the same.")
	for _, state := range homeStates {
		p.sample("homes", fmt.Sprintf("state=%q", state), count[state])
	}
	p.family("homes_limit", "gauge", "How many may be enrolled (option max_homes).")
	p.sample("homes_limit", "", n.o.Config.MaxHomes)
	p.family("homes_ending", "gauge", "The homes whose certificate ends within 30 days: enrol them anew.")
	p.sample("homes_ending", "", ending)
}

// countSessions counts what this node holds, and who came to it.
func (n *Node) countSessions(p *page) {
	open := map[string]int{}
	n.mu.Lock()
	for _, list := range n.held {
		for _, s := range list {
			open[s.conn.Transport]++
		}
	}
	n.mu.Unlock()
	greeted, refused := map[string]int{}, map[string]uint64{}
	for _, t := range transports {
		greeted[t], refused[t] = n.homes.Counts(t)
	}
	perTransport(p, "sessions", "gauge", "The sessions that this node holds.", open)
	perTransport(p, "handshakes", "gauge", "The callers that this node is asking who they are.", greeted)
	perTransport(p, "handshake_failures_total", "counter", "The callers that this node did not let in.", refused)
	p.family("sessions_total", "counter", "The sessions that this node took up.")
	p.sample("sessions_total", "", n.taken.Load())
}

func perTransport[V int | uint64](p *page, name, kind, help string, values map[string]V) {
	p.family(name, kind, help)
	for _, t := range transports {
		p.sample(name, fmt.Sprintf("transport=%q", t), values[t])
	}
}

// countRequests counts the requests that are remembered.
func (n *Node) countRequests(p *page) {
	now, count := n.o.Now(), map[store.State]int{}
	n.store.Requests.Each(func(r store.Request) bool { count[r.At(now)]++; return true })
	p.family("requests", "gauge", "The requests that are remembered, by state; all nodes tell the same.")
	for _, state := range states {
		p.sample("requests", fmt.Sprintf("state=%q", state), count[state])
	}
	p.family("requests_limit", "gauge", "How many are remembered.")
	p.sample("requests_limit", "", store.MaxRequests)
}

// page is what is written of metrics.
type page struct{ strings.Builder }

func (p *page) family(name, kind, help string) {
	fmt.Fprintf(p, "# HELP spinneret_isp_%[1]s %[3]s\n# TYPE spinneret_isp_%[1]s %[2]s\n", name, kind, help)
}

func (p *page) sample(name, labels string, v any) {
	if labels != "" {
		labels = "{" + labels + "}"
	}
	fmt.Fprintf(p, "spinneret_isp_%s%s %v\n", name, labels, v)
}
