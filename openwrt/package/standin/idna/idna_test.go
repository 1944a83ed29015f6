package idna

import "testing"

func TestOnlyASCII(t *testing.T) {
	for _, name := range []string{"", "maker.example", "xn--bcher-kva.example", "Lamp_1.local"} {
		if got, err := Lookup.ToASCII(name); err != nil || got != name {
			t.Errorf("%q became %q: %v", name, got, err)
		}
	}
	if got, err := ToASCII("bücher.example"); err == nil {
		t.Errorf("a name in another script became %q", got)
	}
}
