package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// maxSecretLine bounds a line with a secret, in bytes.
const maxSecretLine = 1024

// readSecret reads a secret: at a terminal twice and unseen, else one line.
func readSecret(ctx context.Context, std IO, prompt string) (string, error) {
	f, ok := std.In.(*os.File)
	if !ok {
		return lineOf(bufio.NewReader(io.LimitReader(std.In, maxSecretLine+1)))
	}
	show, err := hide(int(f.Fd()))
	if err != nil { // no terminal
		return lineOf(bufio.NewReader(waiting{ctx, f}))
	}
	defer show()
	first, err := askUnseen(ctx, f, std.Err, prompt+": ")
	if err != nil {
		return "", err
	}
	second, err := askUnseen(ctx, f, std.Err, "Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two are not the same: try again")
	}
	return first, nil
}

// askUnseen prints a question and reads the answer, whose line feed was not shown either.
func askUnseen(ctx context.Context, f *os.File, to io.Writer, question string) (string, error) {
	fmt.Fprint(to, question)
	text, err := lineOf(bufio.NewReader(waiting{ctx, f}))
	fmt.Fprintln(to)
	return text, err
}

// hide turns a terminal's echo off; show turns it on again. It fails where there is no terminal.
func hide(fd int) (show func(), err error) {
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &hidden); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, before) }, nil // the terminal may be gone
}

// lineOf reads one line, without its end.
func lineOf(r *bufio.Reader) (string, error) {
	var line bytes.Buffer
	for {
		b, err := r.ReadByte()
		switch {
		case err == nil && b != '\n' && line.Len() < maxSecretLine:
			line.WriteByte(b)
			continue
		case err == nil && b != '\n':
			return "", fmt.Errorf("the line is longer than %d bytes: give the password alone", maxSecretLine)
		case err != nil && !errors.Is(err, io.EOF):
			return "", fmt.Errorf("read the password: %w", err)
		case err != nil && line.Len() == 0:
			return "", errors.New("no password was given: type one, or give one line on standard input")
		}
		return strings.TrimSuffix(line.String(), "\r"), nil
	}
}

// waiting reads a file that may never say anything, until ctx ends: an interrupt must not leave a terminal without
// echo, and the file's own Read would not notice it.
type waiting struct {
	ctx context.Context
	f   *os.File
}

const lookAround = 100 * time.Millisecond

func (w waiting) Read(p []byte) (int, error) {
	fds := []unix.PollFd{{Fd: int32(w.f.Fd()), Events: unix.POLLIN}}
	for w.ctx.Err() == nil {
		n, err := unix.Poll(fds, int(lookAround.Milliseconds()))
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, err
		}
		if n > 0 {
			return w.f.Read(p)
		}
	}
	return 0, errors.New("interrupted")
}
