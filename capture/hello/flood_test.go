package hello

import (
	"runtime"
	"testing"

	"spinneret/capture/packet"
	"spinneret/openwrt/lab/expect"
)

var heap = expect.Heap

// TestAHelloInSegmentsOfOneByte is read like any other; the pieces come in order, as a stack sends them.
func TestAHelloInSegmentsOfOneByte(t *testing.T) {
	hello := recorded(t, nil)
	r := NewReader()
	want(t, feed(r, append([]*packet.Packet{syn(99)}, cut(100, hello, 1)...)...), camSNI)
	if s := r.Stores(); s[0].Used != 0 || s[1].Used != 0 {
		t.Errorf("something is held of it: %+v", s)
	}
}

// TestAFloodOfHellosByBytesStaysWithinTheStore: each that was begun is there, or was counted out.
func TestAFloodOfHellosByBytesStaysWithinTheStore(t *testing.T) {
	const connections = 5000
	hello := recorded(t, nil)
	r, before := NewReader(), heap()
	for n := range connections {
		for i := range uint32(20) {
			p := segment(100+i, hello[i:i+1])
			p.SrcMAC[5], p.SrcPort = byte(n%7), uint16(n)
			r.Add(p)
		}
	}
	flows, bytes := r.Stores()[0], r.Stores()[1]
	if flows.Used > flows.Limit || bytes.Used > bytes.Limit || flows.Used+int(flows.Evicted) != connections {
		t.Errorf("%+v, %+v of %d", flows, bytes, connections)
	}
	if grown := int64(heap()) - int64(before); grown > 2*int64(bytes.Limit) {
		t.Errorf("the reader takes %d kB", grown>>10)
	}
	runtime.KeepAlive(r)
}
