package ui

// Habits are what was learned of a device.
type Habits struct {
	Learning bool    `json:"learning"` // not known yet
	Single   bool    `json:"single"`   // it has one purpose, and is judged more strictly
	Text     string  `json:"text"`     // "learning, 3 h seen"
	Say      Say     `json:"say"`
	Habits   []Habit `json:"habits"` // empty where it was never watched
}

// Habit is one number for each minute in which the device is active.
type Habit struct {
	What  string `json:"what"`
	Now   uint64 `json:"now"`   // in the minute that runs
	Usual uint64 `json:"usual"` // not exceeded in nine minutes of ten, to within a power of two
	Most  uint64 `json:"most"`  // ever
}

func (s *Server) getHabits(c call) (any, error) {
	mac, err := c.target()
	if err != nil {
		return nil, err
	}
	return s.config.Backend.Habits(c, mac)
}
