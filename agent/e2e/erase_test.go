package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/openwrt/lab"
)

// TestADeviceIsErasedFromMemoryAndFiles, and new when it speaks again.
func TestADeviceIsErasedFromMemoryAndFiles(t *testing.T) {
	home := quietHome(t)
	a, file := remembering(t, home)
	a.start()
	cam := home.Device("cam")
	f := count(t, home, cam, "udp4")
	a.edit(cam, `{"name":"Nursery","trusted":true}`)
	a.cutOff(cam, "")
	a.release(cam)
	f.stop()
	a.restart() // its flow is in the file now
	a.eventually("the history was read", func() bool { return len(a.history(nil)) > 0 })
	if out, err := run(home.Router(), "export", "Nursery", "-socket", a.socket); err != nil || !strings.Contains(out, cam.MAC) || !strings.Contains(out, `"protocol":"udp"`) {
		t.Fatalf("the export is %s, %v", out, err)
	}
	traces := [][]byte{[]byte("Nursery"), []byte(cam.MAC)}
	mac := lab.ParseMAC(cam.MAC)
	state := filepath.Join(filepath.Dir(a.config), "state")
	if found(t, file, mac[:]) == "" || found(t, state, traces...) == "" {
		t.Fatal("the files have nothing to erase")
	}
	if out, err := run(home.Router(), "erase", "Nursery", "-socket", a.socket); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	a.eventually("no file has it any more", func() bool {
		return found(t, file, mac[:]) == "" && found(t, state, traces...) == ""
	})
	a.eventAfter(0, "audit", "the owner erased a device")
	a.eventually("who opens the page is shown nothing of it", func() bool {
		_, home, err := watch(t, home.Router(), a.page()).ReadMessage()
		return err == nil && !bytes.Contains(home, traces[0])
	})
	count(t, home, cam, "udp4")
	if d := a.device(cam); d.Name == "Nursery" || d.Trusted || d.FirstSeen.Before(a.status().Started.Time) {
		t.Errorf("when it speaks again it is %+v", d)
	}
}

// found names a file at a path or below that has one of these in it.
func found(t *testing.T, path string, traces ...[]byte) (name string) {
	t.Helper()
	err := filepath.WalkDir(path, func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // renamed meanwhile
		}
		data, _ := os.ReadFile(at)
		for _, trace := range traces {
			if bytes.Contains(data, trace) {
				name = at
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}
