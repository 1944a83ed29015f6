// Package gob stands in for encoding/gob in the program for routers, where it would be 220 kB that never run. Only
// pion's DTLS needs it, to save a session and to go on with it after a restart, which we do not; the linker cannot know.
package gob

import (
	"errors"
	"io"
)

var errLeftOut = errors.New("encoding/gob is left out of the program for routers")

// Encoder is where the real one would be.
type Encoder struct{}

// NewEncoder gives one that refuses everything.
func NewEncoder(io.Writer) *Encoder { return &Encoder{} }

// Encode always fails.
func (*Encoder) Encode(any) error { return errLeftOut }

// Decoder is where the real one would be.
type Decoder struct{}

// NewDecoder gives one that refuses everything.
func NewDecoder(io.Reader) *Decoder { return &Decoder{} }

// Decode always fails.
func (*Decoder) Decode(any) error { return errLeftOut }
