package learned

import (
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// The shapes of a MUD file, in the order in which people read one.
type (
	document struct {
		MUD  container `json:"ietf-mud:mud"`
		ACLs struct {
			List []acl `json:"acl"`
		} `json:"ietf-access-control-list:acls"`
	}
	container struct {
		Version    int    `json:"mud-version"`
		URL        string `json:"mud-url"`
		LastUpdate string `json:"last-update"`
		Validity   int    `json:"cache-validity"`
		Supported  bool   `json:"is-supported"`
		SystemInfo string `json:"systeminfo"`
		From       policy `json:"from-device-policy"`
		To         policy `json:"to-device-policy"`
	}
	policy struct {
		Lists struct {
			List []named `json:"access-list"`
		} `json:"access-lists"`
	}
	named struct {
		Name string `json:"name"`
	}
	acl struct {
		Name string `json:"name"`
		Type string `json:"type"`
		ACEs struct {
			List []ace `json:"ace"`
		} `json:"aces"`
	}
	ace struct {
		Name    string         `json:"name"`
		Matches map[string]any `json:"matches"`
		Actions struct {
			Forwarding string `json:"forwarding"`
		} `json:"actions"`
	}
)

// validity is how long nobody need look for a newer file, in hours: the most there is. It is on no server.
const validity = 168

// file writes what the lines allow: four lists, of each direction and family.
func (s *sorter) file() ([]byte, error) {
	var d document
	d.MUD = container{
		Version: 1, URL: s.url(), LastUpdate: s.watch.Till.UTC().Format(time.RFC3339), Validity: validity,
		Supported: true, SystemInfo: shorten(s.watch.Device + ", learned from what it did"),
	}
	d.ACLs.List = []acl{}
	for _, from := range []bool{true, false} {
		policy, side := &d.MUD.From, "from"
		if !from {
			policy, side = &d.MUD.To, "to"
		}
		policy.Lists.List = []named{}
		for _, v4 := range []bool{true, false} {
			list := acl{Name: side + "-" + family(v4), Type: family(v4) + "-acl-type"}
			for i, l := range s.lines {
				if l.name == "" && l.v4 != v4 {
					continue
				}
				list.ACEs.List = append(list.ACEs.List, l.ace(side+strconv.Itoa(i+1), v4, from))
			}
			if len(list.ACEs.List) > 0 {
				d.ACLs.List = append(d.ACLs.List, list)
				policy.Lists.List = append(policy.Lists.List, named{list.Name})
			}
		}
	}
	out, err := json.MarshalIndent(d, "", "\t") // two spaces would make a large one too large for us
	if err != nil {
		return nil, fmt.Errorf("write MUD file: %w", err)
	}
	return append(out, '\n'), nil
}

// url is one that nobody can have (RFC 2606 section 2): the file stands for this device alone, and is on no server.
func (s *sorter) url() string {
	return "https://learned.invalid/" + strings.ReplaceAll(net.HardwareAddr(s.watch.MAC[:]).String(), ":", "-")
}

func family(v4 bool) string {
	if v4 {
		return "ipv4"
	}
	return "ipv6"
}

// shorten keeps a text to the 60 characters of systeminfo (RFC 8520 section 3.7).
func shorten(text string) string {
	if r := []rune(text); len(r) > 60 {
		return string(r[:60])
	}
	return text
}
