package pcapfile

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"
)

func TestWhatIsWrittenCanBeRead(t *testing.T) {
	long := append(bytes.Clone(hello), make([]byte, 1000)...)
	for _, tt := range []struct {
		name   string
		config WriterConfig
		frame  []byte
		sent   int
		want   Frame
	}{
		{
			"a frame",
			WriterConfig{Link: LinkEthernet},
			hello, 0,
			Frame{Time: at(123456 * time.Microsecond), Link: LinkEthernet, Length: sentLen, Data: hello},
		},
		{
			"the beginning of a packet",
			WriterConfig{Link: LinkRaw},
			hello[14:], 900,
			Frame{Time: at(123456 * time.Microsecond), Link: LinkRaw, Length: 900, Data: hello[14:]},
		},
		{
			"cut at the snap length",
			WriterConfig{Link: LinkEthernet, SnapLen: 20},
			long, 0,
			Frame{Time: at(123456 * time.Microsecond), Link: LinkEthernet, Length: len(long), Data: hello[:20]},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var buf bytes.Buffer
			w, err := NewWriter(&buf, tt.config)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.WritePacket(at(123456789), tt.frame, tt.sent); err != nil {
				t.Fatal(err)
			}
			r, err := NewReader("test.pcap", &buf)
			if err != nil {
				t.Fatal(err)
			}
			var got Frame
			if err := r.ReadFrame(&got); err != nil {
				t.Fatal(err)
			}
			if !got.Time.Equal(tt.want.Time) || got.Link != tt.want.Link || got.Length != tt.want.Length || !bytes.Equal(got.Data, tt.want.Data) {
				t.Errorf("read %+v, want %+v", got, tt.want)
			}
			if err := r.ReadFrame(&got); !errors.Is(err, io.EOF) {
				t.Errorf("after the last packet: %v, want the end of the file", err)
			}
		})
	}
}

func TestWriterRefusesTimesThatPcapCannotHold(t *testing.T) {
	w, err := NewWriter(io.Discard, WriterConfig{Link: LinkEthernet})
	if err != nil {
		t.Fatal(err)
	}
	for _, seen := range []time.Time{{}, time.Unix(-1, 0), time.Unix(1<<32, 0)} {
		if err := w.WritePacket(seen, hello, 0); err == nil {
			t.Errorf("wrote a packet of %v", seen)
		}
	}
}

// failing fails the write of that number.
type failing int

var errDisk = errors.New("disk full")

func (f *failing) Write(b []byte) (int, error) {
	*f--
	if *f < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestWriterReportsErrors(t *testing.T) {
	none := failing(0)
	if _, err := NewWriter(&none, WriterConfig{}); !errors.Is(err, errDisk) {
		t.Errorf("header: error %v, want %v", err, errDisk)
	}
	one := failing(1)
	w, err := NewWriter(&one, WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WritePacket(at(0), hello, 0); !errors.Is(err, errDisk) {
		t.Errorf("packet: error %v, want %v", err, errDisk)
	}
}
