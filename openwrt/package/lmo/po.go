package lmo

import (
	"fmt"
	"strings"
)

// Message is one text of a catalogue; the first, whose text is empty, is about the catalogue.
type Message struct {
	Text, Translation string // the latter "" where there is none
}

// Parse reads a catalogue of what LuCI's views say. Contexts, plurals and escapes but \" and \\ are errors: no view has
// any.
func Parse(catalogue string) (messages []Message, err error) {
	var to *string // which quoted lines go on with
	for i, line := range strings.Split(catalogue, "\n") {
		keyword, quoted := "", line
		if !strings.HasPrefix(line, `"`) {
			keyword, quoted, _ = strings.Cut(line, " ")
		}
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case keyword == "msgid":
			messages = append(messages, Message{})
			to = &messages[len(messages)-1].Text
		case keyword == "msgstr" && len(messages) > 0:
			to = &messages[len(messages)-1].Translation
		case keyword != "" || to == nil:
			return nil, fmt.Errorf("read catalogue: line %d: want msgid, msgstr, or a quoted line after one", i+1)
		}
		text, err := unquote(quoted)
		if err != nil {
			return nil, fmt.Errorf("read catalogue: line %d: %w", i+1, err)
		}
		*to += text
	}
	return messages, nil
}

func unquote(quoted string) (string, error) {
	inner, opened := strings.CutPrefix(quoted, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	rest := strings.NewReplacer(`\\`, "", `\"`, "").Replace(inner)
	if !opened || !closed || strings.ContainsAny(rest, `\"`) {
		return "", fmt.Errorf(`%s must be in quotes, with no escapes but \" and \\`, quoted)
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(inner), nil
}
