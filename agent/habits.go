package agent

import (
	"context"
	"errors"
	"maps"
	"time"

	"spinneret/agent/state"
	"spinneret/capture/packet"
	"spinneret/capture/say"
	"spinneret/ui"
)

const habitFile = "habits"

// savedHabits are what was learned and found, with what was done about it, as of an erasure, see Erase.
type savedHabits struct {
	Learned []byte // as anomaly writes it
	Acted   map[int64]acted

	erasures int
}

// Habits implements ui.Backend.
func (h *home) Habits(ctx context.Context, mac string) (out ui.Habits, err error) {
	_, err = h.onDevice(ctx, mac, false, func(m packet.MAC) error {
		out = h.habits(m)
		return nil
	})
	return out, err
}

func (h *home) habits(m packet.MAC) ui.Habits {
	k, habits, known := h.detector.Habits(m)
	out := ui.Habits{Learning: k.Learning || !known, Single: k.Single, Habits: []ui.Habit{}}
	words := k.Words()
	if !known {
		words = say.New("habits.never")
	}
	out.Text, out.Say = words.String(), ui.Say(words.Array())
	for _, x := range habits {
		out.Habits = append(out.Habits, ui.Habit(x))
	}
	return out
}

// keepHabits hands what was learned to the keeper.
func (h *home) keepHabits(now time.Time) {
	if h.keeper == nil {
		return
	}
	h.habitsAt, h.unkept = now, false
	h.keeper.habitC.put(savedHabits{h.detector.Append(nil), maps.Clone(h.actedOn), h.erasures})
}

// adoptHabits takes over what an earlier run learned and found. What cannot be read is learned again.
func (h *home) adoptHabits(dir state.Dir) {
	var saved savedHabits
	found, err := dir.Load(habitFile, &saved)
	if found {
		err = errors.Join(err, h.detector.Restore(saved.Learned))
		h.actedOn = saved.Acted
	}
	if h.actedOn == nil {
		h.actedOn = map[int64]acted{}
	}
	if err != nil {
		h.log.Warn("what was learned of the devices is learned again, or was read from a copy", "err", err)
	}
}
