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
