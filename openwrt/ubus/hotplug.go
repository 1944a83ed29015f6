package ubus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// scriptTime bounds all scripts of one event together: sending mail takes seconds.
const scriptTime = 20 * time.Second

// Hotplug runs the scripts that people put into a folder of /etc/hotplug.d.
type Hotplug struct{ program, dir, name string }

// NewHotplug returns the scripts of /etc/hotplug.d/NAME. The given program and the folder above stand in for
// /sbin/hotplug-call and /etc/hotplug.d, "" for these.
func NewHotplug(program, dir, name string) Hotplug {
	return Hotplug{cmp.Or(program, "/sbin/hotplug-call"), cmp.Or(dir, "/etc/hotplug.d") + "/" + name, name}
}

// Listening reports whether there is any script now.
func (h Hotplug) Listening() bool {
	list, err := os.ReadDir(h.dir)
	return err == nil && len(list) > 0
}

// Call runs the scripts one after the other with env ("NAME=value") and PATH as all their environment. What they
// print is dropped. They get scriptTime.
func (h Hotplug) Call(ctx context.Context, env []string) error {
	ctx, cancel := context.WithTimeout(ctx, scriptTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, h.program, h.name)
	cmd.WaitDelay = exitTime
	cmd.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, env...)
	var complaint limited
	cmd.Stderr = &complaint
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case complaint.buf.Len() > 0:
		err = errors.Join(err, fmt.Errorf("it said %.100q", complaint.buf.String()))
	}
	return fmt.Errorf("run the scripts in %s: %w", h.dir, err)
}
