package vectors

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus is where the files are, seen from this folder.
const corpus = "../../../../tests/vectors"

func TestCorpus(t *testing.T) {
	entries, err := os.ReadDir(corpus)
	if err != nil {
		t.Fatal(err)
	}
	files, steps, calls := 0, 0, 0
	for _, entry := range entries {
		// Everything but the description: what isn't a sequence fails.
		if entry.Name() == "README.md" {
			continue
		}
		files++
		file := filepath.Join(corpus, entry.Name())
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sequence, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if sequence.Name+".json" != filepath.Base(file) {
				t.Errorf("it is called `%s`", sequence.Name)
			}
			finished, err := Run(sequence, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, failure := range finished.Failures {
				t.Error(failure)
			}
			if finished.Digest != sequence.Digest {
				t.Errorf("the digest is %s, recorded is `%s`", finished.Digest, sequence.Digest)
			}
			steps += sequence.Steps
			calls += finished.Calls
		})
	}
	if files < 60 {
		t.Errorf("%d files are too few", files)
	}
	t.Logf("%d files, %d steps, %d calls", files, steps, calls)
}
