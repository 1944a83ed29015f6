package lab

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"testing"
	"time"
)

// recording is a home from the moment that its devices join, for those who cannot start one themselves. It is
// made anew by UPDATE=1 go test -run Recording ./openwrt/lab.
const recording = "testdata/home.pcap"

const recordFor = 30 * time.Second

// recordHome records the believable dozen.
func recordHome(t *testing.T) []byte {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var file bytes.Buffer
	doneC := make(chan error, 1)
	startHome(t, Options{Wire: true, DAD: true, BeforeJoin: func(_ context.Context, h *Home) error {
		readyC := make(chan struct{})
		go func() { doneC <- Record(ctx, h.Router(), Bridge, &file, func() { close(readyC) }) }()
		<-readyC
		return nil
	}})
	pause(ctx, recordFor)
	cancel()
	if err := <-doneC; err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// eachFrame calls do with the header and the kept bytes of each record.
func eachFrame(file []byte, do func(header, frame []byte)) {
	for rest := file[24:]; len(rest) > 0; {
		size := int(binary.LittleEndian.Uint32(rest[8:]))
		do(rest[:16], rest[16:16+size])
		rest = rest[16+size:]
	}
}

// shorten cuts away what nobody reads: the inside of TCP segments unless they are DNS or a client's TLS hello,
// which spans two.
func shorten(file []byte) []byte {
	const most = 12
	out, inHello := bytes.Clone(file[:24]), map[string]bool{}
	eachFrame(file, func(header, frame []byte) {
		kept := frame
		if at := tcpPayload(frame); at > 0 && len(frame) > at+most {
			flow := string(frame[at-40 : at-28]) // the end of the addresses, and the ports
			ports, hello := frame[at-32:at-28], isHello(frame[at:])
			if !hello && !inHello[flow] && !bytes.Contains(ports, []byte{0, portDNS}) {
				kept = frame[:at+most]
			}
			inHello[flow] = hello
		}
		out = append(out, header...)
		binary.LittleEndian.PutUint32(out[len(out)-8:], uint32(len(kept)))
		out = append(out, kept...)
	})
	return out
}

func isHello(payload []byte) bool {
	const handshake, clientHello = 0x16, 1
	return payload[0] == handshake && payload[5] == clientHello
}

// tcpPayload returns where the payload of a TCP segment begins that has timestamps as its only options, as
// all do after the first, and 0 for any other frame.
func tcpPayload(frame []byte) int {
	at := map[byte]int{0x45: 14 + 20, 0x60: 14 + 40}[frame[14]]
	proto := map[int]int{14 + 20: 23, 14 + 40: 20}[at]
	if at == 0 || len(frame) < at+32 || frame[proto] != protoTCP || frame[at+12]>>4 != 8 {
		return 0
	}
	return at + 32
}

func TestShippedRecordingShowsTheWholeHousehold(t *testing.T) {
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(recording, shorten(recordHome(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	named, sent := map[MAC]string{}, map[MAC]int{}
	eachFrame(file, func(header, frame []byte) {
		from := MAC(frame[6:12])
		sent[from]++
		if name := dhcpOption(frame, 12); name != nil {
			named[from] = string(name)
		}
		if size := binary.LittleEndian.Uint32(header[12:]); size > 1514 {
			t.Errorf("a frame of %d bytes", size)
		}
	})
	for i, s := range Household() {
		if mac := ParseMAC(deviceMAC(i)); named[mac] != s.Name || sent[mac] < 20 {
			t.Errorf("%s is called %q and sent %d frames", s.Name, named[mac], sent[mac])
		}
	}
}
