package lab

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// Uploads sends to a name over HTTPS without end: chunks of size bytes, one each t.
func Uploads(name string, size int, t time.Duration) Habit {
	return func(ctx context.Context, d *Device) error {
		client := d.Client(ctx)
		defer client.CloseIdleConnections()
		body := &paced{ctx: ctx, chunk: make([]byte, size), every: t}
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://"+name+"/", body)
		if err != nil {
			return err
		}
		return finish(client.Do(request))
	}
}

// paced is a body that gives one chunk at a time for an hour or until its context ends.
type paced struct {
	ctx   context.Context
	chunk []byte
	every time.Duration
	rest  []byte // of the chunk that is being read
	given int
}

func (p *paced) Read(to []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.given == int(time.Hour/p.every) || !pause(p.ctx, p.every) {
			return 0, io.EOF
		}
		p.rest = p.chunk
		p.given++
	}
	n := copy(to, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Streams fetches size bytes from a name over one HTTPS connection, each t, as players fetch segments.
func Streams(name string, size int, t time.Duration) Habit {
	return func(ctx context.Context, d *Device) error {
		client := d.Client(ctx)
		defer client.CloseIdleConnections()
		return every(t, func(ctx context.Context, _ *Device) error {
			return get(ctx, client, name, size)
		})(ctx, d)
	}
}

// Fetches gets up to size bytes from one of the names, each time over a new HTTPS connection, each t.
func Fetches(size int, t time.Duration, names ...string) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		client := d.Client(ctx)
		defer client.CloseIdleConnections()
		return get(ctx, client, names[rand.N(len(names))], size/4+rand.N(size))
	})
}

// Browses opens a page of one of the names, with what belongs to it from a few others, each t.
func Browses(t time.Duration, names ...string) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		client := d.Client(ctx)
		defer client.CloseIdleConnections()
		for range 1 + rand.N(4) {
			if err := get(ctx, client, names[rand.N(len(names))], 4000+rand.N(40_000)); err != nil {
				return err
			}
			if !pause(ctx, rand.N(time.Second)) {
				return nil
			}
		}
		return nil
	})
}

// Reports puts size bytes to a name over HTTPS, each t over a new connection.
func Reports(name string, size int, t time.Duration) Habit {
	return every(t, func(ctx context.Context, d *Device) error {
		client := d.Client(ctx)
		defer client.CloseIdleConnections()
		body := io.LimitReader(zeros{}, int64(size))
		request, err := http.NewRequestWithContext(ctx, http.MethodPut, "https://"+name+"/", body)
		if err != nil {
			return err
		}
		return finish(client.Do(request))
	})
}

func get(ctx context.Context, client *http.Client, name string, size int) error {
	url := fmt.Sprintf("https://%s/?bytes=%d", name, size)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return finish(client.Do(request))
}

// finish reads the answer to its end.
func finish(r *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.Copy(io.Discard, r.Body)
	return err
}

// zeros is a reader without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
