package wire

import (
	"encoding/binary"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// The major types of RFC 8949 section 3.1.
const (
	majorUint   = 0
	majorNegint = 1
	majorBytes  = 2
	majorText   = 3
	majorArray  = 4
	majorMap    = 5
	majorTag    = 6
	majorSimple = 7
)

// encode writes a body deterministically (RFC 8949 section 4.2.1): numbers, texts, lists, maps with numbers as keys,
// and structs whose tags name such keys. It is our own because a general library would be a thirtieth of the router's
// program.
func encode(body any) []byte { return appendValue(nil, reflect.ValueOf(body)) }

// appendHead writes a major type with its number, in as few bytes as that takes.
func appendHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendValue(b []byte, v reflect.Value) []byte {
	if d, ok := v.Interface().(Decimal); ok {
		return d.appendTo(b)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return appendValue(b, v.Elem())
	case reflect.Bool:
		if v.Bool() {
			return append(b, majorSimple<<5|21)
		}
		return append(b, majorSimple<<5|20)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return appendHead(b, majorUint, v.Uint())
	case reflect.Int, reflect.Int64:
		if n := v.Int(); n < 0 {
			return appendHead(b, majorNegint, uint64(-1-n))
		}
		return appendHead(b, majorUint, uint64(v.Int()))
	case reflect.String:
		return append(appendHead(b, majorText, uint64(v.Len())), v.String()...)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(appendHead(b, majorBytes, uint64(v.Len())), v.Bytes()...)
		}
		b = appendHead(b, majorArray, uint64(v.Len()))
		for i := range v.Len() {
			b = appendValue(b, v.Index(i))
		}
		return b
	case reflect.Map, reflect.Struct:
		return appendMap(b, entriesOf(v))
	}
	panic("wire: no CBOR for " + v.Type().String())
}

// pair is one entry of a map.
type pair struct {
	key   uint64
	value reflect.Value
}

func appendMap(b []byte, list []pair) []byte {
	sort.Slice(list, func(i, j int) bool { return list[i].key < list[j].key })
	b = appendHead(b, majorMap, uint64(len(list)))
	for _, p := range list {
		b = appendValue(appendHead(b, majorUint, p.key), p.value)
	}
	return b
}

// entriesOf lists what a map or a struct has to say.
func entriesOf(v reflect.Value) (list []pair) {
	if v.Kind() == reflect.Map {
		for it := v.MapRange(); it.Next(); {
			list = append(list, pair{it.Key().Uint(), it.Value()})
		}
		return list
	}
	for i := range v.NumField() {
		key, omit := fieldKey(v.Type().Field(i))
		if f := v.Field(i); !omit || !(f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0) {
			list = append(list, pair{key, f})
		}
	}
	return list
}

// fieldKey reads a tag such as `cbor:"5,omitempty"`.
func fieldKey(f reflect.StructField) (key uint64, omit bool) {
	text, options, _ := strings.Cut(f.Tag.Get("cbor"), ",")
	key, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		panic("wire: the field " + f.Name + " has no key")
	}
	return key, strings.Contains(options, "omitempty")
}
