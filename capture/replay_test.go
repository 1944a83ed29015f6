package capture_test

import (
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"spinneret/capture"
	"spinneret/capture/names"
	"spinneret/capture/packet"
	"spinneret/capture/pcapfile"
	"spinneret/openwrt/lab/expect"
)

// TestSharedCaptures replays each capture of SPINNERET_TESTDATA and checks what holds for any home: routers are
// no devices, and the sums of the devices are those of their flows and of the frames with their MAC.
func TestSharedCaptures(t *testing.T) {
	err := filepath.WalkDir(expect.ThirdParty(t, "pcap"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".pcap" {
			t.Run(filepath.Base(filepath.Dir(path))+"/"+filepath.Base(path), func(t *testing.T) { replay(t, path) })
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sums are bytes by MAC.
type sums struct{ tx, rx map[packet.MAC]uint64 }

func newSums() sums { return sums{map[packet.MAC]uint64{}, map[packet.MAC]uint64{}} }

func replay(t *testing.T, path string) {
	home, err := pcapfile.Survey(t.Context(), pcapfile.SurveyConfig{}, path)
	if err != nil {
		t.Fatal(err)
	}
	src, err := pcapfile.OpenMerged(0, path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	// Room for every forged source of the flood among the captures: nothing is evicted, so sums can be compared.
	table := capture.NewTable(capture.Limits{Flows: 100000, Devices: 1024})
	table.SetHome(home)
	store, wire := names.NewStore(), newSums()
	err = capture.Run(t.Context(), src, table, store.Observe, func(p *packet.Packet, _, _ packet.MAC) {
		wire.tx[p.SrcMAC] += uint64(p.Length)
		wire.rx[p.DstMAC] += uint64(p.Length)
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, home, table, wire)
	for _, n := range store.Append(nil) {
		if n.Name == "" || !n.Addr.IsValid() {
			t.Errorf("name %+v", n)
		}
	}
}

func check(t *testing.T, home *capture.Home, table *capture.Table, wire sums) {
	flows := newSums()
	for _, f := range table.AppendFlows(nil, nil) {
		flows.tx[f.Device] += f.TxBytes
		flows.rx[f.Device] += f.RxBytes
		if !f.Peer.IsZero() {
			flows.tx[f.Peer] += f.RxBytes
			flows.rx[f.Peer] += f.TxBytes
		}
	}
	for _, d := range table.AppendDevices(nil) {
		if slices.Contains(home.RouterMACs, d.MAC) {
			t.Errorf("the router %s is a device", d.MAC)
		}
		if d.TxBytes != wire.tx[d.MAC] || d.RxBytes != wire.rx[d.MAC] {
			t.Errorf("%s: tx %d rx %d, on the wire tx %d rx %d", d.MAC, d.TxBytes, d.RxBytes, wire.tx[d.MAC], wire.rx[d.MAC])
		}
		// A gateway that nobody told us of passes on other devices' flows.
		if d.TxBytes < flows.tx[d.MAC] || d.RxBytes < flows.rx[d.MAC] {
			t.Errorf("%s: tx %d rx %d, in its flows tx %d rx %d", d.MAC, d.TxBytes, d.RxBytes, flows.tx[d.MAC], flows.rx[d.MAC])
		}
	}
}
