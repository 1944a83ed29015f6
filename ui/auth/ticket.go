package auth

import "time"

// A ticket lets one browser in, once, soon. LuCI hands it over, which has asked for the router's password itself.
const (
	TicketLife = time.Minute
	maxTickets = 16
	luci       = "luci" // the user who came with a ticket
)

type ticket struct {
	role Role
	ends time.Time
}

// Ticket makes a ticket for a role. Where too many are out the one that ends first is void.
func (k *Keeper) Ticket(role Role) string {
	now, text := k.config.Now(), newText()
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.tickets) >= maxTickets {
		first, found := digest{}, false
		for id, t := range k.tickets {
			if !found || t.ends.Before(k.tickets[first].ends) {
				first, found = id, true
			}
		}
		delete(k.tickets, first)
	}
	k.tickets[digestOf(text)] = ticket{role, now.Add(TicketLife)}
	return text
}

// Redeem lets in who shows a ticket. No limit is needed: nobody guesses 256 bits within a minute.
func (k *Keeper) Redeem(c Client, text string) (Grant, error) {
	now, id := k.config.Now(), digestOf(text)
	k.mu.Lock()
	t, ok := k.tickets[id]
	delete(k.tickets, id)
	k.mu.Unlock()
	if !ok || !now.Before(t.ends) {
		return Grant{}, ErrTicket
	}
	k.tellOf(t.role, "login", c.MAC, "door.luci", t.role)
	return k.grant(c, luci, t.role), nil
}
