package mud

import "fmt"

// Severity says what a diagnostic means for the file.
type Severity string

// The severities, mildest first.
const (
	// Note is a spelling that was understood, or a node that changes nothing and was ignored.
	Note Severity = "note"
	// Warning is a statement that could not be honoured. The policy is narrower by it, never wider.
	Warning Severity = "warning"
	// Hold is a statement that comes into force only once the owner agrees.
	Hold Severity = "hold"
	// Refusal is why the whole file cannot be used.
	Refusal Severity = "refusal"
)

// Diagnostic is one thing to know about a file. Path and Text may hold words of the file: print them with care.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Path     string   `json:"path"` // where in the file: names joined by "/", list entries by their index in brackets
	Text     string   `json:"text"`
}

// String is the diagnostic on one line.
func (d Diagnostic) String() string { return fmt.Sprintf("%s: %s: %s", d.Path, d.Severity, d.Text) }

// reader collects what is wrong with a file while it is read.
type reader struct {
	found   []Diagnostic
	more    int // diagnostics beyond the limit
	refused bool
	names   map[string]bool // domain names of the file, for their limit
	aces    int
}

func (r *reader) say(s Severity, n *node, format string, args ...any) {
	d := Diagnostic{Severity: s, Path: n.path(), Text: fmt.Sprintf(format, args...)}
	first := s == Refusal && !r.refused
	r.refused = r.refused || s == Refusal
	switch {
	case len(r.found) < maxDiagnostics:
		r.found = append(r.found, d)
	case first: // the reason for refusing a file is never among what is left out
		r.found[maxDiagnostics-1] = d
		r.more++
	default:
		r.more++
	}
}

func (r *reader) refuse(n *node, format string, args ...any) { r.say(Refusal, n, format, args...) }

// diagnostics are those that were kept, and how many were not.
func (r *reader) diagnostics() []Diagnostic {
	if r.more > 0 {
		return append(r.found, Diagnostic{Severity: Note, Path: "/", Text: fmt.Sprintf("%d more remarks of this kind are left out", r.more)})
	}
	return r.found
}
