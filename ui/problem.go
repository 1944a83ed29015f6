package ui

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Problem is an error as the API tells it (RFC 9457). Code is the part after urn:spinneret:.
type Problem struct {
	Status int
	Code   string
	Title  string
	Detail string        // what is wrong and what to do
	Member string        // the member of the request that is wrong, or ""
	Setup  *bool         // of login-required: the first password is still to be chosen; nil elsewhere
	Wait   time.Duration // when to try again, where it is known
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Detail
}

// MarshalJSON writes the members of RFC 9457 section 3.1 and our own "member" and "setup".
func (p *Problem) MarshalJSON() ([]byte, error) {
	var member *string
	if p.Member != "" {
		member = &p.Member
	}
	return json.Marshal(struct {
		Type   string  `json:"type"`
		Title  string  `json:"title"`
		Status int     `json:"status"`
		Detail string  `json:"detail"`
		Member *string `json:"member"`
		Setup  *bool   `json:"setup,omitempty"`
	}{problemType + p.Code, p.Title, p.Status, p.Error(), member, p.Setup})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Problem) UnmarshalJSON(data []byte) error {
	var wire struct {
		Type, Title, Detail string
		Status              int
		Member              *string
		Setup               *bool
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	code := wire.Type
	if len(code) > len(problemType) && code[:len(problemType)] == problemType {
		code = code[len(problemType):]
	}
	*p = Problem{Status: wire.Status, Code: code, Title: wire.Title, Detail: wire.Detail, Setup: wire.Setup}
	if wire.Member != nil {
		p.Member = *wire.Member
	}
	return nil
}

const problemType = "urn:spinneret:"

// retryAfter is how long a caller that came too early is told to wait where nothing says longer.
const retryAfter = 5 * time.Second

// WriteProblem answers a request with p. Headers that p needs beside it (Allow) must be set before.
func WriteProblem(w http.ResponseWriter, p *Problem) {
	if p.Status == http.StatusTooManyRequests || p.Code == "busy" { // RFC 9110 section 10.2.3
		seconds := math.Ceil(max(p.Wait, retryAfter).Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
	if p.Status == http.StatusUnauthorized { // RFC 9110 section 15.5.2
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

func badRequest(detail string) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: "bad-request", Title: "Not understood", Detail: detail}
}

// invalid says that one member of an otherwise good request cannot be.
func invalid(member, detail string) *Problem {
	return &Problem{
		Status: http.StatusUnprocessableEntity, Code: "invalid", Title: "Not a valid request",
		Detail: detail, Member: member,
	}
}

func unknownMember(name, known string) *Problem {
	p := badRequest("there is no member " + quote(name) + " here: " + known)
	p.Member = clip(name)
	return p
}

// NotFound is the problem of a path that leads nowhere.
func NotFound() *Problem {
	return &Problem{
		Status: http.StatusNotFound, Code: "not-found", Title: "Not found",
		Detail: "nothing is here: the API is under /api/v1, the page at /",
	}
}

// WrongMethod is the problem of a method that a path does not know; Allow must name those that it does.
func WrongMethod(method, allow string) *Problem {
	return &Problem{
		Status: http.StatusMethodNotAllowed, Code: "method-not-allowed", Title: "Wrong method",
		Detail: quote(method) + " does nothing here: use " + allow,
	}
}

// UnknownDevice is what a Backend answers for a MAC that it never saw.
func UnknownDevice(mac string) *Problem {
	return &Problem{
		Status: http.StatusNotFound, Code: "unknown-device", Title: "Unknown device",
		Detail: "no device with MAC " + mac + " was seen: GET /api/v1/devices lists them",
	}
}
