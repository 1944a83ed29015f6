package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// inUserNS marks the copy of the test program that already runs in namespaces of its own.
const inUserNS = "SPINNERET_LAB_USERNS"

// Main is for TestMain: it runs m (a *testing.M) where namespaces can be made. Without the rights for that
// it runs the whole test program again as root of a new user namespace. Where neither works the tests fail:
// it prints one line and exits 1. It does not return.
func Main(m interface{ Run() int }) {
	probe, err := NewNS("probe")
	switch {
	case err == nil:
		probe.Close()
		os.Exit(m.Run())
	case os.Getenv(inUserNS) != "":
		fail(err)
	default:
		os.Exit(again())
	}
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "lab: %v: run as root, or allow user namespaces (user.max_user_namespaces)\n", err)
	os.Exit(1)
}

// again runs this program with the same arguments as root of new user, network and mount namespaces and
// returns its exit code.
func again() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), inUserNS+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	if err := runForwarding(cmd); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			fail(err)
		}
		return max(exit.ExitCode(), 1) // -1 if a signal ended it
	}
	return 0
}

// runForwarding runs cmd as the child of a thread that lives as long, and hands it the signals that ask a
// test program to end (go test sends SIGQUIT on a timeout).
func runForwarding(cmd *exec.Cmd) error {
	signalC := make(chan os.Signal, 1)
	signal.Notify(signalC, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	defer signal.Stop(signalC)

	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	var s spawner
	if err := s.start(cmd.Start, cmd); err != nil {
		return err
	}
	defer s.close()
	doneC := make(chan error, 1)
	go func() { doneC <- cmd.Wait() }()
	for {
		select {
		case sig := <-signalC:
			_ = cmd.Process.Signal(sig) // gone meanwhile: doneC says so
		case err := <-doneC:
			return err
		}
	}
}
