package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Each home has a subject of its own.
const (
	mailPrefix   = "spinneret.mailbox."
	mailSubjects = mailPrefix + "*"
	wakePrefix   = "spinneret.wake." // then the home: a letter is there. The letter itself may pass before it is kept.
)

// ErrMailbox is what a mailbox says that holds as many letters as it may.
var ErrMailbox = errors.New("too much waits for this home already: withdraw some of it, or wait")

// Post puts a letter into the mailbox of a home, where it stays until it is done with or its time is over. What counts
// no more makes room for it.
func (s *Store) Post(ctx context.Context, home string, l Letter, ttl time.Duration) error {
	err := s.post(ctx, home, l, ttl)
	if !errors.Is(err, ErrMailbox) {
		return err
	}
	if tidied, err := s.tidy(ctx, home); err != nil || !tidied {
		return errors.Join(ErrMailbox, err)
	}
	return s.post(ctx, home, l, ttl)
}

// tidy takes letters out that are about requests which are over, or of which a later one tells, and reports whether
// there were any.
func (s *Store) tidy(ctx context.Context, home string) (found bool, err error) {
	kept := map[string]Letter{} // by request
	for after := uint64(0); ; {
		l, there, err := s.Next(ctx, home, after)
		if err != nil || !there {
			return found, err
		}
		if after = l.Seq; l.Request == "" {
			continue
		}
		r, there, err := s.Requests.Find(ctx, l.Request)
		if err != nil {
			return found, err
		}
		old, out := kept[l.Request]
		if !there || r.At(s.o.Now()).Over() {
			old, out = l, true
		} else {
			kept[l.Request] = l
		}
		if !out {
			continue
		}
		if err := s.Done(ctx, old); err != nil {
			return found, err
		}
		found = true
	}
}

func (s *Store) post(ctx context.Context, home string, l Letter, ttl time.Duration) error {
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	ttl = max(ttl.Round(time.Second), time.Second)
	_, err = s.js.PublishMsg(ctx, &nats.Msg{Subject: mailPrefix + home, Data: data}, jetstream.WithMsgTTL(ttl))
	var api *jetstream.APIError
	if errors.As(err, &api) && strings.HasPrefix(api.Description, "maximum messages per subject") {
		return ErrMailbox
	}
	if err != nil {
		return fmt.Errorf("post a letter to %s: %w", home, err)
	}
	if err := s.nc.Publish(wakePrefix+home, nil); err != nil { // it is kept: the next look finds it
		s.o.Log.Warn("a home could not be woken", "home", home, "err", err)
	}
	return nil
}

// Next is the first letter to a home after the place after.
func (s *Store) Next(ctx context.Context, home string, after uint64) (l Letter, there bool, err error) {
	raw, err := s.mail.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(mailPrefix+home))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return l, false, nil
	}
	if err != nil {
		return l, false, fmt.Errorf("look into the mailbox of %s: %w", home, err)
	}
	if err := json.Unmarshal(raw.Data, &l); err != nil {
		l = Letter{} // of another version: nothing that we know to do
	}
	l.Seq = raw.Sequence
	return l, true, nil
}

// Addressees lists the homes that have letters.
func (s *Store) Addressees(ctx context.Context) (homes []string, err error) {
	info, err := s.mail.Info(ctx, jetstream.WithSubjectFilter(mailSubjects))
	if err != nil {
		return nil, fmt.Errorf("look into the mailboxes: %w", err)
	}
	for subject := range info.State.Subjects {
		homes = append(homes, strings.TrimPrefix(subject, mailPrefix))
	}
	return homes, nil
}

// Done takes a letter out of its mailbox.
func (s *Store) Done(ctx context.Context, l Letter) error {
	err := s.mail.DeleteMsg(ctx, l.Seq)
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) && !gone(err) {
		return fmt.Errorf("take a letter out of its mailbox: %w", err)
	}
	return nil
}

// gone reports whether a letter ended by its own time.
func gone(err error) bool {
	return errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful)
}

// Listen calls f with the name of each home that gets a letter, until the store is closed. A letter may be missed
// while NATS is out of reach: who listens asks for Addressees from time to time, too.
func (s *Store) Listen(f func(home string)) error {
	_, err := s.nc.Subscribe(wakePrefix+"*", func(m *nats.Msg) { f(strings.TrimPrefix(m.Subject, wakePrefix)) })
	if err != nil {
		return fmt.Errorf("listen for letters: %w", err)
	}
	return nil
}
