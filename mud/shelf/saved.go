package shelf

import (
	"bytes"
	"errors"
	"slices"
	"sort"
	"time"
)

// Saved is what of a shelf survives a restart. The octets of its copies are kept beside it, by their names.
type Saved struct {
	Titles  []SavedTitle
	Holders []SavedHolder
	First   []time.Time
}

// SavedTitle is a title under its key.
type SavedTitle struct {
	Key string
	Title
}

// SavedHolder is a device with what it has.
type SavedHolder struct {
	MAC MAC
	Holder
}

// Save writes the shelf down, in an order that stays, with all its copies. What it gives is not touched any more.
func (s *Shelf) Save() (saved Saved, copies []*Copy) {
	saved.First = slices.Clone(s.first)
	for key, t := range s.titles {
		st := SavedTitle{key, *t}
		for _, at := range []**Copy{&st.Current, &st.Waiting} {
			if *at != nil {
				c := **at
				*at = &c
				copies = append(copies, &c)
			}
		}
		saved.Titles = append(saved.Titles, st)
	}
	for mac, h := range s.holders {
		sh := SavedHolder{mac, *h}
		sh.First = slices.Clone(h.First)
		saved.Holders = append(saved.Holders, sh)
	}
	sort.Slice(saved.Titles, func(i, j int) bool { return saved.Titles[i].Key < saved.Titles[j].Key })
	sort.Slice(saved.Holders, func(i, j int) bool { return bytes.Compare(saved.Holders[i].MAC[:], saved.Holders[j].MAC[:]) < 0 })
	return saved, copies
}

// Restore takes over what an earlier run wrote down into an empty shelf; octets gives those of a copy by its name. A copy
// that cannot be read is got again; of the owner's files there is none to get.
func (s *Shelf) Restore(saved Saved, octets func(name string) ([]byte, error)) error {
	var errs []error
	for _, h := range saved.Holders[:min(len(saved.Holders), MaxHolders)] {
		s.holders[h.MAC] = &h.Holder
	}
	for _, st := range saved.Titles[:min(len(saved.Titles), MaxTitles)] {
		t := st.Title
		t.Current, errs = reread(t.Current, octets, errs)
		t.Waiting, errs = reread(t.Waiting, octets, errs)
		if t.Current == nil || st.Waiting != nil && t.Waiting == nil {
			t.Next, t.Version.ETag, t.Version.LastModified = time.Time{}, "", ""
		}
		if t.Current != nil || !t.Own {
			s.titles[st.Key] = &t
		}
	}
	s.first = saved.First[:min(len(saved.First), perDay)]
	s.changed()
	return errors.Join(errs...)
}

// reread gives a copy its octets back.
func reread(c *Copy, octets func(string) ([]byte, error), errs []error) (*Copy, []error) {
	if c == nil || len(c.Digest) != 64 {
		return nil, errs
	}
	data, err := octets(c.Name())
	var again *Copy
	if err == nil {
		again, err = Read(data)
	}
	if err != nil {
		return nil, append(errs, err)
	}
	c.Octets, c.file, c.diagnostics = again.Octets, again.file, again.diagnostics
	return c, errs
}
