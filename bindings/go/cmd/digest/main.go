// Command digest runs sequences of the corpus, to compare languages.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"heijunka/internal/vectors"
)

const usage = `usage: digest digest FILE…     print the name and the digest of every sequence
       digest answers FILE…    print the canonical answer of every call

A FILE that ends in .jsonl has a sequence on every line, any other is one sequence.`

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := run(os.Args[1:], out)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string, out io.Writer) error {
	if len(arguments) < 2 || arguments[0] != "digest" && arguments[0] != "answers" {
		return errors.New(usage)
	}
	for _, file := range arguments[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		lines := [][]byte{text}
		if strings.HasSuffix(file, ".jsonl") {
			lines = bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
		}
		for index, line := range lines {
			if err := one(arguments[0], line, out); err != nil {
				return fmt.Errorf("%s, sequence %d: %w", file, index+1, err)
			}
		}
	}
	return nil
}

func one(command string, line []byte, out io.Writer) error {
	sequence, err := vectors.Parse(line)
	if err != nil {
		return err
	}
	var answers io.Writer
	if command == "answers" {
		answers = out
	}
	finished, err := vectors.Run(sequence, answers)
	if err == nil && command == "digest" {
		_, err = fmt.Fprintln(out, sequence.Name, finished.Digest)
	}
	return err
}
