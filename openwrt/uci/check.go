package uci

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strings"
)

// maxFile bounds the file; the reference with all its comments takes 3 kB.
const maxFile = 64 << 10

// Problem is one thing to mend in a file.
type Problem struct {
	File string
	Line int    // 0 where it is about the whole file
	Text string // what to do

	// Unknown says that it is about an option or a section that nobody reads: the rest means what it says.
	Unknown bool
}

// String writes FILE:LINE: what to do.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Load reads the settings from the file at path. Where there is no file they are the defaults. The error is the first
// Problem and how many more there are.
func Load(path string) (Config, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Defaults(), nil
	}
	c, problems := load(path, Defaults())
	switch len(problems) {
	case 0:
		return c, nil
	case 1:
		return Config{}, errors.New(problems[0].String())
	}
	return Config{}, fmt.Errorf("%s (and %d more: spinneret check-config %s)", problems[0], len(problems)-1, path)
}

// Lenient reads what is right in the file at path, and returns beside it everything to mend. What is wrong counts as
// not said; of a provider, as the whole provider. It is for a router that starts: nobody is there to read an error,
// and the rest has to run.
func Lenient(path string) (Config, []Problem) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return Defaults(), nil
	}
	return load(path, Defaults())
}

// Check returns everything to mend in the file at path, by line; none where Load would take it. A file that is not
// there is a problem here.
func Check(path string) []Problem {
	_, problems := load(path, Defaults())
	return problems
}

// load fills c from the file. The scan decides what is right and knows where; the values of a plain file are
// go-uci's. Where go-uci does not read a file as uci itself does, above all an apostrophe as uci writes it and a value
// of several lines, the scan's are taken.
func load(path string, c Config) (Config, []Problem) {
	data, err := read(path)
	if err != nil {
		return c, []Problem{{File: path, Text: err.Error()}}
	}
	f, syntax := scan(data)
	if syntax == nil && f.plain {
		f.readBack(path)
	}
	problems := f.fill(&c)
	if syntax != nil {
		problems = append(problems, *syntax)
	}
	sort.SliceStable(problems, func(i, j int) bool { return problems[i].Line < problems[j].Line })
	for i := range problems {
		problems[i].File = path
	}
	return c, problems
}

// read returns the file's content; its errors say what to do.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such file")
	case err == nil && !info.Mode().IsRegular():
		return nil, errors.New("this is no file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFile:
		return nil, fmt.Errorf("the file is larger than %d kB: give the right one", maxFile>>10)
	}
	return data, nil
}

// fill takes every entry into c and returns what is wrong with them.
func (f *file) fill(c *Config) (problems []Problem) {
	seen := map[string]int{}
	for i := range f.sections {
		s := &f.sections[i]
		if p := s.known(); p != nil {
			problems = append(problems, *p)
			continue
		}
		if line, twice := seen[s.name]; twice {
			problems = append(problems, *at(s.line, "join this section with %q in line %d: a name stands for one section", s.name, line))
			continue
		}
		seen[s.name] = s.line
		if s.typ == typeMain {
			problems = append(problems, fillSection(s, c, mainFields)...)
			problems = append(problems, c.completeMain(s)...)
			continue
		}
		if s.typ == typeAction {
			problems = append(problems, c.addAction(s)...)
			continue
		}
		problems = append(problems, c.addProvider(s)...)
	}
	return problems
}

// addProvider reads a section into one more provider, unless something in it is wrong.
func (c *Config) addProvider(s *section) []Problem {
	p := defaultProvider(s.name)
	problems := append(fillSection(s, &p, providerFields), p.complete(s)...)
	switch {
	case len(c.Providers) == maxProviders:
		problems = append(problems, *at(s.line, "remove a provider: there may be %d", maxProviders))
	case !slices.ContainsFunc(problems, func(p Problem) bool { return !p.Unknown }):
		c.Providers = append(c.Providers, p)
	}
	return problems
}

// known reports what is wrong with a section as such.
func (s *section) known() *Problem {
	switch {
	case s.typ == typeMain && s.name != nameMain:
		return at(s.line, "write: config %s '%s'", typeMain, nameMain)
	case s.typ == typeProvider && s.name == "":
		return at(s.line, "name the provider, as in: config %s 'isp'", typeProvider)
	case s.typ == typeAction && s.name == "":
		return at(s.line, "name the action, as in: config %s 'floods'", typeAction)
	case s.typ != typeMain && s.typ != typeProvider && s.typ != typeAction:
		p := at(s.line, "remove or rename unknown section %q: the sections are %s, %s and %s", s.typ, typeMain, typeProvider, typeAction)
		p.Unknown = true
		return p
	}
	return nil
}

// fillSection takes the entries of one section into to.
func fillSection[T any](s *section, to *T, fields []field[T]) (problems []Problem) {
	seen, count := map[string]int{}, map[string]int{}
	for _, e := range s.entries {
		i := slices.IndexFunc(fields, func(f field[T]) bool { return f.name == e.name })
		if i < 0 {
			p := at(e.line, "remove or rename unknown option %q: section %s has %s", e.name, s.typ, names(fields))
			p.Unknown = true
			problems = append(problems, *p)
			continue
		}
		f, id := fields[i], e.name
		if f.list {
			count[e.name]++
			id += "=" + e.value
		}
		switch {
		case f.list && !e.list:
			problems = append(problems, *at(e.line, "write: list %s '%s' (there may be several)", e.name, e.value))
		case !f.list && e.list:
			problems = append(problems, *at(e.line, "write: option %s '%s' (there is one only)", e.name, e.value))
		case seen[id] != 0:
			problems = append(problems, *at(e.line, "remove this %s or that of line %d", e.name, seen[id]))
		case count[e.name] == maxList+1:
			problems = append(problems, *at(e.line, "remove some %s: there may be %d", e.name, maxList))
		case count[e.name] <= maxList:
			if err := f.set(to, e.value); err != nil {
				problems = append(problems, *at(e.line, "%s %.80q: %v", e.name, e.value, err))
			}
		}
		seen[id] = e.line
	}
	return problems
}

func names[T any](fields []field[T]) string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return strings.Join(list, ", ")
}
