package state

import (
	"slices"
	"testing"
)

func TestWhatIsRemovedIsGone(t *testing.T) {
	d := open(t)
	for _, name := range []string{"mud-1", "mud-2", "mud-1", "other"} { // the first one has a copy of before then
		if err := d.Save(name, 1); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := d.Names("mud-"); err != nil || !slices.Equal(names, []string{"mud-1", "mud-2"}) {
		t.Fatalf("saved are %v, %v", names, err)
	}
	for range 2 {
		if err := d.Remove("mud-1"); err != nil {
			t.Fatal(err)
		}
	}
	var v int
	if found, err := d.Load("mud-1", &v); found || err != nil {
		t.Errorf("it is there still: %v, %v", found, err)
	}
	if names, err := d.Names("mud-"); err != nil || !slices.Equal(names, []string{"mud-2"}) {
		t.Errorf("saved are %v, %v", names, err)
	}
}
