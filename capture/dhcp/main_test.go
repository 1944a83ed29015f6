package dhcp

import (
	"testing"

	"spinneret/openwrt/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }
