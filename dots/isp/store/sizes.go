package store

import (
	"context"
	"fmt"
)

// Size is how much a part of the store holds.
type Size struct {
	Part    string // what is in it
	Entries uint64
	Bytes   uint64 // on disk, of each replica
}

// Sizes tells how much is kept, part by part.
func (s *Store) Sizes(ctx context.Context) (list []Size, err error) {
	for _, part := range []struct {
		name string
		size func(context.Context) (Size, error)
	}{{"homes", s.Homes.size}, {"sessions", s.Sessions.size}, {"requests", s.Requests.size}, {"mailboxes", s.mailSize}} {
		size, err := part.size(ctx)
		if err != nil {
			return nil, fmt.Errorf("measure the store: %w", err)
		}
		size.Part = part.name
		list = append(list, size)
	}
	return list, nil
}

func (b *Bucket[T]) size(ctx context.Context) (Size, error) {
	status, err := b.kv.Status(ctx)
	if err != nil {
		return Size{}, err
	}
	return Size{Entries: uint64(b.Len()), Bytes: status.Bytes()}, nil
}

func (s *Store) mailSize(ctx context.Context) (Size, error) {
	info, err := s.mail.Info(ctx)
	if err != nil {
		return Size{}, err
	}
	return Size{Entries: info.State.Msgs, Bytes: info.State.Bytes}, nil
}
