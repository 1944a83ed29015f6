package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab"
)

// record begins a recording of a device through the socket.
func (a *agent) record(d *lab.Device, query string) (*http.Response, *pcapfile.Reader) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	a.t.Cleanup(cancel)
	way := a.bySocket()
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+way.host+"/api/v1/devices/"+d.MAC+"/capture?"+query, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DialContext: way.dial, DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(response.Body)
		a.t.Fatalf("a recording is answered with %d %s", response.StatusCode, body)
	}
	file, err := pcapfile.NewReader("the recording", response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response, file
}

// marked are frames of a device to another that nothing else sends.
func marked(from, to *lab.Device, n int) (frames [][]byte) {
	for i := range n {
		frames = append(frames, lab.Ethernet(to.CurrentMAC(), from.CurrentMAC(), 0x88b5, fmt.Appendf(nil, "frame %d", i)))
	}
	return frames
}

// TestADeviceIsRecordedLive, as its frames were sent: each once, in order, while it may talk and while it is cut off.
func TestADeviceIsRecordedLive(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam, tv := home.Device("cam"), home.Device("tv")
	a.device(cam)
	for _, cut := range []bool{false, true} {
		if cut {
			a.cutOff(cam, "")
		}
		response, file := a.record(cam, "seconds=20&snaplen=1500")
		frames := marked(cam, tv, 20)
		for _, frame := range frames {
			if err := cam.SendFrame(frame); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range frames {
			for {
				var f pcapfile.Frame
				if err := file.ReadFrame(&f); err != nil {
					t.Fatalf("cut off: %v: %q does not come: %v", cut, want, err)
				}
				if !bytes.Equal(f.Data[12:14], want[12:14]) {
					continue // what it sends beside
				}
				if !bytes.Equal(f.Data, want) || f.Length != len(want) {
					t.Fatalf("cut off: %v: recorded %x of %d bytes, want %x", cut, f.Data, f.Length, want)
				}
				break
			}
		}
		response.Body.Close()
	}
	a.eventAfter(0, "audit", "began to record what cam sends")
	a.eventAfter(0, "audit", "the recording of cam has ended")
}

// TestARecordingEndsByItself, says that nothing was lost, and of the past has the headers that were logged.
func TestARecordingEndsByItself(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	cam := home.Device("cam")
	count(t, home, cam, "udp4")
	a.device(cam)
	for _, query := range []string{"seconds=1", "past=60s"} {
		response, file := a.record(cam, query)
		var f pcapfile.Frame
		err := error(nil)
		frames := 0
		for ; err == nil; frames++ {
			err = file.ReadFrame(&f)
		}
		if !errors.Is(err, io.EOF) || frames < 2 || response.Trailer.Get("Spinneret-Lost") != "0" {
			t.Errorf("%s: %d frames, %v, and %q lost", query, frames-1, err, response.Trailer.Get("Spinneret-Lost"))
		}
		if file.Stats().Truncated != 0 {
			t.Errorf("%s: the file ends inside a record", query)
		}
	}
}
