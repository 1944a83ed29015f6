package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a JetStream key-value bucket whose content is also held in memory: reads cost nothing, and a change on any
// node reaches all of them.
type Bucket[T any] struct {
	kv      jetstream.KeyValue
	watcher jetstream.KeyWatcher

	mu      sync.Mutex
	entries map[string]entry[T]
	gone    map[string]uint64     // the revision of what we took out, until the watcher has told of that too
	changed func(key string, v T) // called after a change, without the lock
	wakeC   chan struct{}         // closed at the next change

	groupOf func(v T) string // nil where EachOf is not asked
	groups  map[string]map[string]bool
}

type entry[T any] struct {
	value    T
	revision uint64
}

// openBucket makes or opens a bucket and reads all of it; groupOf may be nil.
func openBucket[T any](ctx, life context.Context, js jetstream.JetStream, config jetstream.KeyValueConfig, groupOf func(v T) string) (*Bucket[T], error) {
	kv, err := js.CreateOrUpdateKeyValue(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the bucket %s: %w", config.Bucket, err)
	}
	b := &Bucket[T]{
		kv: kv, entries: map[string]entry[T]{}, gone: map[string]uint64{}, wakeC: make(chan struct{}), groupOf: groupOf, groups: map[string]map[string]bool{},
	}
	if b.watcher, err = kv.WatchAll(life); err != nil {
		return nil, fmt.Errorf("watch the bucket %s: %w", config.Bucket, err)
	}
	for {
		select {
		case e := <-b.watcher.Updates():
			if e == nil { // all that there was
				return b, nil
			}
			b.take(e)
		case <-ctx.Done():
			return nil, fmt.Errorf("read the bucket %s: %w", config.Bucket, ctx.Err())
		}
	}
}

// run follows the changes of all nodes until ctx ends.
func (b *Bucket[T]) run(ctx context.Context) error {
	for {
		select {
		case e, open := <-b.watcher.Updates():
			if !open {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("watch the bucket %s: %w", b.kv.Bucket(), jetstream.ErrConsumerDeleted)
			}
			if e != nil {
				b.take(e)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// take enters what the bucket says of a key.
func (b *Bucket[T]) take(e jetstream.KeyValueEntry) {
	var v T
	if e.Operation() != jetstream.KeyValuePut {
		b.drop(e.Key(), e.Revision())
		return
	}
	if err := json.Unmarshal(e.Value(), &v); err == nil { // what another version wrote and we cannot read is not there
		b.enter(e.Key(), v, e.Revision())
	}
}

func (b *Bucket[T]) enter(key string, v T, revision uint64) {
	b.mu.Lock()
	if max(b.entries[key].revision, b.gone[key]) >= revision {
		b.mu.Unlock()
		return
	}
	delete(b.gone, key)
	b.entries[key] = entry[T]{v, revision}
	if b.groupOf != nil {
		group := b.groupOf(v)
		if b.groups[group] == nil {
			b.groups[group] = map[string]bool{}
		}
		b.groups[group][key] = true
	}
	close(b.wakeC)
	b.wakeC = make(chan struct{})
	changed := b.changed
	b.mu.Unlock()
	if changed != nil {
		changed(key, v)
	}
}

// drop forgets a key that has no value later than this revision.
func (b *Bucket[T]) drop(key string, revision uint64) {
	b.mu.Lock()
	if b.gone[key] < revision {
		delete(b.gone, key)
	}
	e, there := b.entries[key]
	if !there || e.revision > revision {
		b.mu.Unlock()
		return
	}
	delete(b.entries, key)
	if b.groupOf != nil {
		group := b.groupOf(e.value)
		if delete(b.groups[group], key); len(b.groups[group]) == 0 {
			delete(b.groups, group)
		}
	}
	changed := b.changed
	b.mu.Unlock()
	if changed != nil {
		var none T
		changed(key, none)
	}
}

// goes remembers that a key is taken out at this revision: what the watcher still tells of it from before is not to bring
// it back.
func (b *Bucket[T]) goes(key string, revision uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.entries[key].revision == revision { // else the watcher has told of that already
		b.gone[key] = revision
	}
}

// OnChange sets what is called after a key got a new value, or with no value where it is gone, from whichever goroutine
// heard of it: it is to be quick.
func (b *Bucket[T]) OnChange(f func(key string, v T)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed = f
}

// Get returns the value of a key.
func (b *Bucket[T]) Get(key string) (v T, there bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, there := b.entries[key]
	return e.value, there
}

// Find is Get that asks NATS first: another node may have given it a value a moment ago.
func (b *Bucket[T]) Find(ctx context.Context, key string) (v T, there bool, err error) {
	if err := b.reload(ctx, key); err != nil {
		return v, false, err
	}
	v, there = b.Get(key)
	return v, there, nil
}

// Each calls f for every value until f returns false; f is not to call the bucket.
func (b *Bucket[T]) Each(f func(v T) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		if !f(e.value) {
			return
		}
	}
}

// EachOf is Each for the values of one group.
func (b *Bucket[T]) EachOf(group string, f func(v T) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key := range b.groups[group] {
		if !f(b.entries[key].value) {
			return
		}
	}
}

// Len is the number of keys.
func (b *Bucket[T]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

// Wait returns once ok says so of the value of a key, or ctx ends, which it reports.
func (b *Bucket[T]) Wait(ctx context.Context, key string, ok func(v T) bool) bool {
	for {
		b.mu.Lock()
		v, wake := b.entries[key].value, b.wakeC
		b.mu.Unlock()
		if ok(v) {
			return true
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return false
		}
	}
}
