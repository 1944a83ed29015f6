package stream

import (
	"reflect"
	"strings"

	"spinneret/ui"
)

// field is one member of a device object that a delta can carry by itself.
type field struct {
	name  string
	index int
}

// fields are all members but the rates, which have a row of their own.
var fields = deviceFields()

func deviceFields() []field {
	var list []field
	device := reflect.TypeFor[ui.Device]()
	for i := range device.NumField() {
		name, _, _ := strings.Cut(device.Field(i).Tag.Get("json"), ",")
		if name != "rxRate" && name != "txRate" {
			list = append(list, field{name, i})
		}
	}
	return list
}

// device is what clients know of a device, and when each part of it last changed.
type device struct {
	ui.Device
	members []uint64 // by field: the number of its last change
	rates   uint64   // the same for both rates
}

func newDevice() *device { return &device{members: make([]uint64, len(fields))} }

// update takes in the device as it is now, as change seq, and reports whether it differs from what was known.
func (d *device) update(now ui.Device, seq uint64, made, steady bool) bool {
	if !made && !steady {
		hold(&now, &d.Device)
	}
	now.RxRate, now.TxRate = round(now.RxRate), round(now.TxRate)
	changed := false
	if made || now.RxRate != d.RxRate || now.TxRate != d.TxRate {
		d.rates, changed = seq, true
	}
	was, is := reflect.ValueOf(&d.Device).Elem(), reflect.ValueOf(&now).Elem()
	for i, f := range fields {
		if made || !same(was.Field(f.index), is.Field(f.index)) {
			d.members[i], changed = seq, true
		}
	}
	d.Device = now
	return changed
}

// hold keeps what runs on all the time as it was: it is sent once a second, however often the rest changes.
func hold(now, was *ui.Device) {
	now.RxBytes, now.TxBytes = was.RxBytes, was.TxBytes
	now.RxPackets, now.TxPackets = was.RxPackets, was.TxPackets
	now.RxRate, now.TxRate = was.RxRate, was.TxRate
	now.LastSeen = was.LastSeen
}

func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.String, reflect.Bool, reflect.Int64, reflect.Uint64:
		return a.Equal(b)
	case reflect.Slice:
		if a.Len() == 0 && b.Len() == 0 {
			return true
		}
	}
	if was, ok := a.Interface().(*ui.Time); ok && was != nil {
		is := b.Interface().(*ui.Time)
		return is != nil && was.Equal(is.Time)
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// news is the device with those of its members that changed after seq.
func (d *device) news(id number, seq uint64) deviceNews {
	n := deviceNews{id: id, Device: d.Device, rates: d.rates > seq}
	for i, f := range fields {
		if d.members[i] > seq {
			n.members = append(n.members, f)
		}
	}
	return n
}

// round keeps two significant digits of a rate: fewer numbers change, and a person reads no more of them. Rates are never below 0.
func round(rate int64) int64 {
	unit := int64(1)
	for rate/unit >= 100 {
		unit *= 10
	}
	digits := rate / unit
	if rate%unit >= (unit+1)/2 {
		digits++
	}
	return digits * unit
}
