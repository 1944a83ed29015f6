package ui

import (
	"strings"
	"time"

	"spinneret/ui/auth"
)

// Token is a key for another program; its text is only told by the POST that makes it.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
}

func tokenOf(t auth.Token) Token { return Token{t.ID, t.Name, t.Created.UTC().Truncate(time.Second)} }

func (s *Server) getTokens(c call) (any, error) {
	list := []Token{}
	for _, t := range s.config.Keeper.Tokens() {
		list = append(list, tokenOf(t))
	}
	return map[string][]Token{"tokens": list}, nil
}

func (s *Server) postToken(c call) (any, error) {
	var name *string
	if p := readObject(c.w, c.r, members{"name": text("name", &name)}); p != nil {
		return nil, p
	}
	if name == nil || strings.TrimSpace(*name) == "" {
		return nil, invalid("name", "name is missing: say which program the token is for")
	}
	if p := textProblem("name", *name, maxName); p != nil {
		return nil, p
	}
	made, text, err := s.config.Keeper.AddToken(loginOf(c.r), *name)
	if err != nil {
		return nil, s.authProblem(err)
	}
	return created{struct {
		Token
		Text string `json:"token"`
	}{tokenOf(made), text}}, nil
}

func (s *Server) deleteToken(c call) (any, error) {
	if err := s.config.Keeper.RevokeToken(loginOf(c.r), c.r.PathValue("id")); err != nil {
		return nil, s.authProblem(err)
	}
	return noContent{}, nil
}

// postTicket makes a ticket for LuCI's plugin, which runs as root and comes through the unix socket. A browser
// that could ask for one would need none.
func (s *Server) postTicket(c call) (any, error) {
	if doorOfRequest(c.r) != Unix {
		return nil, notAllowed("tickets are made on the router, for LuCI")
	}
	var role *string
	if p := readObject(c.w, c.r, members{"role": text("role", &role)}); p != nil {
		return nil, p
	}
	if role == nil || *role != string(auth.Owner) && *role != string(auth.Viewer) {
		return nil, invalid("role", "role is not owner or viewer")
	}
	return created{struct {
		Ticket string `json:"ticket"`
		Life   string `json:"for"`
	}{s.config.Keeper.Ticket(auth.Role(*role)), auth.TicketLife.String()}}, nil
}
