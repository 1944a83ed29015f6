package cli

import (
	"strings"
	"unicode/utf8"

	"spinneret/ui"
)

// table aligns text in columns, two blanks apart.
type table struct {
	rows  [][]string
	right map[int]bool
	width []int
}

// newTable makes a table of so many columns; those in right are aligned to the right.
func newTable(columns int, right ...int) *table {
	t := &table{right: map[int]bool{}, width: make([]int, columns)}
	for _, i := range right {
		t.right[i] = true
	}
	return t
}

// row adds one row. Cells come from the network as often as not: what would move the cursor is taken out.
func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = printable(cells[i])
		t.width[i] = max(t.width[i], utf8.RuneCountInString(cells[i]))
	}
	t.rows = append(t.rows, cells)
}

func (t *table) String() string {
	var b strings.Builder
	for _, cells := range t.rows {
		var line strings.Builder
		for i, cell := range cells {
			blanks := strings.Repeat(" ", t.width[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if t.right[i] {
				line.WriteString(blanks + cell)
			} else {
				line.WriteString(cell + blanks)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// printable replaces characters that a terminal would act on (escape sequences, direction changes): device names
// are chosen by devices.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if ui.Hidden(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
