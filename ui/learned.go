package ui

import (
	"encoding/json"
	"net/http"
	"strings"
)

// LearnedMUD is a description that was made of what a device did.
type LearnedMUD struct {
	File     json.RawMessage `json:"file"` // what PUT devices/{mac}/mud takes
	Entries  int             `json:"entries"`
	Since    *Time           `json:"since"` // when it began to be watched
	Warnings []string        `json:"warnings"`
}

const kindMUD = "application/mud+json" // RFC 8520 section 17.4

// getLearned gives the file as a download, or what to think of it beside it where report=1 asks for that.
func (s *Server) getLearned(c call) (any, error) {
	mac, err := c.target("report")
	if err != nil {
		return nil, err
	}
	report := c.r.URL.Query().Get("report")
	if report != "" && report != "1" {
		return nil, invalid("report", "report is 1 or left out")
	}
	learned, err := s.config.Backend.LearnMUD(c, mac)
	if err != nil || report != "" {
		return learned, err
	}
	return mudFile{mac, learned.File}, nil
}

// mudFile is a description as a download.
type mudFile struct {
	mac  string
	body []byte
}

func (f mudFile) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", kindMUD)
	h.Set("Content-Disposition", `attachment; filename="learned-`+strings.ReplaceAll(f.mac, ":", "-")+`.json"`)
	_, _ = w.Write(f.body) // the caller may be gone
}
