package coap

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"spinneret/openwrt/lab/expect"
)

var unhex = expect.Unhex

// heartbeat is one of RFC 9132 section 4.7 as it goes over the wire, made by hand from RFC 7252 section 3.
const heartbeat = "51031234" + "4a" + "bb2e77656c6c2d6b6e6f776e" + "04646f7473" + "026862" + "12010f" + "ff" + "a11831a11833f5"

// TestHeartbeatInBothForms: the same message as a datagram and in a stream, read and written.
func TestHeartbeatInBothForms(t *testing.T) {
	m, err := ParseDatagram(unhex(t, heartbeat))
	if err != nil {
		t.Fatal(err)
	}
	if m.Type != NonConfirmable || m.Code != PUT || m.ID != 0x1234 || !bytes.Equal(m.Token, []byte{0x4a}) {
		t.Errorf("its header is read as %+v", m)
	}
	if path := strings.Join(m.Path(), "/"); path != ".well-known/dots/hb" {
		t.Errorf("its path is %s", path)
	}
	format, _ := m.Option(ContentFormat)
	if n, ok := format.Uint(); !ok || n != 271 {
		t.Errorf("its format is %d", n)
	}
	if got := hex.EncodeToString(m.Datagram()); got != heartbeat {
		t.Errorf("written as %s", got)
	}
	stream := "d1" + "12" + "03" + heartbeat[8:]
	if got := hex.EncodeToString(m.Stream()); got != stream {
		t.Errorf("in a stream %s, want %s", got, stream)
	}
	back, err := ReadStream(bytes.NewReader(unhex(t, stream)), 100)
	if err != nil || !bytes.Equal(back.Stream(), unhex(t, stream)) {
		t.Errorf("read back as %+v, %v", back, err)
	}
}

// TestLongMessages: each form of a length, at its edges.
func TestLongMessages(t *testing.T) {
	for _, size := range []int{1, 11, 12, 13, 267, 268, 269, 65803, 65804, 70000} {
		m := Message{Type: NonConfirmable, Code: PUT, Options: []Option{{2048, make([]byte, min(size, 2000))}}, Payload: make([]byte, size)}
		fromStream, err := ReadStream(bytes.NewReader(m.Stream()), 100000)
		if err != nil || len(fromStream.Payload) != size || fromStream.Options[0].Number != 2048 {
			t.Errorf("%d bytes come out of a stream as %d, %v", size, len(fromStream.Payload), err)
		}
		fromDatagram, err := ParseDatagram(m.Datagram())
		if err != nil || len(fromDatagram.Payload) != size || len(fromDatagram.Options[0].Value) != min(size, 2000) {
			t.Errorf("%d bytes come out of a datagram as %d, %v", size, len(fromDatagram.Payload), err)
		}
	}
	m := Message{Code: PUT, Payload: make([]byte, 200)}
	if _, err := ReadStream(bytes.NewReader(m.Stream()), 100); err == nil {
		t.Error("a message above the limit was read")
	}
}

// TestNumbersAreShort: RFC 7252 section 3.2.
func TestNumbersAreShort(t *testing.T) {
	for n, want := range map[uint32]int{0: 0, 1: 1, 271: 2, 0xffffff: 3, 0xffffffff: 4} {
		o := Number(MaxAge, n)
		if back, ok := o.Uint(); len(o.Value) != want || !ok || back != n {
			t.Errorf("%d takes %d bytes and is read as %d", n, len(o.Value), back)
		}
	}
	if _, ok := (Option{MaxAge, make([]byte, 5)}).Uint(); ok {
		t.Error("a number of five bytes was read")
	}
}

// TestMalformed: RFC 7252 section 3, RFC 8323 section 3.
func TestMalformed(t *testing.T) {
	for what, b := range map[string]string{
		"nothing": "", "three bytes": "400100", "version 2": "80010001", "a token of nine": "4901000100000000000000000000",
		"a token cut short": "440100010000", "an option cut short": "4001000145", "a reserved delta": "40010001f0",
		"a reserved length": "400100010f", "a marker without payload": "40010001ff", "an empty message with more": "4000000100",
		"an option above 65535": "40010001e0fff2" + "e0fff2",
	} {
		if m, err := ParseDatagram(unhex(t, b)); err == nil {
			t.Errorf("%s is read as %+v", what, m)
		}
	}
	whole := unhex(t, "d112"+"03"+heartbeat[8:])
	for n := 1; n < len(whole); n++ {
		if _, err := ReadStream(bytes.NewReader(whole[:n]), 100); err != io.ErrUnexpectedEOF {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(unhex(f, heartbeat))
	f.Add(unhex(f, "4001000145"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseDatagram(b)
		if err != nil {
			return
		}
		again, err := ParseDatagram(m.Datagram())
		if err != nil || !bytes.Equal(again.Datagram(), m.Datagram()) {
			t.Errorf("%x is written %x and read back: %v", b, m.Datagram(), err)
		}
		if s, err := ReadStream(bytes.NewReader(m.Stream()), len(b)+16); err != nil || !bytes.Equal(s.Payload, m.Payload) {
			t.Errorf("%x through a stream: %v", b, err)
		}
	})
}
