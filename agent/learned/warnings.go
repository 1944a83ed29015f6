package learned

import (
	"fmt"
	"time"
)

const week = 7 * 24 * time.Hour

// warnings say what to think of the file.
func (s *sorter) warnings() []string {
	list := []string{s.howLong()}
	add := func(n int, one, several, rest string) {
		switch {
		case n == 1:
			list = append(list, "one "+one+rest)
		case n > 1:
			list = append(list, fmt.Sprintf("%d %s%s", n, several, rest))
		}
	}
	add(s.nameless, "entry is", "entries are", " of an address without a name: it may be somebody else's next month")
	add(s.open, "entry leaves", "entries leave", " the port open, because so many were used")
	add(s.callers, "connection", "connections", " came from the internet: nobody there may open one now; if somebody should, add an entry")
	add(s.strange, "connection was", "connections were", " not of IP: no such file can allow that, and inside the home all of it but ARP and EAPOL will be refused")
	if s.watch.More {
		list = append(list, "it did more than could be looked at: what it does rarely may be missing")
	}
	if len(s.lines) == 0 {
		list = append(list, "it used nothing but DNS and time of the router: that is all it may do now")
	}
	for _, l := range s.lines {
		if l.home {
			return append(list, "what it does inside the home is allowed with every device there, not only with those that it used")
		}
	}
	return list
}

func (s *sorter) howLong() string {
	d := s.watch.Till.Sub(s.watch.Since)
	if d <= 0 {
		return "nobody knows for how long it was watched: what it does seldom may be missing"
	}
	text := fmt.Sprintf("it was watched for %s", duration(d))
	if d < week {
		return text + " only: what it does less often, such as an update, is missing and will be refused"
	}
	return text + ": what it does less often may be missing and would be refused"
}

func duration(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	if d < 2*time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes()))
}
