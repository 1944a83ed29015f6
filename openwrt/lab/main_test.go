package lab

import (
	"fmt"
	"os"
	"testing"
)

// TestMain runs one of the helpers instead of the tests if a test asks for it.
func TestMain(m *testing.M) {
	if name := os.Getenv("SPINNERET_LAB_HELPER"); name != "" {
		helper, ok := helpers[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "no helper %q\n", name)
			os.Exit(2)
		}
		helper()
		os.Exit(0)
	}
	Main(m)
}

// helpers are programs of their own that tests start and kill.
var helpers = map[string]func(){
	"sleeper": helpSleeper,
	"home":    helpHome,
	"dir":     helpDir,
}
