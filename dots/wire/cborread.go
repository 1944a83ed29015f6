package wire

import (
	"encoding/binary"
	"errors"
	"reflect"
	"unicode/utf8"
)

var errCBOR = errors.New("no CBOR of the kind that DOTS has")

// rawCBOR is a value that is read later. It has been checked.
type rawCBOR []byte

// unmarshal reads one value that fills all of b into what v points to. It takes definite lengths only, each key once,
// and no more levels and entries than a body can need.
func unmarshal(b []byte, v any) error {
	rest, err := skip(b, maxNested)
	if err != nil || len(rest) > 0 {
		return errCBOR
	}
	return read(b, reflect.ValueOf(v).Elem())
}

// head reads a major type and its number (RFC 8949 section 3).
func head(b []byte) (major byte, n uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, nil, errCBOR
	}
	major, n, rest = b[0]>>5, uint64(b[0]&31), b[1:]
	if n < 24 {
		return major, n, rest, nil
	}
	size := 1 << (n - 24)
	if n > 27 || len(rest) < size {
		return 0, 0, nil, errCBOR
	}
	var wide [8]byte
	copy(wide[8-size:], rest)
	return major, binary.BigEndian.Uint64(wide[:]), rest[size:], nil
}

// skip checks the first value in b, and returns what follows it.
func skip(b []byte, levels int) (rest []byte, err error) {
	major, n, rest, err := head(b)
	if err != nil || levels == 0 {
		return nil, errCBOR
	}
	switch major {
	case majorBytes, majorText:
		if n > uint64(len(rest)) || major == majorText && !utf8.Valid(rest[:n]) {
			return nil, errCBOR
		}
		return rest[n:], nil
	case majorTag:
		return skip(rest, levels-1)
	case majorArray, majorMap:
		return skipEntries(rest, n, major == majorMap, levels-1)
	case majorSimple:
		if b[0]&31 == 24 && n < 32 {
			return nil, errCBOR // RFC 8949 section 3.3
		}
	}
	return rest, nil
}

// skipEntries checks the entries of an array or a map.
func skipEntries(b []byte, n uint64, pairs bool, levels int) (rest []byte, err error) {
	if n > maxElements {
		return nil, errCBOR
	}
	seen := map[string]bool{}
	for range n {
		if pairs {
			key := b
			if b, err = skip(b, levels); err != nil {
				return nil, err
			}
			text := string(key[:len(key)-len(b)])
			if seen[text] {
				return nil, errCBOR
			}
			seen[text] = true
		}
		if b, err = skip(b, levels); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// read reads a value that skip has checked into v.
func read(b []byte, v reflect.Value) error {
	switch to := v.Addr().Interface().(type) {
	case *rawCBOR:
		*to = b
		return nil
	case *Decimal:
		return to.read(b)
	}
	major, n, rest, err := head(b)
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return read(b, v.Elem())
	case reflect.Bool:
		v.SetBool(n == 21)
		return want(major == majorSimple && (b[0] == 0xf4 || b[0] == 0xf5))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(n)
		return want(major == majorUint && !v.OverflowUint(n))
	case reflect.Int64:
		if major == majorNegint {
			v.SetInt(-1 - int64(n))
		} else {
			v.SetInt(int64(n))
		}
		return want(major <= majorNegint && n < 1<<63)
	case reflect.String:
		v.SetString(string(rest))
		return want(major == majorText)
	case reflect.Slice:
		if major != majorArray {
			return errCBOR
		}
		return readList(rest, int(n), v)
	}
	if major != majorMap {
		return errCBOR
	}
	return readMap(rest, int(n), v)
}

func want(ok bool) error {
	if !ok {
		return errCBOR
	}
	return nil
}

// cut takes the first value off b.
func cut(b []byte) (first, rest []byte, err error) {
	rest, err = skip(b, maxNested)
	return b[:len(b)-len(rest)], rest, err
}

func readList(b []byte, n int, v reflect.Value) error {
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		first, rest, err := cut(b)
		if err != nil {
			return err
		}
		if err := read(first, v.Index(i)); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// readMap reads into a struct, or into a map of values for later. A struct leaves be what it has no field for.
func readMap(b []byte, n int, v reflect.Value) error {
	fields := map[uint64]reflect.Value{}
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			key, _ := fieldKey(v.Type().Field(i))
			fields[key] = v.Field(i)
		}
	} else {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for range n {
		name, rest, err := cut(b)
		if err != nil {
			return err
		}
		value, rest, err := cut(rest)
		if err != nil {
			return err
		}
		b = rest
		major, key, _, _ := head(name)
		if v.Kind() == reflect.Map {
			if major != majorUint {
				return errCBOR
			}
			v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(rawCBOR(value)))
		} else if f, there := fields[key]; there && major == majorUint {
			if err := read(value, f); err != nil {
				return err
			}
		}
	}
	return nil
}
