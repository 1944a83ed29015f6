package scripts_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"spinneret/openwrt/package/lmo"
)

const po = luciApp + "po/"

// said are the texts that the views and the menu show.
func said(t *testing.T) (texts []string) {
	t.Helper()
	for _, name := range []string{"overview", "settings"} {
		for _, m := range regexp.MustCompile(`_\('((?:[^'\\]|\\.)*)'\)`).FindAllStringSubmatch(read(t, views+name+".js"), -1) {
			texts = append(texts, strings.ReplaceAll(m[1], `\'`, `'`))
		}
	}
	for _, m := range regexp.MustCompile(`"title": "([^"]+)"`).FindAllStringSubmatch(read(t, menu), -1) {
		texts = append(texts, m[1])
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// TestTheTemplateHasEveryText; UPDATE=1 writes it.
func TestTheTemplateHasEveryText(t *testing.T) {
	pot := "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\"\n"
	for _, text := range said(t) {
		pot += "\nmsgid \"" + text + "\"\nmsgstr \"\"\n"
	}
	golden(t, po+"templates/spinneret.pot", pot)
}

var placeholder = regexp.MustCompile(`%[0-9.]*[a-zA-Z]`)

// TestEveryTextIsTranslated, with the same values in the same order, for these go by their place.
func TestEveryTextIsTranslated(t *testing.T) {
	texts := said(t)
	for _, language := range []string{"de", "nl"} {
		messages, err := lmo.Parse(read(t, po+language+"/spinneret.po"))
		if err != nil {
			t.Fatalf("%s: %v", language, err)
		}
		var have []string
		for _, m := range messages[1:] {
			have = append(have, m.Text)
			if m.Translation == "" || !slices.Equal(placeholder.FindAllString(m.Text, -1), placeholder.FindAllString(m.Translation, -1)) {
				t.Errorf("%s: %q is translated as %q", language, m.Text, m.Translation)
			}
		}
		if slices.Sort(have); !slices.Equal(have, texts) {
			t.Errorf("%s has\n%q\nwant\n%q", language, have, texts)
		}
	}
}
