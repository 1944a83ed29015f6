package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Bounds of a call to the running program.
const (
	callTime  = 20 * time.Second
	maxAnswer = 512 << 20 // bytes: a million homes have 350 each
)

// ask calls the API of the running program and reads its answer into v. With -json the answer is printed as it is,
// and done is true.
func (c *call) ask(ctx context.Context, method, path string, body, v any) (done bool, err error) {
	data, err := c.fetch(ctx, method, path, body)
	if err != nil {
		return false, err
	}
	if c.json {
		_, err := c.out.Write(data)
		return true, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return false, nil
}

func (c *call) fetch(ctx context.Context, method, path string, body any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://localhost/api/v1/"+path, payload)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", c.socket)
	}}}
	answer, err := client.Do(request)
	var refused *net.OpError
	if errors.As(err, &refused) && refused.Op == "dial" {
		return nil, fmt.Errorf("nothing serves %s (%w): start spinneret-isp run, or say -socket PATH", c.socket, refused.Err)
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err == nil && len(data) > maxAnswer {
		err = errors.New("it is too long: ask for less")
	}
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode < 300 {
		return data, nil
	}
	var problem struct{ Detail string }
	if json.Unmarshal(data, &problem) != nil || problem.Detail == "" {
		return nil, fmt.Errorf("the answer is %s", answer.Status)
	}
	return nil, errors.New(problem.Detail)
}
