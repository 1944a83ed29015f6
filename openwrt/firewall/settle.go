package firewall

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// anewLocked says which tables are to be made anew, by their names. In the others it marks what the kernel holds already,
// if nobody else has changed it since.
func (f *Firewall) anewLocked(tables []table, intact, settled bool, now time.Time) (anew []string) {
	for _, name := range ours {
		next, before := named(tables, name), named(f.tables, name)
		switch {
		case !intact || !reflect.DeepEqual(shapes(next), shapes(before)):
			anew = append(anew, name)
		case settled:
			keepSets(next, before, now)
		}
	}
	return anew
}

// settleLocked reads back what tells our tables from others, and whether ours was the only transaction since
// the generation before it: then of the tables that are not anew the known numbers hold.
func (f *Firewall) settleLocked(ctx context.Context, before uint32, anew []string, known fingerprint) error {
	settled := f.settled
	f.settled = 0
	generation, err := f.sockets.generation(ctx)
	if err != nil {
		return err
	}
	if generation == before+1 || generation == before && before == settled { // where nothing was to be changed
		f.settled = generation
	}
	if len(anew) == 0 {
		if f.settled != 0 && f.verified == before {
			f.verified = generation
		}
		return nil
	}
	numbers, unread := fingerprint{}, f.tables
	for _, name := range ours {
		if f.settled != 0 && known != nil && !slices.Contains(anew, name) {
			unread = slices.DeleteFunc(slices.Clone(unread), func(t table) bool { return t.name == name })
			known.copyTo(numbers, name)
		}
	}
	read, err := f.sockets.fingerprint(ctx, unread)
	f.harm.seen(errors.Is(err, errGone)) // in the blink of an eye since the transaction
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	maps.Copy(numbers, read)
	f.numbers, f.verified = numbers, generation
	f.log.Debug("built our tables", "tables", len(f.tables))
	return nil
}

// intactLocked says whether the kernel still holds the rules that the last Apply made.
func (f *Firewall) intactLocked(ctx context.Context) (bool, error) {
	if f.numbers == nil {
		return false, nil
	}
	generation, err := f.sockets.generation(ctx)
	if err != nil {
		return false, err
	}
	if generation == f.verified {
		return true, nil
	}
	numbers, err := f.sockets.fingerprint(ctx, f.tables)
	if errors.Is(err, errGone) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read back: %w", err)
	}
	if !numbers.equal(f.numbers) {
		return false, nil
	}
	f.verified = generation
	return true, nil
}
