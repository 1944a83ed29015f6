package store

import "testing"

// TestWhatWasTakenOutIsNotBroughtBackByOlderNews: the watcher tells of each change, some time after whoever made it knows.
func TestWhatWasTakenOutIsNotBroughtBackByOlderNews(t *testing.T) {
	b := &Bucket[string]{entries: map[string]entry[string]{}, gone: map[string]uint64{}, wakeC: make(chan struct{})}
	b.enter("home", "revoked", 5)
	b.goes("home", 5)
	b.drop("home", 5)
	b.drop("home", 3) // an older end of the key
	b.enter("home", "revoked", 5)
	if b.Len() != 0 {
		t.Error("it is there again")
	}
	b.enter("home", "new", 7)
	if v, _ := b.Get("home"); v != "new" || len(b.gone) != 0 {
		t.Errorf("made anew it is %q, with %d marks", v, len(b.gone))
	}
	b.goes("home", 7)
	b.drop("home", 8) // the watcher knows of it first
	if b.drop("home", 7); b.Len() != 0 || len(b.gone) != 0 {
		t.Errorf("%d entries and %d marks are left", b.Len(), len(b.gone))
	}
}
