package uitest

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"spinneret/ui"
)

// MUDOrders are the descriptions that were given so far.
func (h *Home) MUDOrders() []ui.MUDOrder {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.mudOrders)
}

// MUD is a device's description.
func (h *Home) MUD(_ context.Context, mac string) (ui.MUD, error) {
	return h.changeMUD(mac, func(*ui.MUD) error { return nil })
}

// AssignMUD takes a URL, or a file as one that is known at once.
func (h *Home) AssignMUD(_ context.Context, mac string, order ui.MUDOrder) (ui.MUD, error) {
	return h.changeMUD(mac, func(m *ui.MUD) error {
		h.mudOrders = append(h.mudOrders, order)
		switch {
		case order.URL != "":
			m.URL, m.State, m.Mode = &order.URL, "pending", "enforce"
		case order.File != nil:
			m.URL, m.State, m.Mode, m.File = text("https://maker.example/lamp"), "active", "enforce", true
		}
		if order.Mode != "" {
			m.Mode = order.Mode
		}
		m.Source = text("owner")
		return nil
	})
}

// RemoveMUD takes a device's description away.
func (h *Home) RemoveMUD(_ context.Context, mac string) (ui.MUD, error) {
	return h.changeMUD(mac, func(m *ui.MUD) error {
		*m = noMUD()
		return nil
	})
}

// HearMUD takes what a DHCP server was told of any device, known or not.
func (h *Home) HearMUD(_ context.Context, mac, url string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mudOrders = append(h.mudOrders, ui.MUDOrder{URL: mac + " " + url})
	return nil
}

// AnswerMUD takes the approval off the list.
func (h *Home) AnswerMUD(_ context.Context, mac string, answer ui.MUDAnswer) (ui.MUD, error) {
	return h.changeMUD(mac, func(m *ui.MUD) error {
		i := slices.IndexFunc(m.Approvals, func(a ui.Approval) bool { return a.ID == answer.ID })
		if i < 0 {
			return &ui.Problem{Status: http.StatusConflict, Code: "unsupported", Title: "Nothing to approve", Detail: "it does not wait"}
		}
		if answer.Approve {
			m.State = "active"
		}
		m.Approvals = slices.Delete(slices.Clone(m.Approvals), i, i+1)
		return nil
	})
}

// LearnMUD is a file of one that did little.
func (h *Home) LearnMUD(_ context.Context, mac string) (ui.LearnedMUD, error) {
	_, err := h.change(mac, func(*ui.Device) {})
	return ui.LearnedMUD{
		File: []byte(`{"ietf-mud:mud":{}}`), Entries: 1, Warnings: []string{"it was watched for 2 hours only: what it does less often is missing"},
	}, err
}

func noMUD() ui.MUD {
	return ui.MUD{
		State: "none", Mode: "off", Policy: []string{}, Problems: []string{}, Approvals: []ui.Approval{},
		Recent: []ui.Violation{}, Beyond: []ui.Party{}, Uses: []ui.Use{},
	}
}

func (h *Home) changeMUD(mac string, do func(*ui.MUD) error) (ui.MUD, error) {
	m := noMUD()
	var refused error
	_, err := h.change(mac, func(d *ui.Device) {
		if d.MUD != nil {
			m = *d.MUD
		}
		if refused = do(&m); refused != nil {
			return
		}
		if d.MUD = nil; m.State != "none" {
			d.MUD = &m
		}
	})
	return m, errors.Join(err, refused)
}
