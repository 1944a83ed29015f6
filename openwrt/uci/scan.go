package uci

import "fmt"

// file is what the scan found in a UCI file.
type file struct {
	sections []section
	plain    bool // go-uci reads it as uci does
}

// section is one "config TYPE 'NAME'" and what follows it.
type section struct {
	typ, name string
	line      int
	entries   []entry
}

// entry is one option or list line.
type entry struct {
	list        bool
	name, value string
	line        int
}

// scan reads a file the way uci's own parser does, and knows the lines. After a syntax error the sections so far
// come with the problem, for what follows could mean anything.
func scan(data []byte) (file, *Problem) {
	t := tokens{data: data, line: 1, plain: true}
	var f file
	for {
		words, p := t.command()
		if p == nil && words == nil {
			f.plain = t.plain
			return f, nil
		}
		if p == nil {
			p = f.add(words)
		}
		if p != nil {
			return f, p
		}
	}
}

// add takes one command.
func (f *file) add(words []word) *Problem {
	command := words[0]
	switch {
	case command.quoted:
		return at(command.line, "a line begins with config, option or list: found %.40q", command.text)
	case command.text == "config" || command.text == "c":
		return f.config(words)
	case command.text == "option" || command.text == "o":
		return f.option(words, false)
	case command.text == "list" || command.text == "l":
		return f.option(words, true)
	case command.text == "package" || command.text == "p":
		return at(command.line, "remove this package line: the file's name says what it is for")
	}
	return at(command.line, "a line begins with config, option or list: found %.40q", command.text)
}

// config opens a section. One that has the name of an earlier one goes on with it, as in uci.
func (f *file) config(words []word) *Problem {
	line := words[0].line
	if len(words) < 2 || len(words) > 3 || !isName(words[1].text, true) {
		return at(line, "write the section as: config TYPE 'NAME'")
	}
	s := section{typ: words[1].text, line: line}
	if len(words) == 3 && words[2].text != "" {
		if s.name = words[2].text; !isName(s.name, false) {
			return at(line, "name the section with letters, digits and _ only: found %.40q", s.name)
		}
	}
	f.sections = append(f.sections, s)
	return nil
}

// option adds an entry to the last section. An empty value is none: uci deletes the option.
func (f *file) option(words []word, list bool) *Problem {
	line := words[0].line
	switch {
	case len(f.sections) == 0:
		return at(line, "write a config line before the first %s", words[0].text)
	case len(words) < 2 || !isName(words[1].text, false):
		return at(line, "write the %s as: %s NAME 'VALUE', with letters, digits and _ in the name", words[0].text, words[0].text)
	case len(words) > 3:
		return at(line, "put the value of %s in quotes: there is more than one word", words[1].text)
	}
	if len(words) == 3 && words[2].text != "" {
		s := &f.sections[len(f.sections)-1]
		s.entries = append(s.entries, entry{list, words[1].text, words[2].text, line})
	}
	return nil
}

// isName reports whether s may name a section or an option; in a type there may be hyphens too.
func isName(s string, hyphen bool) bool {
	for _, c := range []byte(s) {
		if !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || hyphen && c == '-') {
			return false
		}
	}
	return s != ""
}

// at makes a problem of a line; the file is filled in later.
func at(line int, format string, args ...any) *Problem {
	return &Problem{Line: line, Text: fmt.Sprintf(format, args...)}
}
