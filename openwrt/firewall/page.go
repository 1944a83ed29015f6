package firewall

import (
	"errors"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

// setPageFrom holds the interfaces from which the page can be reached.
const setPageFrom = "page_from"

const loopback = "lo"

// addPage adds the set and returns the rules of input. That the page listens on an address of the LAN keeps nobody
// out: whoever the router routes for reaches every address of the router, on whatever interface it is.
func (t *table) addPage(s State) []rule {
	if len(s.PagePorts) == 0 {
		return nil
	}
	t.addSet(names(setPageFrom, "who may open the page", sortedOnce(slices.Concat(lanNames(s.LAN), s.PageFrom, []string{loopback}))))
	list := slices.Clone(s.PagePorts)
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	t.addSet(ports(idPage, slices.Compact(list)))
	return []rule{say("the page is for the home", not(iifIn(setPageFrom)), protocol(unix.IPPROTO_TCP), destinationPortIn(idPage), drop())}
}

func (s State) validatePage() error {
	if len(s.PagePorts) > maxInterfaces || len(s.PageFrom) > maxInterfaces {
		return errors.New("too many ports of the page, or interfaces that may open it")
	}
	for _, name := range s.PageFrom {
		if err := validInterface(name); err != nil {
			return err
		}
	}
	return nil
}
