//go:build router

package cli

// DemoCommands are none in a router's build: the lab stays at home.
func DemoCommands() []Command { return nil }
