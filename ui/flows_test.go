package ui

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestHalfAListIsNoAnswer: whoever reads it must not take it for all.
func TestHalfAListIsNoAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		flowList{flows: func(yield func(Flow, error) bool) {
			_ = yield(Flow{Protocol: "udp"}, nil) && yield(Flow{}, errors.New("the agent is busy"))
		}}.write(w)
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err == nil {
		response.Body.Close()
		t.Errorf("the answer is %s, want none", response.Status)
	}
}
