package e2e

import (
	"errors"
	"os"
	"strings"
	"testing"

	"spinneret/capture/nflog"
	"spinneret/openwrt/lab"
)

// TestALevelThatIsLostComesBack: somebody switches off what we count with, while a device uploads.
func TestALevelThatIsLostComesBack(t *testing.T) {
	home := quietHome(t)
	a := startAgent(t, home)
	a.counts()
	cam := home.Device("cam")
	upload := count(t, home, cam, "udp4")
	a.eventually("the upload has begun", func() bool { return upload.newest() > 0 }) // what begins uncounted stays so
	since := a.lastEvent()
	setSwitch(t, home.Router(), "nf_conntrack_acct", "0")
	lost := a.eventAfter(since, "capability", "now at capability level 0: net.netfilter.nf_conntrack_acct is 0")
	if lost.Severity != "warning" {
		t.Errorf("%s is a %s", lost.Text, lost.Severity)
	}
	a.eventAfter(lost.ID, "capability", "now at capability level 3")
	a.counts()
	uploaded := a.device(cam).TxBytes
	a.eventually("the upload is counted on", func() bool { return a.device(cam).TxBytes > uploaded })
}

func setSwitch(t *testing.T, ns *lab.NS, name, value string) {
	t.Helper()
	err := ns.Do(func() error { return os.WriteFile("/proc/sys/net/netfilter/"+name, []byte(value), 0) })
	if err != nil {
		t.Fatal(err)
	}
}

// TestNobodyTakesALogFromTheAgent: who comes second hears why, and the agent goes on. Where the agent comes second, it
// says that somebody is in the way, not that it lacks rights.
func TestNobodyTakesALogFromTheAgent(t *testing.T) {
	home := quietHome(t)
	ours := nflog.Config{Group: 1713, NetNS: home.Router().FD()}
	a := startAgent(t, home)
	a.counts()
	if _, err := nflog.Open(ours); !errors.Is(err, nflog.ErrBusy) {
		t.Errorf("another program wanted one of its logs, and was told %v", err)
	}
	count(t, home, home.Device("lamp"), "udp6")
	a.eventually("packets are seen on", func() bool { return len(a.flows(home.Device("lamp"))) > 0 })
	a.clean()
	other, err := nflog.Open(ours)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	late := prepare(t, home, nil)
	late.launch(nil)
	t.Cleanup(late.clean)
	if code := late.wait(); code != 1 || !strings.Contains(late.stderr.String(), "nflog group 1713: another program listens to it") {
		t.Errorf("exit code %d, it said %q", code, late.stderr.String())
	}
}
