package shelf

import (
	"errors"
	"slices"
	"time"

	"spinneret/mud"
)

// ErrManyDevices is why a device was given nothing.
var ErrManyDevices = errors.New("there are 256 devices with makers' descriptions already: remove one")

// holder finds a device or makes room for it.
func (s *Shelf) holder(mac MAC) (*Holder, error) {
	if h := s.holders[mac]; h != nil {
		return h, nil
	}
	if len(s.holders) >= MaxHolders && !s.forget(func(*Holder) bool { return false }) {
		return nil, ErrManyDevices
	}
	h := &Holder{Mode: Watch}
	s.holders[mac] = h
	return h, nil
}

// said tells whether the owner said anything of a device.
func (h *Holder) said() bool { return h.Chosen || h.Strict || h.Assigned != "" }

// forget removes a device of which the owner never said anything, and that need not stay.
func (s *Shelf) forget(stays func(*Holder) bool) bool {
	for mac, h := range s.holders {
		if !h.said() && !stays(h) {
			delete(s.holders, mac)
			s.evicted++
			return true
		}
	}
	return false
}

// Assign is the owner's word that a device has the title at a URL. What the device itself names counts no more.
func (s *Shelf) Assign(mac MAC, u mud.URL) error {
	return s.assign(mac, u.Key(), func() *Title { return &Title{URL: u} })
}

// ownFile begins the keys of the owner's files.
const ownFile = "file-"

// AssignFile gives a device a file of the owner's. He agreed to all that is in it.
func (s *Shelf) AssignFile(mac MAC, c *Copy) error {
	return s.assign(mac, ownFile+c.Digest, func() *Title { return &Title{URL: c.file.URL, Own: true, Current: c} })
}

func (s *Shelf) assign(mac MAC, key string, title func() *Title) error {
	h, err := s.holder(mac)
	if err != nil {
		return err
	}
	if s.titles[key] == nil {
		t := title()
		if t.Current != nil {
			if err := s.room(t.Current); err != nil {
				return err
			}
		}
		if err := s.add(key, t); err != nil {
			return err
		}
	}
	s.titles[key].Next = time.Time{} // the owner does not wait
	if !h.Chosen {
		h.Mode = Enforce
	}
	h.Assigned = key
	s.drop()
	s.changed()
	return nil
}

// SetMode is the owner's word what is done about a device.
func (s *Shelf) SetMode(mac MAC, m Mode, now time.Time) error {
	h, err := s.holder(mac)
	if err != nil {
		return err
	}
	h.Mode, h.Chosen = m, true
	s.take(h, now)
	s.changed()
	return nil
}

// SetStrict is the owner's word how a device's description is read.
func (s *Shelf) SetStrict(mac MAC, strict bool) error {
	h, err := s.holder(mac)
	if err != nil {
		return err
	}
	h.Strict = strict
	s.changed()
	return nil
}

// Inherit gives a device what the owner said of another, and what that named: it is the same one under a new MAC. What
// was said of it itself stays, and so does what the other has.
func (s *Shelf) Inherit(from, to MAC, now time.Time) error {
	old := s.holders[from]
	if old == nil || from == to {
		return nil
	}
	h, err := s.holder(to)
	if err != nil {
		return err
	}
	if !h.said() {
		h.Mode, h.Chosen, h.Strict, h.Assigned = old.Mode, old.Chosen, old.Strict, old.Assigned
	}
	if h.Heard == (mud.URL{}) {
		h.Heard, h.HeardBy = old.Heard, old.HeardBy
	}
	s.take(h, now)
	s.changed()
	return nil
}

// Remove takes back what the owner said of a device. What it names itself counts again.
func (s *Shelf) Remove(mac MAC, now time.Time) {
	h := s.holders[mac]
	if h == nil {
		return
	}
	h.Mode, h.Chosen, h.Strict, h.Assigned, h.Declined = Watch, false, false, "", nil
	if h.key() == "" {
		delete(s.holders, mac)
	}
	s.take(h, now)
	s.drop()
	s.changed()
}

// Forget forgets a device, with what the owner said of it.
func (s *Shelf) Forget(mac MAC) {
	if s.holders[mac] == nil {
		return
	}
	delete(s.holders, mac)
	s.drop()
	s.changed()
}

// drop removes the owner's files that no device has any more: nobody can ask for them again.
func (s *Shelf) drop() {
	for key, t := range s.titles {
		if t.Own && !s.wanted(key) {
			delete(s.titles, key)
		}
	}
}

// AcceptURL lets the device have the URL that it named later.
func (s *Shelf) AcceptURL(mac MAC, now time.Time) {
	h := s.holders[mac]
	if h == nil || h.Proposed == (mud.URL{}) {
		return
	}
	h.Heard, h.HeardBy = h.Proposed, h.ProposedBy
	h.Proposed, h.Trial = mud.URL{}, false
	h.First = nil // the owner's word is worth a look
	s.take(h, now)
	s.changed()
}

// DeclineURL leaves a device what it has, and does not ask again about that URL.
func (s *Shelf) DeclineURL(mac MAC) {
	h := s.holders[mac]
	if h == nil || h.Proposed == (mud.URL{}) {
		return
	}
	h.Declined = append(h.Declined, h.Proposed.String())
	h.Declined = slices.Clone(h.Declined[max(0, len(h.Declined)-maxDeclined):])
	h.Proposed, h.Trial = mud.URL{}, false
	s.revision++
}
