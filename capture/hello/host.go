package hello

const (
	maxHost  = 253 // RFC 1035 section 2.3.4, without the root's dot
	maxLabel = 63
)

// cleanHost gives the host name that a client wrote, in lower case and without the root's dot. It refuses
// everything but labels of letters, digits and hyphens (RFC 1123 section 2.1), and names whose last label is a
// number: those are addresses.
func cleanHost(raw []byte) (string, bool) {
	if n := len(raw); n > 0 && raw[n-1] == '.' {
		raw = raw[:n-1]
	}
	if len(raw) == 0 || len(raw) > maxHost {
		return "", false
	}
	var clean [maxHost]byte
	label, numeric := 0, true // where the label began, and whether it is a number so far
	for i, c := range raw {
		clean[i] = lower(c)
		switch {
		case c == '.':
			if !isLabel(raw[label:i]) {
				return "", false
			}
			label, numeric = i+1, true
		case c >= '0' && c <= '9':
		case clean[i] >= 'a' && clean[i] <= 'z', c == '-':
			numeric = false
		default:
			return "", false
		}
	}
	if numeric || !isLabel(raw[label:]) {
		return "", false
	}
	return string(clean[:len(raw)]), true
}

func isLabel(b []byte) bool {
	return len(b) > 0 && len(b) <= maxLabel && b[0] != '-' && b[len(b)-1] != '-'
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
