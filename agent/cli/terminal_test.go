package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestATerminalDoesNotShowThePassword types at a terminal of its own.
func TestATerminalDoesNotShowThePassword(t *testing.T) {
	keeper, socket := serveLogins(t)
	person, program := terminal(t)
	shown := &bytes.Buffer{}
	doneC := make(chan int, 1)
	go func() {
		p := Program{Name: "spinneret", Commands: ClientCommands(time.Now)}
		doneC <- p.Main(t.Context(), []string{"password", "-socket", socket}, IO{In: program, Out: program, Err: program})
	}()
	for _, question := range []string{"New password for the owner: ", "Once more: "} {
		see(t, person, shown, question)
		if _, err := person.WriteString(firstPassword + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	see(t, person, shown, "is set")
	if code := <-doneC; code != 0 {
		t.Errorf("exit %d", code)
	}
	if strings.Contains(shown.String(), "small") {
		t.Errorf("the terminal shows %q", shown)
	}
	if now, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS); err != nil || now.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal is left without echo, %v", err)
	}
	if _, err := logIn(t, keeper, "owner", firstPassword); err != nil {
		t.Error(err)
	}
}

// TestAnInterruptLeavesTheTerminalAsItWas ends the program while it waits for the password.
func TestAnInterruptLeavesTheTerminalAsItWas(t *testing.T) {
	_, socket := serveLogins(t)
	person, program := terminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	doneC := make(chan int, 1)
	go func() {
		p := Program{Name: "spinneret", Commands: ClientCommands(time.Now)}
		doneC <- p.Main(ctx, []string{"password", "-socket", socket}, IO{In: program, Out: program, Err: program})
	}()
	see(t, person, &bytes.Buffer{}, "New password")
	interrupt()
	if code := <-doneC; code != 1 {
		t.Errorf("exit %d", code)
	}
	if now, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS); err != nil || now.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal is left without echo, %v", err)
	}
}

// terminal makes a pseudoterminal (pty(7)): the person's end, and the program's.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

// see reads what the terminal shows until some words are there.
func see(t *testing.T, person *os.File, shown *bytes.Buffer, words string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	buf := make([]byte, 256)
	for !strings.Contains(shown.String(), words) {
		n, err := waiting{ctx, person}.Read(buf)
		if err != nil {
			t.Fatalf("the terminal shows %q, want %q: %v", shown, words, err)
		}
		shown.Write(buf[:n])
	}
}
