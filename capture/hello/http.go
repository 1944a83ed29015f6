package hello

import (
	"bytes"
	"slices"
)

// methods are those that a request to be named begins with (RFC 9110 section 9, RFC 5789), with the space that
// follows them.
var methods = []string{"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "PATCH ", "CONNECT ", "TRACE "}

// beginsHTTP reports whether b can be the beginning of a request line (RFC 9112 section 3).
func beginsHTTP(b []byte) bool {
	if len(b) == 0 || b[0] < 'C' || b[0] > 'T' {
		return false
	}
	for _, m := range methods {
		if n := min(len(m), len(b)); string(b[:n]) == m[:n] {
			return true
		}
	}
	return false
}

// readRequest reads a request as far as its fields go. Two Host fields name nobody (RFC 9112 section 3.2).
func readRequest(b []byte) (Name, verdict) {
	line, rest, whole := cutLine(b)
	if !whole {
		return Name{}, more
	}
	if !isRequestLine(line) {
		return Name{}, none
	}
	var host []byte
	for {
		if line, rest, whole = cutLine(rest); !whole {
			return Name{}, more
		}
		if len(line) == 0 {
			break
		}
		field, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || host != nil && isHostField(field) {
			return Name{}, none
		}
		if isHostField(field) {
			host = withoutPort(bytes.Trim(value, " \t"))
		}
	}
	clean, ok := cleanHost(host)
	if !ok {
		return Name{}, none
	}
	return Name{Host: clean, Source: HTTP}, found
}

// cutLine cuts off the first line, with or without a carriage return at its end (RFC 9112 section 2.2).
func cutLine(b []byte) (line, rest []byte, whole bool) {
	line, rest, whole = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest, whole
}

// isRequestLine wants a method that is known, a target, and a version 1 (RFC 9112 sections 2.3 and 3).
func isRequestLine(line []byte) bool {
	parts := bytes.Split(line, []byte(" "))
	if len(parts) != 3 || len(parts[1]) == 0 {
		return false
	}
	version := string(parts[2])
	return slices.Contains(methods, string(parts[0])+" ") && (version == "HTTP/1.1" || version == "HTTP/1.0")
}

func isHostField(field []byte) bool { return bytes.EqualFold(field, []byte("host")) }

// withoutPort cuts the port off (RFC 9110 section 7.2). The colons of an IPv6 address stay, so that it is no
// host name.
func withoutPort(value []byte) []byte {
	if host, _, ok := bytes.Cut(value, []byte(":")); ok && bytes.Count(value, []byte(":")) == 1 {
		return host
	}
	return value
}
