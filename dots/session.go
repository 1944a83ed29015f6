package dots

import "time"

// SessionState is how a session stands.
type SessionState string

// The states of a session.
const (
	Connecting SessionState = "connecting"
	Up         SessionState = "up"
	Down       SessionState = "down" // waits before it tries again
)

// Session tells of the session with one provider.
type Session struct {
	Provider string // its ID
	State    SessionState
	Since    time.Time
	Error    string    // the last one; empty once it is up
	Expires  time.Time // until when our certificate is good; zero with a shared key
}
