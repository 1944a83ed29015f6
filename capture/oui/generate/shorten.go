package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"spinneret/capture/oui"
)

// maxName is how long a vendor's name may be, in characters: it stands in for a device's name on the page.
const maxName = 32

// legal are endings that say how a company is organised, not who it is.
var legal = words(`ab ag aps as asa bhd bv co company corp corporation cv dd doo ev eireli gmbh inc
	incorporated jsc kft kg kgaa kk lc limited llc llp lp ltd ltda mbh nv oao ohg ooo oy oyj pjsc plc pte pty pvt sa
	sarl sas sasu sdn se sl slu spa spol srl srls sro ug zao zoo zrt private`)

// loose are words that a name cannot end with.
var loose = words(`& and of for the de e y et und dba - –`)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

var (
	parentheses = regexp.MustCompile(`\([^()]*\)?`)
	punctuation = strings.NewReplacer(
		"，", ",", "（", "(", "）", ")", "“", "", "”", "", `"`, "", "´", "'", "’", "'", "`", "'",
	)
	dots = strings.NewReplacer(".", "", ";", "", ":", "", "/", "", ")", "")
	// glued are endings that stand without a space before them.
	glued = regexp.MustCompile(`(?i)[,.]\s*(ltd|inc|llc|corp|co|gmbh|limited)\b`)
	// spaced are Polish and Czech endings that are written in several words.
	spaced = regexp.MustCompile(`(?i)\bsp[.,]*\s*z\s*[.,]*\s*o[.,]*\s*o\b|\bs\.\s*r\.\s*o\b|\bd\.\s*o\.\s*o\b`)
)

// shortened gives the vendors short names. Names that differ in case only become the one that is there most often.
func shortened(rows []row) []oui.Entry {
	count := map[string]int{}
	for _, r := range rows {
		count[shorten(r.owner)]++
	}
	best := map[string]string{}
	for name, n := range count {
		key := strings.ToLower(name)
		if b, ok := best[key]; !ok || n > count[b] || n == count[b] && name < b {
			best[key] = name
		}
	}
	entries := make([]oui.Entry, 0, len(rows))
	for _, r := range unique(rows) {
		entries = append(entries, oui.Entry{
			Prefix: r.prefix, Bits: r.bits, Vendor: best[strings.ToLower(shorten(r.owner))],
		})
	}
	return entries
}

// unique leaves out the second owners of a few blocks that the IEEE gave away twice, long ago.
func unique(rows []row) (kept []row) {
	type block struct {
		prefix uint64
		bits   int
	}
	seen := map[block]bool{}
	for _, r := range rows {
		if b := (block{r.prefix, r.bits}); !seen[b] {
			seen[b] = true
			kept = append(kept, r)
		}
	}
	return kept
}

// shorten makes a company's full name one that people would say: "HUAWEI TECHNOLOGIES CO.,LTD" is "Huawei
// Technologies".
func shorten(full string) string {
	s := punctuation.Replace(strings.Map(printable, full))
	if without := parentheses.ReplaceAllString(s, " "); strings.TrimSpace(without) != "" {
		s = without
	}
	s = glued.ReplaceAllString(spaced.ReplaceAllString(s, " "), " $1")
	parts := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	parts = trimmed(parts)
	for i, w := range parts {
		parts[i] = calm(w)
	}
	for len(parts) > 1 && utf8.RuneCountInString(strings.Join(parts, " ")) > maxName {
		parts = trimmed(parts[:len(parts)-1])
	}
	return strings.TrimRight(clip(strings.Join(parts, " ")), " .-&/")
}

func printable(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	if !unicode.IsPrint(r) || r == utf8.RuneError {
		return -1
	}
	return r
}

// trimmed takes words off the end that say nothing, all but the first word.
func trimmed(parts []string) []string {
	for len(parts) > 1 {
		last := strings.ToLower(dots.Replace(parts[len(parts)-1]))
		if last != "" && !legal[last] && !loose[last] {
			break
		}
		parts = parts[:len(parts)-1]
	}
	return parts
}

// calm writes words of more than four capital letters as names are written: shorter ones may be initials, but not
// behind a hyphen ("TP-LINK").
func calm(word string) string {
	parts := strings.Split(word, "-")
	for i, part := range parts {
		if n := utf8.RuneCountInString(part); (n > 4 || n == 4 && i > 0) && strings.ToUpper(part) == part {
			_, first := utf8.DecodeRuneInString(part)
			parts[i] = part[:first] + strings.ToLower(part[first:])
		}
	}
	return strings.Join(parts, "-")
}

func clip(s string) string {
	if utf8.RuneCountInString(s) <= maxName {
		return s
	}
	return string([]rune(s)[:maxName])
}
