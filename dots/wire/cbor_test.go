package wire

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// oracle is another reader and writer of CBOR, as strict as ours.
var oracle = struct {
	cbor.DecMode
	cbor.EncMode
}{
	must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: maxNested,
		MaxArrayElements: maxElements, MaxMapPairs: maxElements, UTF8: cbor.UTF8RejectInvalid,
	}.DecMode()),
	must(cbor.EncOptions{Sort: cbor.SortCoreDeterministic}.EncMode()),
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestCBORIsWrittenAsOthersWriteIt: each form of a number, a text, a list and a map.
func TestCBORIsWrittenAsOthersWriteIt(t *testing.T) {
	for _, v := range []any{
		uint64(0), uint64(23), uint64(24), uint64(255), uint64(256), uint64(65535), uint64(65536), uint64(1<<32 - 1), uint64(1 << 32), uint64(1<<64 - 1),
		int64(-1), int64(-25), int64(-257), int64(-1 << 63), int64(1<<63 - 1), true, false, "", "a text",
		[]string{"a", "b"},
		[]uint16{1, 300},
		map[uint64]any{300: "x", 2: []string{}, 24: map[uint64]bool{1: true}},
		[]byte{1, 2},
	} {
		want, err := oracle.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if got := encode(v); !bytes.Equal(got, want) {
			t.Errorf("%v is written %x, want %x", v, got, want)
		}
	}
}

// FuzzCBOR: what we take another reader takes too, and reads the same in it.
func FuzzCBOR(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v)
	}
	f.Add([]byte{0xa2, 0x01, 0xf9, 0x3c, 0x00, 0x02, 0xc4, 0x82, 0x21, 0x19, 0x01, 0x2c})
	f.Fuzz(func(t *testing.T, b []byte) {
		var ours object
		if unmarshal(b, &ours) != nil {
			return
		}
		var theirs map[uint64]cbor.RawMessage
		if err := oracle.Wellformed(b); err != nil {
			t.Fatalf("%x: only we read it: %v", b, err)
		}
		if oracle.Unmarshal(b, &theirs) != nil {
			return // it knows what belongs into tags, such as dates, that no body has
		}
		if len(ours) != len(theirs) {
			t.Fatalf("%x: %d entries, others see %d", b, len(ours), len(theirs))
		}
		for key, value := range ours {
			if !bytes.Equal(value, theirs[key]) {
				t.Errorf("%x: key %d is %x, others see %x", b, key, value, theirs[key])
			}
			var n, m int64
			if unmarshal(value, &n) == nil && (oracle.Unmarshal(value, &m) != nil || n != m) {
				t.Errorf("%x is the number %d, others see %d", value, n, m)
			}
			var x, y []string
			if unmarshal(value, &x) == nil && (oracle.Unmarshal(value, &y) != nil || !reflect.DeepEqual(x, y)) {
				t.Errorf("%x is the list %q, others see %q", value, x, y)
			}
		}
	})
}
