package ui

import (
	"bufio"
	"strconv"
	"strings"
	"time"
)

// The kinds of metrics in use.
const (
	gauge   = "gauge"
	counter = "counter"
)

// exposition writes the text format; an error stays in it until Flush.
type exposition struct{ *bufio.Writer }

// family begins a metric; all its samples follow at once.
func (e *exposition) family(name, kind, help string) {
	e.WriteString("# HELP " + name + " " + help + "\n# TYPE " + name + " " + kind + "\n")
}

// sample writes one value. labels are names and values by turns; values may be anything.
func (e *exposition) sample(name, value string, labels ...string) {
	e.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		e.WriteByte(separator)
		e.WriteString(labels[i] + `="` + labelEscapes.Replace(strings.ToValidUTF8(labels[i+1], "�")) + `"`)
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	e.WriteString(" " + value + "\n")
}

func (e *exposition) single(name, kind, help, value string, labels ...string) {
	e.family(name, kind, help)
	e.sample(name, value, labels...)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func yes(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

func seconds(t time.Time) string {
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64)
}
