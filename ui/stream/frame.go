package stream

import (
	"encoding/json"
	"fmt"
)

// Frames from server to client, beside snapshots, deltas and what is in focus. "t" stands first; times are Unix seconds.
type (
	helloFrame struct {
		T     string `json:"t"`
		V     int    `json:"v"`
		Epoch string `json:"epoch"`
		Seq   uint64 `json:"seq"`
		Now   int64  `json:"now"`
		Hz    int    `json:"hz"`
		Me    *int   `json:"me"`
	}
	byeFrame struct {
		T   string `json:"t"`
		Why string `json:"why"`
	}
)

func marshal(frame any) ([]byte, error) {
	data, err := json.Marshal(frame)
	if err != nil {
		return nil, fmt.Errorf("write frame: %w", err)
	}
	return data, nil
}
