package firewall

import (
	"encoding/hex"
	"strings"

	"spinneret/mud"
)

// Violation is what the prefix of a packet in the nflog group Log.Mud says: whose profile did not allow it.
type Violation struct {
	MAC       [6]byte
	Direction mud.Direction
	Mode      ProfileMode // Watch: it passed
}

// prefix is what is before each packet that is logged, such as "mud 02000000abcd from-device enforce".
func (v Violation) prefix() string {
	return strings.Join([]string{"mud", hex.EncodeToString(v.MAC[:]), string(v.Direction), string(v.Mode)}, " ")
}

// ParseViolation reads the prefix of a logged packet; ok is false if it is none of ours.
func ParseViolation(prefix string) (v Violation, ok bool) {
	words := strings.Split(strings.TrimRight(prefix, "\x00"), " ")
	if len(words) != 4 || words[0] != "mud" {
		return v, false
	}
	mac, err := hex.DecodeString(words[1])
	if err != nil || len(mac) != len(v.MAC) {
		return v, false
	}
	v = Violation{[6]byte(mac), mud.Direction(words[2]), ProfileMode(words[3])}
	direction := v.Direction == mud.FromDevice || v.Direction == mud.ToDevice
	return v, direction && (v.Mode == Watch || v.Mode == Enforce)
}
