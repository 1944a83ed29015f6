package ui

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clipped is how much of what a stranger sent is said back to him.
const clipped = 80

// Hidden reports whether a character moves the cursor or turns the text around it instead of being read: control
// characters, line separators and the bidirectional controls (UAX 9). A name with one could pass for another.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == '\uFEFF'
}

// textProblem checks a text of at most limit characters that people will read.
func textProblem(member, text string, limit int) *Problem {
	if utf8.RuneCountInString(text) > limit {
		return invalid(member, member+" is longer than "+strconv.Itoa(limit)+" characters: shorten it")
	}
	if strings.ContainsFunc(text, Hidden) {
		return invalid(member, member+" has control or direction characters: leave them out")
	}
	return nil
}

// clip cuts a stranger's text to a length that fits a message, at a character.
func clip(text string) string {
	if len(text) <= clipped {
		return text
	}
	cut := clipped
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

func quote(text string) string { return strconv.Quote(clip(text)) }
