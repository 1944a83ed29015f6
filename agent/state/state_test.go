package state

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

type orders struct{ IDs []string }

func open(t *testing.T) Dir {
	t.Helper()
	d, err := Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func save(t *testing.T, d Dir, ids ...string) {
	t.Helper()
	if err := d.Save("quarantines", orders{ids}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasSavedIsRead(t *testing.T) {
	d := open(t)
	var got orders
	if found, err := d.Load("quarantines", &got); found || err != nil {
		t.Errorf("an empty directory gave %v, %v: nothing was saved and nothing is wrong", found, err)
	}
	save(t, d, "q1")
	save(t, d, "q1", "q2")
	if found, err := d.Load("quarantines", &got); !found || err != nil || len(got.IDs) != 2 {
		t.Errorf("read %v %+v, %v: want q1 and q2", found, got, err)
	}
}

func TestADamagedFileIsRemembered(t *testing.T) {
	d := open(t)
	save(t, d, "q1")
	if err := os.WriteFile(d.file("quarantines"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // once it is there, then it is gone
		var got orders
		var damage *Damage
		if found, err := d.Load("quarantines", &got); found || !errors.As(err, &damage) || damage.Aside == "" {
			t.Errorf("read %v, %v: want word of the damage", got, err)
		}
	}
	save(t, d, "q2")
	var got orders
	if found, err := d.Load("quarantines", &got); !found || err != nil {
		t.Errorf("what was saved since: %v, %v", found, err)
	}
}

// TestPowerLossAtAnyByte cuts the newest file after every byte, and flips each: the copy before it must be read.
func TestPowerLossAtAnyByte(t *testing.T) {
	d := open(t)
	save(t, d, "q1")
	save(t, d, "q1", "q2")
	whole, err := os.ReadFile(d.file("quarantines"))
	if err != nil {
		t.Fatal(err)
	}
	var damaged [][]byte
	for i := range whole {
		flipped := append([]byte{}, whole...)
		flipped[i] ^= 0x20
		damaged = append(damaged, whole[:i], flipped)
	}
	for _, data := range damaged {
		if err := os.WriteFile(d.file("quarantines"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		var got orders
		found, err := d.Load("quarantines", &got)
		var damage *Damage
		if !found || !errors.As(err, &damage) || !damage.Used || len(got.IDs) != 1 {
			t.Fatalf("with %q: found %v %+v, %v; want q1 from the copy before, and to be told", data, found, got, err)
		}
		if _, err := os.Stat(damage.Aside); err != nil {
			t.Fatalf("the damaged file is gone: %v", err)
		}
	}
}

// TestPowerLossBetweenTheSteps stops Save's work after each of its steps.
func TestPowerLossBetweenTheSteps(t *testing.T) {
	for step, interrupt := range []func(d Dir) error{
		func(d Dir) error { return os.WriteFile(d.file("quarantines.new"), []byte("half"), 0o600) },
		func(d Dir) error { return os.Remove(d.file("quarantines.old")) },
		func(d Dir) error {
			return errors.Join(os.Remove(d.file("quarantines.old")), os.Link(d.file("quarantines"), d.file("quarantines.old")))
		},
	} {
		d := open(t)
		save(t, d, "q1")
		save(t, d, "q1", "q2")
		if err := interrupt(d); err != nil {
			t.Fatal(err)
		}
		var got orders
		if found, err := d.Load("quarantines", &got); !found || err != nil || len(got.IDs) != 2 {
			t.Errorf("after step %d: %v %+v, %v; want the newest file, q1 and q2", step, found, got, err)
		}
		save(t, d, "q3")
		if _, err := d.Load("quarantines", &got); err != nil || got.IDs[0] != "q3" {
			t.Errorf("after step %d the next save gave %+v, %v", step, got, err)
		}
	}
}

func TestADamagedFileDoesNotPushOutTheGoodCopy(t *testing.T) {
	d := open(t)
	save(t, d, "q1")
	save(t, d, "q2")
	if err := os.WriteFile(d.file("quarantines"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	save(t, d, "q3")
	if err := os.WriteFile(d.file("quarantines"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var got orders
	if _, err := d.Load("quarantines", &got); err == nil || got.IDs[0] != "q1" {
		t.Errorf("read %+v, %v; want q1, the last that was good twice over", got, err)
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	d := open(t)
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, sealed([]byte(`{"IDs":["q1"]}`)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(victim, d.file("quarantines")), os.Symlink(victim, d.file("quarantines.new"))); err != nil {
		t.Fatal(err)
	}
	var got orders
	if found, err := d.Load("quarantines", &got); found || err == nil {
		t.Errorf("a link was read: %+v", got)
	}
	save(t, d, "q2")
	if data, err := os.ReadFile(victim); err != nil || string(data) != string(sealed([]byte(`{"IDs":["q1"]}`))) {
		t.Errorf("the link's target was written: %q, %v", data, err)
	}
}
