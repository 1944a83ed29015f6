package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

// Export is everything that is known of one device. Its profile is the Device's.
type Export struct {
	Device    Device
	Addresses []string // that it ever had, as far as is remembered
	Port      *string  // the bridge port that it was last seen behind
	DHCP      *DHCP
	Names     []KnownName
	Flows     iter.Seq2[Flow, error] // that go on
	History   iter.Seq2[Flow, error] // that ended, oldest first
	Sums      []Sum                  // of what ended before those
	Events    []Event
	Requests  []Request // of providers
	Findings  []Finding // those that are over too
	Ended     []PastQuarantine
}

// DHCP is what a device says about itself when it asks for an address.
type DHCP struct {
	Fingerprint *string `json:"fingerprint"`
	Hostname    *string `json:"hostname"`
	MUDURL      *string `json:"mudUrl"`
	At          *Time   `json:"at"`
}

// KnownName is what the device calls an address.
type KnownName struct {
	Address string `json:"address"`
	Name    string `json:"name"`
	Source  string `json:"source"`
	At      *Time  `json:"at"`
}

// Sum is what the device's flows with one party and port carried in an hour or day. Owner and port are null for all that
// there was no room for.
type Sum struct {
	At      *Time   `json:"at"`
	Seconds int     `json:"seconds"`
	Owner   *string `json:"owner"`
	Port    *uint16 `json:"port"`
	Flows   uint64  `json:"flows"`
	RxBytes uint64  `json:"rxBytes"`
	TxBytes uint64  `json:"txBytes"`
}

func (s *Server) getExport(w http.ResponseWriter, r *http.Request) {
	mac, err := (call{r: r}).target()
	var found Export
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), backendTimeout)
		defer cancel()
		found, err = s.config.Backend.Export(ctx, mac)
	}
	if err != nil {
		WriteProblem(w, s.problem(r, err))
		return
	}
	now := s.config.Now().UTC().Truncate(time.Millisecond)
	name := "spinneret-" + strings.ReplaceAll(mac, ":", "-") + "-" + now.Format(fileTime) + ".json"
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	if r.Method == http.MethodHead {
		return
	}
	sending(r.Context(), w, func(_ context.Context, out CaptureWriter) error { return found.write(out, now) })
}

// write writes the export member by member: all of it at once could be more than the router's memory.
func (e *Export) write(out io.Writer, now time.Time) error {
	j := &jsonWriter{out: out}
	j.text("{")
	j.member("exported", now)
	j.member("device", e.Device)
	j.member("addresses", listed(e.Addresses))
	j.member("port", e.Port)
	j.member("dhcp", e.DHCP)
	j.member("names", listed(e.Names))
	j.flows("flows", e.Flows)
	j.flows("history", e.History)
	j.member("sums", listed(e.Sums))
	j.member("events", listed(e.Events))
	j.member("requests", listed(e.Requests))
	j.member("findings", listed(e.Findings))
	j.member("ended", listed(e.Ended))
	j.text("}\n")
	return j.err
}

// jsonWriter writes one object until the first error.
type jsonWriter struct {
	out   io.Writer
	row   bytes.Buffer
	begun bool
	err   error
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.out, s)
	}
}

func (j *jsonWriter) value(v any) {
	j.row.Reset()
	encoder := json.NewEncoder(&j.row)
	encoder.SetEscapeHTML(false)
	if j.err == nil {
		j.err = encoder.Encode(v)
	}
	j.text(strings.TrimSuffix(j.row.String(), "\n"))
}

func (j *jsonWriter) name(s string) {
	if j.begun {
		j.text(",\n")
	}
	j.begun = true
	j.text(`"` + s + `":`)
}

func (j *jsonWriter) member(name string, v any) {
	j.name(name)
	j.value(v)
}

func (j *jsonWriter) flows(name string, flows iter.Seq2[Flow, error]) {
	j.name(name)
	separator := "["
	for f, err := range flows {
		if j.err == nil {
			j.err = err
		}
		if j.err != nil {
			return
		}
		j.text(separator)
		j.value(&f)
		separator = ",\n"
	}
	if separator == "[" {
		j.text("[")
	}
	j.text("]")
}

func (s *Server) deleteDevice(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	return noContent{}, s.config.Backend.Erase(c, mac)
}
