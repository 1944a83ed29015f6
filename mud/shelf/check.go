package shelf

import (
	"time"

	"spinneret/mud"
	"spinneret/mud/fetch"
)

// When a server is asked (RFC 8520 3.5, and the clamp of draft-ietf-iotops-mud-acceptable-urls).
const (
	soonest    = time.Hour
	latest     = 30 * day
	backoff    = 15 * time.Minute // doubled with each failure
	backoffMax = day
	stale      = 30 * day // without an answer, after which it is an alarm

	// AtOnce is how many files are got at the same time.
	AtOnce = 4
)

// Check is how the looking for newer copies goes.
type Check struct {
	Version  fetch.Version // of the last copy received
	Asked    time.Time     // the last time
	Answered time.Time     // the last time that the server gave the file or said that it is the same; zero: never
	Next     time.Time     // when to ask again; zero is at once
	Failures int           // since then
	Why      string        // the last failure, "" where there is none
	Kind     fetch.Kind    // of it
	Told     int           // how bad the failure was told to be, not to say it twice
}

// Job is one file to get.
type Job struct {
	Key  string
	URL  mud.URL
	Have fetch.Version
	// Port is one beside 443 that the owner agreed to by assigning the URL; 0 for none.
	Port uint16
}

// Due lists what is to be got now, and takes it for under way. Without a clock no certificate can be checked, so all
// waits and what was verified before stays in force.
func (s *Shelf) Due(now time.Time, clockSet bool) (jobs []Job) {
	if !clockSet {
		return nil
	}
	s.wake(now)
	under := 0
	for _, t := range s.titles {
		if t.reach {
			under++
		}
	}
	for key, t := range s.titles {
		if under+len(jobs) >= AtOnce {
			break
		}
		if t.Own || t.reach || now.Before(t.Next) && t.Next.Sub(now) <= latest+day || !s.used(key) {
			continue // a time further away than any is from a clock that was wrong
		}
		t.reach, t.Asked = true, now
		s.revision++
		j := Job{Key: key, URL: t.URL}
		if t.Current != nil {
			j.Have = t.Version
		}
		if s.assigned(key) {
			j.Port = t.URL.Port()
		}
		jobs = append(jobs, j)
	}
	return jobs
}

func (s *Shelf) assigned(key string) bool {
	for _, h := range s.holders {
		if h.Assigned == key {
			return true
		}
	}
	return false
}

// wake spreads what an earlier run would have looked at meanwhile: after a restart nobody asks for all at once.
func (s *Shelf) wake(now time.Time) {
	if s.awake {
		return
	}
	s.awake = true
	for _, t := range s.titles {
		if t.Current != nil && !t.Next.IsZero() && !now.Before(t.Next) {
			t.Next = now.Add(s.some(backoff))
		}
	}
}

// used says whether a device is held to a title, or may be soon. What is switched off asks no server.
func (s *Shelf) used(key string) bool {
	for _, h := range s.holders {
		if h.Mode != Off && (h.key() == key || h.Trial && h.Proposed.Key() == key) {
			return true
		}
	}
	return false
}

// answered sets when to ask again after an answer. A file says how long nobody is to look, and its server may.
func (s *Shelf) answered(t *Title, now time.Time, maxAge time.Duration) {
	wait := max(maxAge, soonest)
	if t.Current != nil {
		wait = max(wait, t.Current.file.CacheValidity)
	}
	wait = min(wait, latest)
	t.Answered, t.Next = now, now.Add(wait+s.some(wait/10))
	t.Failures, t.Why, t.Kind, t.Told = 0, "", "", 0
	t.lost = [2]*Copy{}
}

// failed sets when to ask again after a failure.
func (s *Shelf) failed(t *Title, now time.Time, kind fetch.Kind, why string) {
	wait := backoffMax
	if t.Failures < 7 {
		wait = min(backoff<<t.Failures, backoffMax)
	}
	t.Next = now.Add(wait + s.some(wait/10))
	t.Failures++
	t.Kind, t.Why = kind, why
}

func (s *Shelf) some(d time.Duration) time.Duration { return time.Duration(float64(d) * s.jitter()) }
