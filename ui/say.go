package ui

// Say is a sentence for a page that speaks another language than English: a JSON array of a key and its arguments, each a
// text, a number or such an array. "" is null: there is only the English.
type Say string

// MarshalJSON writes the array.
func (s Say) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return []byte(s), nil
}

// UnmarshalJSON takes what MarshalJSON gave.
func (s *Say) UnmarshalJSON(b []byte) error {
	if *s = Say(b); string(b) == "null" {
		*s = ""
	}
	return nil
}
