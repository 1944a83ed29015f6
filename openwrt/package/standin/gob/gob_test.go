package gob

import (
	"bytes"
	"testing"
)

func TestNothingIsLostInSilence(t *testing.T) {
	var b bytes.Buffer
	if err := NewEncoder(&b).Encode(1); err == nil {
		t.Error("a value was encoded")
	}
	if err := NewDecoder(&b).Decode(new(int)); err == nil {
		t.Error("a value was decoded")
	}
}
