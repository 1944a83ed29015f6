package firewall

// HeldError is what Apply returns when the new rules are in force, but something after them failed: connections of a
// device that is cut off may live on until the next Apply, which tries again.
type HeldError struct{ Err error }

func (e *HeldError) Error() string { return "the rules are in force, but: " + e.Err.Error() }

func (e *HeldError) Unwrap() error { return e.Err }

// afterRules says of an error that it came after the rules.
func afterRules(err error) error {
	if err == nil {
		return nil
	}
	return &HeldError{err}
}
