package isp

import (
	"fmt"
	"strings"
)

// entry is one option of the file.
type entry struct {
	line        int
	name, value string
}

// scan reads lines as OpenWrt's uci writes them: config TYPE 'NAME', option NAME 'VALUE', list NAME 'VALUE'.
func scan(text string) (entries []entry, err error) {
	sections := 0
	for i, line := range strings.Split(text, "\n") {
		words, err := split(line)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%d: %w", i+1, err)
		case len(words) == 0:
		case words[0] == "config" && (len(words) == 2 || len(words) == 3):
			if sections++; words[1] != "isp" || sections > 1 {
				return nil, fmt.Errorf("%d: have one section, and call it: config isp 'main'", i+1)
			}
		case sections == 0:
			return nil, fmt.Errorf("%d: begin with: config isp 'main'", i+1)
		case words[0] == "option" && len(words) == 3:
			entries = append(entries, entry{i + 1, words[1], words[2]})
		default:
			return nil, fmt.Errorf("%d: write: option NAME 'VALUE'", i+1)
		}
	}
	if sections == 0 {
		return nil, fmt.Errorf("1: begin with: config isp 'main'")
	}
	return entries, nil
}

// split breaks a line into words, of which some are in quotes; a comment begins with # outside of them.
func split(line string) (words []string, err error) {
	for {
		line = strings.TrimLeft(line, " \t\r")
		if line == "" || line[0] == '#' {
			return words, nil
		}
		if q := line[0]; q == '\'' || q == '"' {
			end := strings.IndexByte(line[1:], q)
			if end < 0 {
				return nil, fmt.Errorf("close the quote %c", q)
			}
			words, line = append(words, line[1:1+end]), line[2+end:]
			continue
		}
		end := strings.IndexAny(line, " \t\r")
		if end < 0 {
			end = len(line)
		}
		words, line = append(words, line[:end]), line[end:]
	}
}
