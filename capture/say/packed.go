package say

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

// packed is phrases.txt, a third of its size; a test keeps it so. Each line of phrases.txt is a key and its English: {0}
// is the first argument, {0?one:more} one of two words by whether that is 1.
//
//go:embed phrases.gz
var packed string

// phrases are all keys. To unpack what is part of the program cannot fail.
var phrases = sync.OnceValue(func() string {
	r, _ := gzip.NewReader(strings.NewReader(packed))
	text, _ := io.ReadAll(r)
	return string(text)
})

// templates are the English of each key. A router's page asks for a thousand sentences at once.
var templates = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(phrases()) {
		key, template, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all[key] = template
	}
	return all
})
