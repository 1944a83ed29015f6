package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// helpHome runs the whole household, prints its namespaces and waits to be killed.
func helpHome() {
	h, err := Start(context.Background(), Options{Dir: os.Getenv("SPINNERET_LAB_DIR")})
	if err != nil {
		panic(err)
	}
	all := []*NS{h.Router(), h.Internet()}
	for _, d := range h.Devices() {
		all = append(all, d.NS)
	}
	for _, n := range all {
		_ = n.Do(func() error {
			id, err := os.Readlink("/proc/thread-self/ns/net")
			fmt.Println(id)
			return err
		})
	}
	fmt.Println("up")
	select {}
}

// processesNaming counts the processes whose command line names a directory.
func processesNaming(t *testing.T, dir string) (count int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		line, err := os.ReadFile(path)
		if err == nil && pid != os.Getpid() && strings.Contains(string(line), dir) {
			count++
		}
	}
	return count
}

func TestAKilledHomeLeavesNothingAndTheNextOneSweeps(t *testing.T) {
	dir := t.TempDir()
	cmd, lines := startHelper(t, "home", "SPINNERET_LAB_DIR="+dir)
	ids := map[string]bool{}
	for lines.Scan() && lines.Text() != "up" {
		ids[lines.Text()] = true
	}
	const daemons = 13 // dnsmasq and twelve DHCP clients
	if n := processesNaming(t, dir); len(ids) != 14 || n < daemons {
		t.Fatalf("the home has %d namespaces and %d processes, want 14 and %d", len(ids), n, daemons)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "no process is left", func() bool { return processesNaming(t, dir) == 0 })
	eventually(t, "no namespace is left", func() bool { return holders(t, ids) == 0 })

	h, err := Start(t.Context(), Options{Dir: dir, Devices: []Spec{}})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != filepath.Base(h.Dir()) {
		t.Errorf("in the directory is %v (%v), want the new home alone", left, err)
	}
}
