package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sequence = `{"name": "one", "about": "a", "origin": "generated", "start_us": 0, "digest": "", "steps": ` +
	`[{"op": "drain"}, {"op": "release", "now_us": 1, "token": 7}]}`

func TestCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "some.jsonl")
	lines := sequence + "\n" + strings.Replace(sequence, "one", "two", 1) + "\n"
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	var digests, answers strings.Builder
	if err := run([]string{"digest", file}, &digests); err != nil {
		t.Fatal(err)
	}
	const digest = "bec78ad8354c14132f04130b1e3c4a62ec8923084789d0bdda7991cb645af673"
	if got := digests.String(); got != "one "+digest+"\ntwo "+digest+"\n" {
		t.Error(got)
	}
	if err := run([]string{"answers", file}, &answers); err != nil {
		t.Fatal(err)
	}
	const want = "1 drain {s7:effects[]}\n2 release {s4:codei-4;s5:errors13:unknown_token}\n"
	if got := answers.String(); got != want+want {
		t.Error(got)
	}
	for _, arguments := range [][]string{{}, {"digest"}, {"nonsense", file}, {"digest", file + ".missing"}} {
		if err := run(arguments, &answers); err == nil {
			t.Errorf("%v", arguments)
		}
	}
}
