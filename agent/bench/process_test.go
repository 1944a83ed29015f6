package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"spinneret/openwrt/lab"
)

// process is a program that is measured.
type process struct {
	pid  int
	stop func()
}

// cpu is what the process and its children have taken of the processors so far.
func (p process) cpu(t testing.TB) (total time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 (proc_pid_stat(5))
	for _, pid := range p.family() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // a child that is gone
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')'):]))
		for _, f := range fields[12:14] { // utime and stime
			n, err := strconv.ParseUint(f, 10, 63)
			if err != nil {
				t.Fatal(err)
			}
			total += time.Duration(n) * tick
		}
	}
	return total
}

// family is the process and its children: uacctd does its work in two.
func (p process) family() []int {
	pids := []int{p.pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", p.pid)) // the pattern is good
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that is gone
		}
		for _, f := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(f); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

const peerGroup = 5 // of nflog

// startPeer runs a program that reads peerGroup, of every packet that is forwarded, until it is stopped.
func startPeer(t testing.TB, home *lab.Home, name string, args ...string) process {
	t.Helper()
	router := home.Router()
	cmd := router.Command(context.Background(), name, args...)
	if err := router.Start(cmd); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for !listening(t, router) {
		if time.Now().After(deadline) {
			_ = cmd.Process.Kill()
			t.Fatalf("%s does not listen: %v", name, cmd.Wait())
		}
		time.Sleep(10 * time.Millisecond)
	}
	nft(t, router, fmt.Sprintf("table inet peer { chain f { type filter hook forward priority filter - 1; policy accept;\n log group %d snaplen 96 queue-threshold 64\n }\n }", peerGroup))
	p := process{pid: cmd.Process.Pid}
	p.stop = func() {
		nft(t, router, "delete table inet peer")
		for _, pid := range p.family() {
			_ = syscall.Kill(pid, syscall.SIGKILL) // uacctd waits for a packet before it heeds a milder signal
		}
		_ = cmd.Wait() // it was killed
	}
	return p
}

// listening reports whether somebody has peerGroup.
func listening(t testing.TB, ns *lab.NS) (found bool) {
	t.Helper()
	err := ns.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/netfilter/nfnetlink_log")
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			found = found || len(f) > 0 && f[0] == strconv.Itoa(peerGroup)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// startUacctd counts every packet by both ends, in memory, as pmacct's manual begins.
func startUacctd(t testing.TB, home *lab.Home) process {
	dir := t.TempDir()
	return startPeer(t, home, "uacctd", "-f", written(t, dir, "uacctd.conf", fmt.Sprintf(
		"daemonize: false\nuacctd_group: %d\nplugins: memory\naggregate: src_host,dst_host,src_port,dst_port,proto\nimt_path: %s/pipe\npidfile: %s/pid\n",
		peerGroup, dir, dir)))
}

// startUlogd writes a line for every packet, as Debian's ulogd.conf does, but to /dev/null.
func startUlogd(t testing.TB, home *lab.Home) process {
	dir := t.TempDir()
	plugins, err := filepath.Glob("/usr/lib/*/ulogd")
	if err != nil || len(plugins) == 0 {
		t.Fatalf("no plugins of ulogd: %v", err)
	}
	text := "[global]\nlogfile=\"/dev/null\"\nloglevel=3\n"
	for _, p := range []string{"inppkt_NFLOG", "raw2packet_BASE", "filter_IFINDEX", "filter_IP2STR", "filter_PRINTPKT", "output_LOGEMU"} {
		text += fmt.Sprintf("plugin=\"%s/ulogd_%s.so\"\n", plugins[0], p)
	}
	text += fmt.Sprintf("stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX,ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU\n[log1]\ngroup=%d\n[emu1]\nfile=\"/dev/null\"\nsync=0\n", peerGroup)
	return startPeer(t, home, "ulogd", "-c", written(t, dir, "ulogd.conf", text), "-p", filepath.Join(dir, "pid"))
}

func written(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
