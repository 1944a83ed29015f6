package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// maxAttempts is how often a change is tried while others change the same key.
const maxAttempts = 20

// Change gives a key the value that change makes of what is there (of the zero value where nothing is), whoever else
// changes it at the same time. An error of change ends it and is returned.
func (b *Bucket[T]) Change(ctx context.Context, key string, change func(v *T, there bool) error) (v T, err error) {
	for range maxAttempts {
		b.mu.Lock()
		e, there := b.entries[key]
		b.mu.Unlock()
		v = e.value
		if err := change(&v, there); err != nil {
			return v, err
		}
		revision, err := b.write(ctx, key, v, e.revision)
		if err == nil {
			b.enter(key, v, revision)
			return v, nil
		}
		if !conflict(err) {
			return v, fmt.Errorf("write %s to the bucket %s: %w", key, b.kv.Bucket(), err)
		}
		if err := b.reload(ctx, key); err != nil {
			return v, err
		}
	}
	return v, fmt.Errorf("write %s to the bucket %s: others kept changing it", key, b.kv.Bucket())
}

func (b *Bucket[T]) write(ctx context.Context, key string, v T, revision uint64) (uint64, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	if revision == 0 {
		return b.kv.Create(ctx, key, data)
	}
	return b.kv.Update(ctx, key, data, revision)
}

func conflict(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, jetstream.ErrKeyExists) || errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// reload reads one key anew: another node changed it, and its word did not reach us yet.
func (b *Bucket[T]) reload(ctx context.Context, key string) error {
	b.mu.Lock()
	known := b.entries[key].revision
	b.mu.Unlock()
	e, err := b.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		b.drop(key, known)
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s of the bucket %s: %w", key, b.kv.Bucket(), err)
	}
	b.take(e)
	return nil
}

// Remove takes a key out whose value is still as ok wants it: what another made of it meanwhile stays.
func (b *Bucket[T]) Remove(ctx context.Context, key string, ok func(v T) bool) error {
	b.mu.Lock()
	e, there := b.entries[key]
	b.mu.Unlock()
	if !there || !ok(e.value) {
		return nil
	}
	b.goes(key, e.revision)
	err := b.kv.Purge(ctx, key, jetstream.LastRevision(e.revision))
	if conflict(err) {
		return b.reload(ctx, key)
	}
	if err != nil {
		return fmt.Errorf("remove %s from the bucket %s: %w", key, b.kv.Bucket(), err)
	}
	b.drop(key, e.revision)
	return nil
}
