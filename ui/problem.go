package ui

// Problem is an error as the API tells it (RFC 9457). Code is the part after urn:spinneret:.
type Problem struct {
	Status int
	Code   string
	Title  string
	Detail string // what is wrong and what to do
	Member string // the member of the request that is wrong, or ""
}

func (p *Problem) Error() string {
	if p.Detail == "" {
		return p.Title
	}
	return p.Detail
}
