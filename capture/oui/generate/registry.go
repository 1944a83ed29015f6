package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// row is one assignment.
type row struct {
	prefix uint64
	bits   int
	owner  string
}

func readFile(path string) ([]row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := readRows(file)
	if err != nil {
		return nil, fmt.Errorf("read registry %q: %w", path, err)
	}
	return rows, nil
}

// readRows reads the columns registry, assignment and organization, below a line with their names. It leaves out
// who asked not to be named, and blocks that the IEEE itself divides further.
func readRows(in io.Reader) ([]row, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = 4
	if _, err := r.Read(); err != nil {
		return nil, err
	}
	var rows []row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		prefix, err := strconv.ParseUint(fields[1], 16, 36)
		if err != nil {
			return nil, fmt.Errorf("assignment %q: %w", fields[1], err)
		}
		if owner := fields[2]; owner != "Private" && owner != "IEEE Registration Authority" {
			rows = append(rows, row{prefix: prefix, bits: 4 * len(fields[1]), owner: owner})
		}
	}
}
