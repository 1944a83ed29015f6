package ui

import (
	"errors"
	"net/http"

	"spinneret/ui/auth"
)

// authProblem says why the keeper refused.
func (s *Server) authProblem(err error) error {
	var wait *auth.TooMany
	switch {
	case errors.As(err, &wait):
		return &Problem{
			Status: http.StatusTooManyRequests, Code: "too-many", Title: "Too many attempts", Wait: wait.Wait,
			Detail: "too many attempts: wait, or come in from LuCI or on the router",
		}
	case errors.Is(err, auth.ErrWrong), errors.Is(err, auth.ErrTicket):
		return s.loginRequired(err.Error() + ": try again")
	case errors.Is(err, auth.ErrSetUp):
		return notAllowed(err.Error() + ": log in, or set another on the router")
	case errors.Is(err, auth.ErrDamaged):
		return notAllowed(err.Error() + ": set a new one on the router or from LuCI")
	case errors.Is(err, auth.ErrNotLAN), errors.Is(err, auth.ErrNotOwner):
		return notAllowed(err.Error())
	case errors.Is(err, auth.ErrTokensFull):
		return &Problem{Status: http.StatusConflict, Code: "full", Title: "No place left", Detail: err.Error()}
	case errors.Is(err, auth.ErrUnknownToken):
		return &Problem{Status: http.StatusNotFound, Code: "not-found", Title: "Not found", Detail: err.Error()}
	}
	return err
}
