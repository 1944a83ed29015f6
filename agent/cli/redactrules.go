package cli

import (
	"encoding/hex"
	"net"
	"strings"
)

// makersSets are what the names of those sets begin with that go on with a maker's words: they tell what devices a
// home has.
var makersSets = []string{"mud_name", "mud_below", "mud_maker", "mud_model", "mud_class"}

// rules redacts what nft lists of our tables, where MACs stand in names without their colons, and sets are called after
// far ends.
func (r *redactor) rules(text string) string {
	var b strings.Builder
	ofMaker := false
	for line := range strings.Lines(replaced(text, r.bareMAC)) {
		word := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(word, "set "):
			ofMaker = isMakersSet(strings.TrimPrefix(word, "set "))
		case word == "}":
			ofMaker = false
		case ofMaker && strings.HasPrefix(word, "comment "):
			line = "\t\tcomment …\n"
		}
		b.WriteString(replaced(line, r.setName))
	}
	return b.String()
}

func isMakersSet(name string) bool {
	for _, head := range makersSets {
		if strings.HasPrefix(name, head) {
			return true
		}
	}
	return false
}

// setName takes the name of a set that holds a maker's words.
func (r *redactor) setName(s string, at int) (int, string) {
	if at > 0 && isWord(s[at-1]) || !isMakersSet(s[at:]) {
		return 0, ""
	}
	name := s[at:]
	if end := strings.IndexAny(name, " \t\n{},;\""); end >= 0 {
		name = name[:end]
	}
	return len(name), r.pseudonym("set", name)
}

// bareMAC takes twelve digits in the name of a chain or the prefix of a log, as in mud_from_020000000001 and
// "mud 020000000001 to-device". Elsewhere they are a number.
func (r *redactor) bareMAC(s string, at int) (int, string) {
	const length = len("020000000001")
	to := at + length
	if to > len(s) || to < len(s) && isWord(s[to]) || !strings.HasSuffix(s[:at], "_") && !strings.HasSuffix(s[:at], `"mud `) {
		return 0, ""
	}
	mac, err := hex.DecodeString(s[at:to])
	if err != nil {
		return 0, ""
	}
	return length, r.pseudonym("mac", net.HardwareAddr(mac).String())
}
