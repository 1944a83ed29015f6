package names

const maxName = 253 // RFC 1035 section 2.3.4, without the root's dot

// Clean makes a domain name from the network fit to be shown: lower case, no final dot, and every byte but
// letters, digits, hyphen and underscore written as \DDD (RFC 1035 section 5.1). It is "" and false for the root
// and for names of more than 253 characters.
func Clean(raw string) (string, bool) {
	if n := len(raw); n > 0 && raw[n-1] == '.' {
		raw = raw[:n-1]
	}
	if raw == "" || len(raw) > maxName {
		return "", false
	}
	b := make([]byte, 0, len(raw))
	for i := range len(raw) {
		b = appendClean(b, raw[i])
	}
	if len(b) > maxName {
		return "", false
	}
	return string(b), true
}

func appendClean(b []byte, c byte) []byte {
	switch {
	case c >= 'A' && c <= 'Z':
		return append(b, c+'a'-'A')
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		return append(b, c)
	}
	return append(b, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
}
