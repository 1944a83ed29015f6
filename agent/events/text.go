package events

import (
	"strings"
	"unicode/utf8"
)

// cut shortens a text to maxText bytes, between characters, and says so.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ") + "…"
}
