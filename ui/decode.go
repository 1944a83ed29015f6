package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// members reads the members of one JSON object. Each function gets the member's raw value; null is "null".
type members map[string]func(value json.RawMessage) *Problem

// readObject reads the body of r, which must be one JSON object of these members.
func readObject(w http.ResponseWriter, r *http.Request, m members) *Problem {
	return readLong(w, r, m, maxBody)
}

// readLong is readObject for a body of up to limit bytes.
func readLong(w http.ResponseWriter, r *http.Request, m members, limit int64) *Problem {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &Problem{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported-media-type", Title: "Not JSON",
			Detail: "the body is not declared as JSON: send Content-Type: application/json",
		}
	}
	if packed := r.Header.Get("Content-Encoding"); packed != "" { // RFC 9110 section 15.5.16
		return &Problem{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported-media-type", Title: "Packed",
			Detail: "the body is packed (" + quote(packed) + "): send it as it is",
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &Problem{
			Status: http.StatusRequestEntityTooLarge, Code: "too-large", Title: "Too large",
			Detail: fmt.Sprintf("the body is longer than %d KiB: send less", limit>>10),
		}
	case err != nil:
		return badRequest("the body ended early: send it whole")
	}
	return m.decode(body)
}

// decode reads one object. encoding/json alone would take the last of two equal members, match them in any case
// and mend broken UTF-8: readings on which two programs can differ (RFC 8259 sections 4 and 8.1).
func (m members) decode(body []byte) *Problem {
	if !utf8.Valid(body) {
		return badRequest("the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return badRequest("the body is not a JSON object")
	}
	seen := map[string]bool{}
	for decoder.More() {
		if p := m.decodeMember(decoder, seen); p != nil {
			return p
		}
	}
	if _, err := decoder.Token(); err != nil {
		return badRequest("the body is not JSON: it ends early or has a stray character")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("something follows the JSON object: send one object")
	}
	return nil
}

func (m members) decodeMember(decoder *json.Decoder, seen map[string]bool) *Problem {
	token, err := decoder.Token()
	name, isText := token.(string)
	if err != nil || !isText {
		return badRequest("the body is not JSON: a member's name is broken")
	}
	read := m[name]
	if read == nil {
		return unknownMember(name, "it has "+m.names())
	}
	if seen[name] {
		p := badRequest("member " + quote(name) + " stands there twice")
		p.Member = name
		return p
	}
	seen[name] = true
	var value json.RawMessage
	if err := decoder.Decode(&value); err != nil {
		return badRequest("the body is not JSON: the value of " + quote(name) + " is broken")
	}
	return read(value)
}

func (m members) names() string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }

// scalar decodes a text or bool into target; null leaves it as it is.
func scalar(member, want string, value json.RawMessage, target any) *Problem {
	if err := json.Unmarshal(value, target); err != nil {
		return invalid(member, member+" is not "+want)
	}
	return nil
}
