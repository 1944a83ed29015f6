package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spinneret/capture/oui"
	"spinneret/capture/packet"
)

func TestTableOfARegistry(t *testing.T) {
	out := filepath.Join(t.TempDir(), "vendors.bin")
	var said strings.Builder
	if err := run([]string{"-in", "testdata", "-out", out}, &said); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "vendors.bin: 5 prefixes, ") {
		t.Errorf("said %q", said.String())
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	table, err := oui.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"00:00:01:00:00:00": "Example Electronics",
		"00:00:02:00:00:00": "Example Electronics",
		"00:00:03:00:00:00": "First Owner",
		"00:00:04:00:00:00": "", // does not want to be named
		"00:00:05:10:00:00": "Medium Widgets",
		"00:00:05:20:00:00": "", // nobody's part of a divided block
	} {
		mac, err := packet.ParseMAC(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := table.Vendor(mac); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

func TestRegistryThatCannotBeRead(t *testing.T) {
	if err := run([]string{"-in", t.TempDir()}, io.Discard); err == nil {
		t.Error("a folder without registries is read")
	}
	for name, text := range map[string]string{
		"empty":                   "",
		"without a column":        "Registry,Assignment,Organization Name,Organization Address\nMA-L,000001,Example\n",
		"with another assignment": "Registry,Assignment,Organization Name,Organization Address\nMA-L,00000x,Example,\n",
	} {
		if rows, err := readRows(strings.NewReader(text)); err == nil {
			t.Errorf("a registry %s gives %v", name, rows)
		}
	}
}

func TestShortNames(t *testing.T) {
	for full, want := range map[string]string{
		"HUAWEI TECHNOLOGIES CO.,LTD":          "Huawei Technologies",
		"Apple, Inc.":                          "Apple",
		"TP-LINK TECHNOLOGIES CO.,LTD.":        "TP-Link Technologies",
		"AVM GmbH":                             "AVM",
		"IBM Corp":                             "IBM",
		"Samsung Electronics Co., Ltd. ARTIK":  "Samsung Electronics",
		"SAMSUNG ELECTRO-MECHANICS(THAILAND)":  "Samsung Electro-Mechanics",
		"Bühler AG":                            "Bühler",
		"ÖRESUND AB":                           "Öresund",
		"Anntec （Beijing） Technology Co.,Ltd.": "Anntec Technology",
		"Sichuan\u00a0AI-Link\u00a0Technology\u00a0Co.,\u00a0Ltd.": "Sichuan AI-Link Technology",
		"Zakład Example Sp. z o.o.":                                "Zakład Example",
		"Prüftechnik Condition Monitoring GmbH & Co. KG":           "Prüftechnik Condition Monitoring",
		"Corporation of the Presiding Bishop of The Church":        "Corporation of the Presiding",
		"Ltd":                       "Ltd",
		"Bad\x00\x1b[31m\u202eName": "Bad[31mName",
		strings.Repeat("long", 20):  strings.Repeat("long", 8),
	} {
		if got := shorten(full); got != want {
			t.Errorf("%q becomes %q, want %q", full, got, want)
		}
	}
}
