package cli

import (
	"regexp"
	"strings"
	"testing"
)

func TestTheRoutersLogHasWarningsApartAndItsOwnTime(t *testing.T) {
	said := func(isOpenWrt bool) (out, err string) {
		var notes, warnings strings.Builder
		log := newLog(isOpenWrt, &notes, &warnings).With("room", "dots")
		log.Debug("nobody asks")
		log.Info("all is well", "at", "noon")
		log.WithGroup("disk").Warn("almost full", "left", 3)
		return notes.String(), warnings.String()
	}
	if out, err := said(true); out != "level=INFO msg=\"all is well\" room=dots at=noon\n" || err != "level=WARN msg=\"almost full\" room=dots disk.left=3\n" {
		t.Errorf("on OpenWrt it says\n%s and, as errors,\n%s", out, err)
	}
	all := regexp.MustCompile(`^time=\S+ level=INFO msg="all is well" room=dots at=noon\ntime=\S+ level=WARN msg="almost full" room=dots disk.left=3\n$`)
	if out, err := said(false); out != "" || !all.MatchString(err) {
		t.Errorf("elsewhere it says\n%s and, on standard error,\n%s", out, err)
	}
}
