package shelf

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"sort"
	"strings"
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
		for i, at := range []**Copy{&st.Current, &st.Waiting} {
			if *at == nil {
				*at = t.lost[i]
				continue
			}
			c := **at
			*at = &c
			copies = append(copies, &c)
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
// that cannot be read is got again; of the owner's files there is none to get. Each Restore tells of it until then.
func (s *Shelf) Restore(saved Saved, octets func(name string) ([]byte, error)) error {
	var errs []error
	for _, h := range saved.Holders[:min(len(saved.Holders), MaxHolders)] {
		s.holders[h.MAC] = &h.Holder
	}
	for _, st := range saved.Titles[:min(len(saved.Titles), MaxTitles)] {
		t := st.Title
		for i, at := range []**Copy{&t.Current, &t.Waiting} {
			written := *at
			if *at, errs = reread(written, octets, errs); *at == nil {
				t.lost[i] = written
			}
		}
		if t.Current == nil || st.Waiting != nil && t.Waiting == nil {
			t.Next, t.Version.ETag, t.Version.LastModified = time.Time{}, "", ""
		}
		if t.Current != nil || !t.Own {
			s.titles[st.Key] = &t
		}
	}
	for mac, h := range s.holders {
		if s.misses(h) {
			errs = append(errs, fmt.Errorf("the file that was given to %s is lost: give it again", net.HardwareAddr(mac[:])))
		}
	}
	s.first = saved.First[:min(len(saved.First), perDay)]
	s.changed()
	return errors.Join(errs...)
}

// misses says whether a device was given a file of the owner's that is no more.
func (s *Shelf) misses(h *Holder) bool {
	return strings.HasPrefix(h.Assigned, ownFile) && s.titles[h.Assigned] == nil
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
