package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseDuration reads a duration as Go writes it, with d for 24 hours in front: "90s", "1h30m", "7d", "1d12h".
func ParseDuration(text string) (time.Duration, error) {
	number, rest, hasDays := strings.Cut(text, "d")
	if !hasDays {
		return plainDuration(text, text)
	}
	days, err := strconv.ParseUint(number, 10, 32)
	if err != nil || days > uint64(math.MaxInt64/day) {
		return 0, fmt.Errorf("%q is not a duration: write it like 90s, 1h30m or 7d", clip(text))
	}
	total := time.Duration(days) * day
	if rest == "" {
		return total, nil
	}
	more, err := plainDuration(rest, text)
	if err != nil {
		return 0, err
	}
	if more < 0 || rest[0] == '+' || total > math.MaxInt64-more {
		return 0, fmt.Errorf("%q is not a duration: write it like 90s, 1h30m or 7d", clip(text))
	}
	return total + more, nil
}

func plainDuration(text, whole string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: write it like 90s, 1h30m or 7d", clip(whole))
	}
	return d, nil
}
