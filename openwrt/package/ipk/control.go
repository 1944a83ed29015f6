package ipk

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Control is what opkg knows of a package. Fields without a text are left out.
type Control struct {
	Package      string
	Version      string // 1.2.3-r1
	Depends      []string
	SourceName   string
	License      string
	LicenseFiles string
	Section      string
	RequireUser  string // name=uid:group=gid, made before our own scripts run
	Built        time.Time
	URL          string
	Maintainer   string
	Architecture string // one of the router's, or all
	// InstalledSize is the size in bytes of the tar that is unpacked; Build sets it.
	InstalledSize int
	Description   string // several lines are possible, empty ones are not
}

// Text is the control file, its fields in the order of OpenWrt's own build.
func (c *Control) Text() (string, error) {
	return c.text("")
}

// text is the control file with more fields before the description.
func (c *Control) text(more string) (string, error) {
	var out strings.Builder
	for _, field := range [][2]string{
		{"Package", c.Package},
		{"Version", c.Version},
		{"Depends", strings.Join(c.Depends, ", ")},
		{"SourceName", c.SourceName},
		{"License", c.License},
		{"LicenseFiles", c.LicenseFiles},
		{"Section", c.Section},
		{"Require-User", c.RequireUser},
		{"SourceDateEpoch", strconv.FormatInt(c.Built.Unix(), 10)},
		{"URL", c.URL},
		{"Maintainer", c.Maintainer},
		{"Architecture", c.Architecture},
		{"Installed-Size", strconv.Itoa(c.InstalledSize)},
	} {
		if strings.ContainsAny(field[1], "\r\n") {
			return "", fmt.Errorf("control field %s: %q must be one line", field[0], field[1])
		}
		if field[1] != "" {
			fmt.Fprintf(&out, "%s: %s\n", field[0], field[1])
		}
	}
	if c.Description == "" || strings.Contains(c.Description, "\n\n") {
		return "", errors.New("control field Description: it must be there, without empty lines, which end a package")
	}
	out.WriteString(more)
	out.WriteString("Description: " + strings.ReplaceAll(strings.TrimSpace(c.Description), "\n", "\n ") + "\n")
	return out.String(), nil
}
