//go:build !router

package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ownName begins the line in which a program says why it ends.
var ownName = []byte("spinneret: ")

// lastWord passes on what the agent writes, line by line, but for the line that says why it ends: that is for the demo
// to say, once.
type lastWord struct {
	to   io.Writer
	rest []byte // of a line that is not whole yet
	word string
}

// Write implements io.Writer.
func (w *lastWord) Write(b []byte) (int, error) {
	w.rest = append(w.rest, b...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		if word, last := bytes.CutPrefix(line, ownName); last {
			w.word = string(word)
		} else if _, err := w.to.Write(w.rest[:len(line)+1]); err != nil {
			return 0, err
		}
		w.rest = rest
	}
}

// error is why the agent ended, as it said itself if it did. Nothing may be written any more.
func (w *lastWord) error(ended error) error {
	switch {
	case w.word != "":
		return fmt.Errorf("the agent ended: %s", w.word)
	case ended != nil:
		return fmt.Errorf("the agent ended: %w", ended)
	}
	return errors.New("the agent ended: somebody told it to")
}
