package pcapfile

import (
	"io/fs"
	"path/filepath"

	"spinneret/capture/packet"
)

// Walk hands the packets of every capture (*.pcap) under dir to visit, one file after the other. When visit is false
// the rest of that file is left out, as is what follows a packet that cannot be read. The Packet and its Payload are
// reused: visit must not keep them.
func Walk(dir string, visit func(path string, p *packet.Packet) bool) error {
	return filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".pcap" {
			return err
		}
		return walkFile(path, visit)
	})
}

func walkFile(path string, visit func(string, *packet.Packet) bool) error {
	r, err := Open(path)
	if err != nil {
		return err
	}
	var p packet.Packet
	for r.Next(&p) == nil && visit(path, &p) {
	}
	return r.Close()
}
