package lab

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
	"time"
)

// frames reads a pcap file of ours and returns how long each frame was.
func frames(t *testing.T, file []byte) (sizes []int) {
	t.Helper()
	const header, record = 24, 16
	if len(file) < header || binary.LittleEndian.Uint32(file) != 0xa1b2c3d4 || binary.LittleEndian.Uint32(file[20:]) != 1 {
		t.Fatalf("no pcap header of Ethernet in %x", file[:min(len(file), header)])
	}
	for file = file[header:]; len(file) > 0; {
		size := int(binary.LittleEndian.Uint32(file[8:]))
		if at := time.Unix(int64(binary.LittleEndian.Uint32(file)), 0); time.Since(at).Abs() > time.Minute {
			t.Errorf("frame %d is of %v", len(sizes), at)
		}
		sizes = append(sizes, size)
		file = file[record+size:]
	}
	return sizes
}

func TestRecordOfAWireHoldsWholeShortFrames(t *testing.T) {
	h := startHome(t, Options{Wire: true, Devices: []Spec{{Name: "a"}}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var file bytes.Buffer
	readyC, doneC := make(chan struct{}), make(chan error, 1)
	go func() { doneC <- Record(ctx, h.Router(), Bridge, &file, func() { close(readyC) }) }()
	<-readyC

	client := h.Device("a").Client(ctx)
	if err := get(ctx, client, "shop.market.example", 500_000); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-doneC; err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, size := range frames(t, file.Bytes()) {
		total += size
		if size > 1514 {
			t.Fatalf("a frame of %d bytes was on the wire", size)
		}
	}
	if total < 500_000 {
		t.Errorf("%d bytes were recorded of a transfer of 500000", total)
	}
}
