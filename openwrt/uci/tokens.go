package uci

// word is one argument of a command, without its quotes.
type word struct {
	text   string
	line   int  // where it begins
	quoted bool // some of it was in quotes
}

// tokens splits a file into commands as uci does: words between blanks, a word made of parts that are 'as it is',
// "with \escapes" or bare, # to the end of the line for comments, a new line or ; after each command.
type tokens struct {
	data []byte
	pos  int
	line int

	// plain turns false with anything that go-uci reads in another way than uci, where it accepts it at all:
	// backslashes and carriage returns, which it keeps; parts that touch; ; and a comment in the place of a
	// section's name.
	plain bool
}

// command returns the words of the next command, none at the end of the file.
func (t *tokens) command() (words []word, p *Problem) {
	for t.pos < len(t.data) {
		switch c := t.data[t.pos]; {
		case c == '\n' || c == ';':
			t.pos++
			if c == ';' {
				t.plain = false
			} else {
				t.line++
			}
			if words != nil {
				return words, nil
			}
		case c == '#':
			t.comment(len(words))
		case isBlank(c):
			t.plain = t.plain && c != '\r'
			t.pos++
		default:
			w, p := t.word()
			if p != nil {
				return nil, p
			}
			words = append(words, w)
		}
	}
	return words, nil
}

// comment passes over what is left of the line.
func (t *tokens) comment(wordsBefore int) {
	if wordsBefore == 2 {
		t.plain = false
	}
	for t.pos < len(t.data) && t.data[t.pos] != '\n' {
		t.pos++
	}
}

// word reads one argument.
func (t *tokens) word() (w word, p *Problem) {
	w.line = t.line
	var text []byte
	for parts := 0; t.pos < len(t.data); parts++ {
		c := t.data[t.pos]
		if isBlank(c) || c == '\n' || c == ';' || c == '#' {
			break
		}
		if parts > 0 {
			t.plain = false
		}
		if c == '\'' || c == '"' {
			w.quoted = true
			text, p = t.quote(text, c)
		} else {
			text, p = t.bare(text)
		}
		if p != nil {
			return w, p
		}
	}
	w.text = string(text)
	return w, nil
}

// quote reads up to the closing quote, over several lines if need be. Only double quotes know escapes.
func (t *tokens) quote(text []byte, quote byte) ([]byte, *Problem) {
	begin := t.line
	for t.pos++; t.pos < len(t.data); t.pos++ {
		c := t.data[t.pos]
		switch {
		case c == quote:
			t.pos++
			return text, nil
		case c == '\\':
			t.plain = false
			if quote == '"' {
				text = t.escape(text)
				continue
			}
		case c == '\n':
			t.line++
			t.plain = false
		case isControl(c):
			return nil, at(t.line, "remove the control character 0x%02x", c)
		}
		text = append(text, c)
	}
	return nil, at(begin, "close the quote %c that begins here", quote)
}

// bare reads what is not in quotes.
func (t *tokens) bare(text []byte) ([]byte, *Problem) {
	for ; t.pos < len(t.data); t.pos++ {
		c := t.data[t.pos]
		switch {
		case isBlank(c) || c == '\n' || c == ';' || c == '#' || c == '\'' || c == '"':
			return text, nil
		case c == '\\':
			t.plain = false
			text = t.escape(text)
			continue
		case isControl(c):
			return nil, at(t.line, "remove the control character 0x%02x", c)
		}
		text = append(text, c)
	}
	return text, nil
}

// escape reads the character after a backslash as it is; a new line is left out, so that a word can go on there.
func (t *tokens) escape(text []byte) []byte {
	t.pos++
	switch {
	case t.pos >= len(t.data):
		return text
	case t.data[t.pos] == '\r' && t.pos+1 < len(t.data) && t.data[t.pos+1] == '\n':
		t.pos++
		fallthrough
	case t.data[t.pos] == '\n':
		t.line++
		return text
	}
	return append(text, t.data[t.pos])
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func isControl(c byte) bool { return c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f }
