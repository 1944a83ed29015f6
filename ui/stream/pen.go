package stream

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
)

// About how many bytes of a snapshot one of each takes.
const (
	deviceRoom = 1 << 10
	eventRoom  = 1 << 8
	ownerRoom  = 48
	pairRoom   = 24
)

// pen writes a frame row by row: encoding/json takes ten times a snapshot's bytes, and keeps three of them.
type pen struct {
	b     []byte
	comma bool // before the next row
	err   error
}

// newPen begins a frame with "t", as all do.
func newPen(kind string, n *news, room int) *pen {
	p := &pen{b: make([]byte, 0, 1<<10+room)}
	p.b = append(p.b, `{"t":"`+kind+`"`...)
	p.member("seq", n.seq)
	p.member("now", n.now.Unix())
	return p
}

func (p *pen) member(name string, value any) {
	p.b = append(p.b, `,"`+name+`":`...)
	p.value(value)
}

func (p *pen) value(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		p.err = fmt.Errorf("write frame: %w", err)
	}
	p.b = append(p.b, data...)
}

// list writes a member whose rows are written by rows, each after next.
func (p *pen) list(name string, rows func()) {
	p.b = append(p.b, `,"`+name+`":[`...)
	p.comma = false
	rows()
	p.b = append(p.b, ']')
}

func (p *pen) next() {
	if p.comma {
		p.b = append(p.b, ',')
	}
	p.comma = true
}

func (p *pen) row(numbers ...int64) {
	p.next()
	separator := byte('[')
	for _, n := range numbers {
		p.b = strconv.AppendInt(append(p.b, separator), n, 10)
		separator = ','
	}
	p.b = append(p.b, ']')
}

// owners writes a member of rows with id, name and source.
func (p *pen) owners(name string, list []item[number, party]) {
	p.list(name, func() {
		for i := range list {
			p.next()
			p.b = strconv.AppendUint(append(p.b, '['), uint64(list[i].key), 10)
			p.text(list[i].value.name)
			p.text(list[i].value.source)
			p.b = append(p.b, ']')
		}
	})
}

func (p *pen) text(s string) {
	p.b = append(p.b, ',')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			p.value(s)
			return
		}
	}
	p.b = append(append(append(p.b, '"'), s...), '"')
}

// patch writes a device's id with the members that changed.
func (p *pen) patch(d *deviceNews) {
	p.next()
	p.b = strconv.AppendUint(append(p.b, `{"id":`...), uint64(d.id), 10)
	value := reflect.ValueOf(&d.Device).Elem()
	for _, f := range d.members {
		p.member(f.name, value.Field(f.index).Interface())
	}
	p.b = append(p.b, '}')
}

func (p *pen) end() ([]byte, error) { return append(p.b, '}'), p.err }
