package wire

// The CBOR keys of RFC 9132 table 5 and RFC 9066 table 1 that are looked at by number. The others stand in the struct
// tags of the bodies.
const (
	keyMitigationScope = 1
	keyScope           = 2
	keyCDID            = 3
	keyCUID            = 4
	keyMID             = 5
	keyTargetPrefix    = 6
	keyTargetPorts     = 7
	keyLowerPort       = 8
	keyUpperPort       = 9
	keyProtocol        = 10
	keyFQDN            = 11
	keyURI             = 12
	keyAlias           = 13
	keyLifetime        = 14
	keyStart           = 15
	keyStatus          = 16
	keyConflict        = 17
	keyAttackStatus    = 29
	keySignalConfig    = 30
	keySID             = 31
	keyMitigating      = 32
	keyProbingRate     = 50
	keyIdle            = 44
	keyTrigger         = 45
	keyRedirected      = 46
	keyHeartbeat       = 49
	keyPeerStatus      = 51
	keySourcePrefix    = 32768
	keySourcePorts     = 32769
	keySourceICMP      = 32770
	keyLowerType       = 32771
	keyUpperType       = 32772
)

// required tells whether a receiver that does not know a key has to refuse the message (RFC 9132 section 10.6.1.1).
func required(key uint64) bool {
	return key < 128 || key >= 256 && key < 16384
}

// names of the keys that a refusal may have to name.
var names = map[uint64]string{
	keyCDID: "cdid", keyCUID: "cuid", keyMID: "mid", keyTargetPrefix: "target-prefix", keyTargetPorts: "target-port-range",
	keyLowerPort: "lower-port", keyUpperPort: "upper-port", keyProtocol: "target-protocol", keyFQDN: "target-fqdn",
	keyURI: "target-uri", keyAlias: "alias-name", keyLifetime: "lifetime", keyStart: "mitigation-start", keyStatus: "status",
	keyConflict: "conflict-information", keyAttackStatus: "attack-status", keySID: "sid", keyTrigger: "trigger-mitigation",
	keySourcePrefix: "source-prefix", keySourcePorts: "source-port-range", keySourceICMP: "source-icmp-type-range",
	keyLowerType: "lower-type", keyUpperType: "upper-type",
}
