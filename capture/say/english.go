package say

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// String is the phrase in English; "" where it is none of this catalogue's.
func (p Phrase) String() string {
	var said any
	if json.Unmarshal([]byte(p.json), &said) != nil {
		return ""
	}
	text, _ := english(said)
	return text
}

// english says one argument; "", false where it is of no known form.
func english(said any) (text string, ok bool) {
	switch said := said.(type) {
	case string:
		return said, true
	case float64:
		return number(strconv.FormatFloat(said, 'f', 0, 64)), true
	case []any:
		if len(said) > 0 {
			key, _ := said[0].(string)
			return phrase(key, said[1:])
		}
	}
	return "", false
}

func phrase(key string, said []any) (string, bool) {
	args := make([]string, len(said))
	for i, a := range said {
		text, ok := english(a)
		if !ok {
			return "", false
		}
		args[i] = text
	}
	switch {
	case key == "@list":
		return strings.Join(args, ", "), true
	case strings.HasPrefix(key, "@"):
		return measure(key, said)
	}
	template, found := templates()[key]
	if !found {
		return "", false
	}
	return fill(template, args)
}

// fill puts arguments into a template.
func fill(template string, args []string) (string, bool) {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(template, "{")
		b.WriteString(before)
		if !more {
			return b.String(), true
		}
		hole, after, _ := strings.Cut(rest, "}")
		at := int(hole[0] - '0')
		if at >= len(args) {
			return "", false
		}
		if forms, choice := strings.CutPrefix(hole[1:], "?"); choice {
			one, several, _ := strings.Cut(forms, ":")
			if args[at] != "1" {
				one = several
			}
			b.WriteString(one)
		} else {
			b.WriteString(args[at])
		}
		template = after
	}
}

// measure says what each language writes in its own way.
func measure(key string, said []any) (string, bool) {
	if len(said) != 1 {
		return "", false
	}
	if kind, is := said[0].(string); is && key == "@kind" {
		return kind, true
	}
	v, is := said[0].(float64)
	switch {
	case !is:
		return "", false
	case key == "@bytes":
		return amount(v), true
	case key == "@duration":
		return lasting(v), true
	}
	layout := time.TimeOnly
	if key == "@date" {
		layout = time.DateOnly
	}
	return time.Unix(int64(v), 0).UTC().Format(layout), key == "@date" || key == "@time"
}

// number writes a whole number with commas: 37,623.
func number(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// amount writes bytes as people say them.
func amount(v float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	i := 0
	for v >= 999.5 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	if v < 9.95 && i > 0 {
		return fmt.Sprintf("%.1f %s", v, units[i])
	}
	return fmt.Sprintf("%.0f %s", v, units[i])
}

// lasting writes so many seconds in the largest unit.
func lasting(s float64) string {
	switch {
	case s < 2*60:
		return fmt.Sprintf("%.0f s", s)
	case s < 2*3600:
		return fmt.Sprintf("%.0f min", s/60)
	case s < 48*3600:
		return fmt.Sprintf("%.0f h", s/3600)
	}
	return fmt.Sprintf("%.0f days", s/86400)
}

// cut shortens a text to limit bytes, between characters, and says so.
func cut(s string, limit int) string {
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ") + "…"
}
