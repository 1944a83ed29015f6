// Package say is what the home's owner is told: each sentence is a key and its arguments, so that a page can say it in
// its own language. The English of all keys stands in phrases.txt. It is a room of capture because who judges (anomaly)
// and who acts (agent) both speak, and capture is what both may know.
package say

import (
	"encoding/json"
	"math"
	"strings"
	"time"
)

// Phrase is something to be said. The zero value says nothing.
type Phrase struct {
	json string // an array of the key and its arguments; or a string: a text that is the same in every language
}

// New is the phrase of a key of phrases.txt. An argument is a string, which stays as it is in every language, a number
// that is an amount, or another phrase, which may be what each language writes in its own way: Bytes, Span and so on.
func New(key string, args ...any) Phrase {
	said := append(make([]any, 0, 1+len(args)), key)
	for _, a := range args {
		if p, is := a.(Phrase); is {
			a = p.raw()
		}
		said = append(said, a)
	}
	return marshal(said)
}

// Plain is a text of no catalogue: the owner's own, or an error of the kernel.
func Plain(text string) Phrase {
	if text == "" {
		return Phrase{}
	}
	return marshal(text)
}

// marshal cannot fail: it is given nothing that JSON lacks.
func marshal(v any) Phrase {
	b, _ := json.Marshal(v)
	return Phrase{string(b)}
}

// Known is the phrase that says just this text and has no arguments; Plain where there is none. It is for the words of
// rooms that may not know this one.
func Known(text string) Phrase {
	said := "\t" + text + "\n"
	for line := range strings.Lines(phrases()) {
		if key, is := strings.CutSuffix(line, said); is {
			return New(key)
		}
	}
	return Plain(text)
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

// raw is the phrase as an argument.
func (p Phrase) raw() json.RawMessage {
	if p.json == "" {
		return json.RawMessage(`""`)
	}
	return json.RawMessage(p.json)
}

// MarshalText writes the phrase for a file. Who knows no phrases reads a text; one that would be taken for more, as
// the owner may type it, is written as a string of JSON.
func (p Phrase) MarshalText() ([]byte, error) {
	if a := p.Array(); a != "" {
		return []byte(a), nil
	}
	text := p.String()
	if read(text) != p {
		text = p.json
	}
	return []byte(text), nil
}

// UnmarshalText takes what MarshalText gave, or a text from before there were phrases.
func (p *Phrase) UnmarshalText(saved []byte) error {
	*p = read(string(saved))
	return nil
}

func read(saved string) Phrase {
	if p := (Phrase{saved}); strings.HasPrefix(saved, "[") || strings.HasPrefix(saved, `"`) {
		if p.String() != "" {
			return p
		}
	}
	return Plain(saved)
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

// Bytes is an amount of data, as each language writes it.
func Bytes(n uint64) Phrase { return New("@bytes", n) }

// Span is how long something took, to the second.
func Span(d time.Duration) Phrase { return New("@duration", math.Ceil(d.Seconds())) }

// Clock is a time of the day.
func Clock(t time.Time) Phrase { return New("@time", t.Unix()) }

// Day is a date.
func Day(t time.Time) Phrase { return New("@date", t.Unix()) }

// Kind is what kind of thing a device is.
func Kind(kind string) Phrase { return New("@kind", kind) }

// List is several arguments, one after the other.
func List(args ...any) Phrase { return New("@list", args...) }

// Strings is a list of texts.
func Strings(texts []string) Phrase {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return List(list...)
}
