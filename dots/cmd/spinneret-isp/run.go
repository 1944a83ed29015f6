package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"spinneret/dots/isp"
)

// runNode serves until ctx ends.
func runNode(ctx context.Context, c *call) error {
	config, err := isp.Load(c.config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(c.errOut, nil))
	node, err := isp.Open(ctx, isp.Options{Config: config, Log: log, Now: time.Now})
	if err != nil {
		return err
	}
	fmt.Fprintf(c.errOut, "ready coaps://%s %s\n", node.Address(), config.Socket)
	tellManager("READY=1")
	stop := context.AfterFunc(ctx, func() { tellManager("STOPPING=1") })
	defer stop()
	return node.Run(ctx)
}

// tellManager is sd_notify(3): systemd waits for the word where the unit has Type=notify. Without it nobody listens.
func tellManager(word string) {
	conn, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(word))
}

// checkConfig tells what is wrong with a configuration.
func checkConfig(_ context.Context, c *call) error {
	if _, err := isp.Load(c.config); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is right\n", c.config)
	return nil
}

func version(_ context.Context, c *call) error {
	_, err := fmt.Fprintln(c.out, "spinneret-isp", isp.Version())
	return err
}
