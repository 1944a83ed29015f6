package capture

import "spinneret/capture/packet"

// Forget forgets a device, its flows, and those of others with it, also the finished ones that nobody took yet. What is
// sent or heard from it later is of a new device.
func (t *Table) Forget(m packet.MAC) {
	t.mu.Lock()
	defer t.mu.Unlock()
	slot, known := t.byMAC[word(m)]
	for i := range t.records {
		if r := &t.records[i]; r.state&live != 0 && (known && r.near == slot || r.peer == m) {
			t.remove(int32(i))
		}
	}
	if known {
		t.removeDevice(slot)
	}
	t.finished.forget(m)
}

func (f *finished) forget(m packet.MAC) {
	kept := f.records[:0]
	for _, r := range f.records {
		if r.key.mac != m && r.peer != m {
			kept = append(kept, r)
		}
	}
	f.records = kept
}
