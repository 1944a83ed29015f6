package hearsay

import (
	"fmt"
	"testing"
	"time"
)

func TestAFloodOfAddressesStaysWithinTheBook(t *testing.T) {
	b := NewBook()
	var all []string
	for i := range maxHeld/maxAddresses + 2 {
		all = append(all, fmt.Sprintf("n%d.example", i))
	}
	b.Wish([]Wish{{Device: cam, Names: all}}, Home{}, noon)
	for _, name := range all {
		for i := range maxAddresses + 20 {
			b.Hear(said(name, time.Hour, fmt.Sprintf("198.51.%d.%d", i/256, i%256)), noon)
		}
	}
	if s := b.Stores()[0]; s.Used > maxHeld || s.Used+int(s.Evicted) != len(all)*(maxAddresses+20) {
		t.Errorf("%+v", s)
	}
	for _, name := range all {
		if n := len(b.Known(name, noon)); n > maxAddresses {
			t.Errorf("%s has %d addresses", name, n)
		}
	}
	b.Wish(nil, Home{}, noon)
	if s := b.Stores()[0]; s.Used != 0 {
		t.Errorf("%d addresses of names that nobody wishes for", s.Used)
	}
}
