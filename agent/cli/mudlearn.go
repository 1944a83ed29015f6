package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"spinneret/ui"
)

// learnMUD writes a description of what a device did, and says what to think of it.
func (c *client) learnMUD(ctx context.Context, std IO, path, out string) error {
	var learned ui.LearnedMUD
	body, err := c.get(ctx, path, &learned)
	if err != nil || c.json {
		return c.show(std.Out, body, err, nil)
	}
	var file bytes.Buffer
	if err := json.Indent(&file, learned.File, "", "\t"); err != nil {
		return fmt.Errorf("read the agent's answer: %w", err)
	}
	file.WriteByte('\n')
	if out != "" {
		err = writeNew(out, file.Bytes())
	} else {
		_, err = std.Out.Write(file.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write description: %w", err)
	}
	for _, w := range learned.Warnings {
		fmt.Fprintln(std.Err, printable(w))
	}
	if out == "" {
		return nil
	}
	_, err = fmt.Fprintf(std.Out, "%d entries in %s: look at it (spinneret mud check), then give it to the device (spinneret mud assign)\n", learned.Entries, printable(out))
	return err
}

// writeNew writes a file that is not there yet.
func writeNew(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(data)
	return err
}
