// Package say is what the home's owner is told: each sentence is a key and its arguments, so that a page can say it in
// its own language. The English of all keys stands in phrases.txt. It is a room of capture because who judges (anomaly)
// and who acts (agent) both speak, and capture is what both may know.
package say

import (
	_ "embed"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// phrases are all keys, each a line with its English: {0} is the first argument, {0?one:more} one of two words by
// whether that is 1.
//
//go:embed phrases.txt
var phrases string

// Phrase is something to be said. The zero value says nothing.
type Phrase struct {
	json string // an array of the key and its arguments; or a string: a text that is the same in every language
}

// New is the phrase of a key of phrases.txt. An argument is a string, which stays as it is in every language; a number
// that is an amount; another phrase; or one of Bytes, Span, Clock, Day, Kind and List.
func New(key string, args ...any) Phrase { return list(key, args) }

// Plain is a text of no catalogue: the owner's own, or an error of the kernel.
func Plain(text string) Phrase {
	if text == "" {
		return Phrase{}
	}
	return marshal(text)
}

func list(key string, args []any) Phrase {
	said := make([]any, 1, 1+len(args))
	said[0] = key
	for _, a := range args {
		said = append(said, argument(a))
	}
	return marshal(said)
}

// marshal cannot fail: it is given nothing that JSON lacks.
func marshal(v any) Phrase {
	b, _ := json.Marshal(v)
	return Phrase{string(b)}
}

// Known is the phrase that says just this text and has no arguments; Plain where there is none. It is for the words of
// rooms that may not know this one.
func Known(text string) Phrase {
	before, _, found := strings.Cut("\n"+phrases, "\t"+text+"\n")
	if !found || text == "" {
		return Plain(text)
	}
	return New(before[strings.LastIndexByte(before, '\n')+1:])
}

// IsZero reports whether it says nothing.
func (p Phrase) IsZero() bool { return p.json == "" }

// Array is the phrase as the contract has it, "" where it is but a text.
func (p Phrase) Array() string {
	if strings.HasPrefix(p.json, "[") {
		return p.json
	}
	return ""
}

// MarshalText writes the phrase for a file. Who knows no phrases reads a text.
func (p Phrase) MarshalText() ([]byte, error) {
	if a := p.Array(); a != "" {
		return []byte(a), nil
	}
	return []byte(p.String()), nil
}

// UnmarshalText takes what MarshalText gave, or a text from before there were phrases.
func (p *Phrase) UnmarshalText(saved []byte) error {
	if *p = (Phrase{string(saved)}); p.Array() == "" || !json.Valid(saved) || p.String() == "" {
		*p = Plain(string(saved))
	}
	return nil
}

// Mentions reports whether a text is part of it; the text has nothing that JSON escapes.
func (p Phrase) Mentions(text string) bool { return strings.Contains(p.json, text) }

// Within is the phrase where it has at most limit bytes, as phrase and as English; else the begin of its English, cut
// between characters. Names in it come from the network.
func (p Phrase) Within(limit int) Phrase {
	text := p.String()
	if len(text) <= limit && len(p.Array()) <= limit {
		return p
	}
	return Plain(cut(text, limit))
}

// The arguments that each language writes in its own way.
type (
	// Bytes is an amount of data.
	Bytes uint64
	// Span is how long something took, to the second.
	Span time.Duration
	// Clock is a time of the day.
	Clock time.Time
	// Day is a date.
	Day time.Time
	// Kind is what kind of thing a device is.
	Kind string
	// List is several arguments, one after the other.
	List []any
)

// argument is what JSON has for an argument.
func argument(a any) any {
	switch a := a.(type) {
	case Bytes:
		return []any{"@bytes", a}
	case Span:
		return []any{"@duration", math.Ceil(time.Duration(a).Seconds())}
	case Clock:
		return []any{"@time", time.Time(a).Unix()}
	case Day:
		return []any{"@date", time.Time(a).Unix()}
	case Kind:
		return []any{"@kind", a}
	case List:
		return list("@list", a).raw()
	case Phrase:
		return a.raw()
	}
	return a
}

// Strings is a list of texts.
func Strings(texts []string) List {
	l := make(List, len(texts))
	for i, text := range texts {
		l[i] = text
	}
	return l
}

func (p Phrase) raw() json.RawMessage {
	if p.json == "" {
		return json.RawMessage(`""`)
	}
	return json.RawMessage(p.json)
}
