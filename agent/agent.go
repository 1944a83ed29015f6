// Package agent is the running program: it owns the state of the home and wires every room together.
package agent
