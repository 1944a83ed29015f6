package mud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a file may be at most. The largest of 203 real files has 95 KB, 201 entries and 38 names.
const (
	MaxFile        = 256 << 10 // octets of a file
	maxDepth       = 16
	maxString      = 1 << 10 // octets of a string
	maxDiagnostics = 200
	maxACLs        = 64
	maxACEs        = 512
	maxNames       = 256
)

// kind is what a JSON value is.
type kind byte

const (
	isObject kind = '{'
	isList   kind = '['
	isString kind = 's'
	isNumber kind = 'n'
	isBool   kind = 'b'
	isNull   kind = '0'
)

// node is a JSON value and where it stands. encoding/json into structs would match names regardless of case and take
// the last of two equal names: the maker's tools and we might then read different policies from one file.
type node struct {
	up    *node
	key   string // its name in an object
	index int    // its place in a list
	kind  kind
	inner []*node // members or entries
	text  string  // a string, or a number as written
}

func (n *node) path() string {
	if n == nil || n.up == nil {
		return "/"
	}
	if n.up.kind == isList {
		return fmt.Sprintf("%s[%d]", n.up.path(), n.index)
	}
	return strings.TrimSuffix(n.up.path(), "/") + "/" + n.key
}

// tree reads a whole file. It refuses what two parsers might read in two ways.
func (r *reader) tree(data []byte) *node {
	switch {
	case len(data) > MaxFile:
		r.refuse(nil, "the file has %d octets: more than %d are not read", len(data), MaxFile)
		return nil
	case !utf8.Valid(data):
		r.refuse(nil, "the file is not UTF-8: JSON is (RFC 8259 8.1)")
		return nil
	}
	if rest, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		r.say(Note, nil, "the file begins with a byte order mark")
		data = rest
	}
	if err := syntax(data); err != nil {
		r.refuse(nil, "the file is not JSON: %v", err)
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	root, err := read(d, nil, 0)
	if err != nil {
		r.refuse(root, "%v", err)
		return nil
	}
	return root
}

// syntax checks the whole file at once: a decoder that is asked for tokens is more forgiving.
func syntax(data []byte) error {
	var all json.RawMessage
	err := json.Unmarshal(data, &all)
	var at *json.SyntaxError
	if errors.As(err, &at) {
		line := 1 + bytes.Count(data[:min(int(at.Offset), len(data))], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// read takes one value off d. On an error it returns the node at which it stood.
func read(d *json.Decoder, up *node, depth int) (*node, error) {
	n := &node{up: up}
	if depth > maxDepth {
		return up, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return n, fmt.Errorf("read JSON: %w", err)
	}
	switch v := token.(type) {
	case json.Delim:
		n.kind = kind(v)
		return readInner(d, n, depth)
	case string:
		n.kind, n.text = isString, v
	case json.Number:
		n.kind, n.text = isNumber, v.String()
	case bool:
		n.kind, n.text = isBool, fmt.Sprint(v)
	default:
		n.kind = isNull
	}
	if len(n.text) > maxString {
		return up, fmt.Errorf("a string of %d octets: more than %d are not read", len(n.text), maxString)
	}
	return n, nil
}

func readInner(d *json.Decoder, n *node, depth int) (*node, error) {
	seen := map[string]bool{}
	for d.More() {
		key := ""
		if n.kind == isObject {
			token, err := d.Token()
			if err != nil {
				return n, fmt.Errorf("read JSON: %w", err)
			}
			key, _ = token.(string)
			if len(key) > maxString {
				return n, fmt.Errorf("a name of %d octets: more than %d are not read", len(key), maxString)
			}
			if seen[key] {
				return n, fmt.Errorf("%q stands here twice: which one holds cannot be known", key)
			}
			seen[key] = true
		}
		inner, err := read(d, n, depth+1)
		if err != nil {
			return inner, err
		}
		inner.key, inner.index = key, len(n.inner)
		n.inner = append(n.inner, inner)
	}
	_, err := d.Token()
	return n, err
}

// object is a JSON object by the names of its members, without the names of their modules.
type object struct {
	*node
	at      map[string]*node
	modules []string
}

// object takes n for an object. RFC 7951 4 qualifies a name by its module only where the module changes; real files
// do so elsewhere too, so the given modules' names are cut off. A member that is there both ways refuses the file.
func (r *reader) object(n *node, modules ...string) (object, bool) {
	o := object{node: n, at: map[string]*node{}, modules: modules}
	if n == nil || n.kind != isObject {
		return o, false
	}
	for _, m := range n.inner {
		name := bare(m.key, modules)
		if o.at[name] != nil {
			r.refuse(m, "%q stands here twice, once without its module: which one holds cannot be known", name)
		}
		o.at[name] = m
	}
	return o, true
}

func bare(key string, modules []string) string {
	for _, m := range modules {
		if rest, ok := strings.CutPrefix(key, m+":"); ok {
			return rest
		}
	}
	return key
}

// list takes member name for a list; what is no list refuses the file. A missing one is empty.
func (r *reader) list(o object, name string) []*node {
	n := o.at[name]
	if n == nil {
		return nil
	}
	if n.kind != isList {
		r.refuse(n, "this must be a list")
		return nil
	}
	return n.inner
}

// text is a member that is a string, or "".
func (r *reader) text(o object, name string) string {
	n := o.at[name]
	if n == nil {
		return ""
	}
	if n.kind != isString {
		r.say(Warning, n, "this must be a string: ignored")
		return ""
	}
	return n.text
}

// unknown remarks the members that nothing is known of (RFC 8520 2: ignored, with an exception for the owner).
func (r *reader) unknown(o object, known ...string) {
	if o.node == nil {
		return
	}
	for _, n := range o.inner {
		if !slices.Contains(known, bare(n.key, o.modules)) {
			r.say(Note, n, "not a node of RFC 8520: ignored")
		}
	}
}
