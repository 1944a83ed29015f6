package agent

import "spinneret/agent/state"

// saver writes files of the state. state.Dir keeps the copy from before: after an erasure each file is written twice, so
// that no copy has what was erased. It is for one goroutine.
type saver struct {
	dir      state.Dir
	erasures map[string]int // by file, as of what was last written
}

func newSaver(dir state.Dir) saver { return saver{dir, map[string]int{}} }

// save writes what was there after so many erasures.
func (s saver) save(name string, v any, erasures int) error {
	times := 1
	if erasures > s.erasures[name] {
		times = 2
	}
	for range times {
		if err := s.dir.Save(name, v); err != nil {
			return err
		}
	}
	s.erasures[name] = erasures
	return nil
}
