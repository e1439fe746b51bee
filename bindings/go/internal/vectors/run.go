package vectors

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"math/bits"
	"regexp"
	"strconv"
	"strings"

	"heijunka"
)

// Finished is what a run gave.
type Finished struct {
	// Digest is over the canonical bytes of all answers.
	Digest string
	// Calls is how many calls were made.
	Calls int
	// Failures are the expectations that weren't met.
	Failures []string
}

// Run makes the calls one after another, and writes every answer to answers (nil: to nowhere). It fails when a call
// can't be made at all.
func Run(sequence *Sequence, answers io.Writer) (*Finished, error) {
	face := &face{}
	if err := face.renew(sequence.config, sequence.startUs); err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	defer face.close()
	named := map[string]any{}
	digest := sha256.New()
	finished := &Finished{}
	var buffer []byte
	for index, step := range sequence.steps {
		number := index + 1
		var got []any
		for repetition := range max(step.times, 1) {
			args, err := arguments(step, repetition, named)
			if err != nil {
				return nil, fmt.Errorf("step %d (`%s`): %w", number, step.op, err)
			}
			answer, err := face.call(step.op, args)
			if err != nil {
				return nil, fmt.Errorf("step %d (`%s`): %w", number, step.op, err)
			}
			finished.Calls++
			buffer = canonical(answer, buffer[:0])
			digest.Write(buffer)
			if answers != nil {
				fmt.Fprintf(answers, "%d %s %s\n", number, step.op, buffer)
			}
			if why := judge(step, answer, sequence.recorded, repetition, named); why != "" {
				finished.Failures = append(
					finished.Failures, fmt.Sprintf("step %d, call %d (`%s`)%s", number, repetition+1, step.op, why),
				)
			}
			got = append(got, answer)
		}
		if step.name != "" {
			if step.times > 0 {
				named[step.name] = got
			} else {
				named[step.name] = got[0]
			}
		}
	}
	finished.Digest = hex.EncodeToString(digest.Sum(nil))
	return finished, nil
}

// arguments are a step's, with times moved on and references resolved.
func arguments(step step, repetition uint64, named map[string]any) (map[string]any, error) {
	args := map[string]any{}
	for _, member := range operations[step.op] {
		value, found := step.args[member.name]
		if !found {
			continue
		}
		var err error
		switch member.kind {
		case "time":
			time, _ := integer(value, math.MaxUint64)
			if member.name == "now_us" {
				over, later := bits.Mul64(step.everyUs, repetition)
				sum, carry := bits.Add64(time, later, 0)
				if over != 0 || carry != 0 {
					return nil, fmt.Errorf("`every_us` leads beyond 2^64")
				}
				time = sum
			}
			value = time
		case "bytes":
			value, err = octets(value, repetition, named)
		case "id":
			value, err = id(value, repetition, named)
		case "ids":
			if reference, ok := value.(string); ok {
				if value, err = resolve(reference, repetition, named); err != nil {
					return nil, err
				}
			}
			items, ok := value.([]any)
			if !ok {
				return nil, fmt.Errorf("`%s` is not a list", member.name)
			}
			workers := []heijunka.WorkerID{}
			for _, item := range items {
				worker, err := id(item, repetition, named)
				if err != nil {
					return nil, err
				}
				workers = append(workers, heijunka.WorkerID(worker))
			}
			value = workers
		}
		if err != nil {
			return nil, err
		}
		args[member.name] = value
	}
	return args, nil
}

// octets are bytes: of one text of hex digits, or of several one after another.
func octets(value any, repetition uint64, named map[string]any) ([]byte, error) {
	if parts, ok := value.([]any); ok {
		var all []byte
		for _, part := range parts {
			bytes, err := octets(part, repetition, named)
			if err != nil {
				return nil, err
			}
			all = append(all, bytes...)
		}
		return all, nil
	}
	if reference, ok := value.(string); ok {
		found, err := resolve(reference, repetition, named)
		if err != nil {
			return nil, err
		}
		digits, ok := found.(string)
		if !ok {
			return nil, fmt.Errorf("`%s` isn't text", reference)
		}
		return hex.DecodeString(digits)
	}
	return []byte(keyOf(value)), nil
}

func id(value any, repetition uint64, named map[string]any) (uint64, error) {
	found := value
	if reference, ok := value.(string); ok {
		var err error
		if found, err = resolve(reference, repetition, named); err != nil {
			return 0, err
		}
	}
	number, ok := integer(found, math.MaxUint64)
	if !ok {
		return 0, fmt.Errorf("`%v` is not an id", value)
	}
	return number, nil
}

var (
	wholeReference = regexp.MustCompile(`^\$(\w+)((?:\.\w+|\[(?:\d+|\*)\])*)$`)
	referencePart  = regexp.MustCompile(`\.\w+|\[(?:\d+|\*)\]`)
)

// resolve is what `$name`, `$name.field`, `$name[3].field` or `$name[*].field` stands for; `*` is the number of the
// repetition, from 0.
func resolve(reference string, repetition uint64, named map[string]any) (any, error) {
	parts := wholeReference.FindStringSubmatch(reference)
	if parts == nil {
		return nil, fmt.Errorf("`%s` is not a reference", reference)
	}
	value, found := named[parts[1]]
	for _, part := range referencePart.FindAllString(parts[2], -1) {
		if !found {
			break
		}
		if name, isField := strings.CutPrefix(part, "."); isField {
			value, found = field(value, name)
			continue
		}
		index, err := repetition, error(nil)
		if part != "[*]" {
			index, err = strconv.ParseUint(part[1:len(part)-1], 10, 64)
		}
		items, ok := value.([]any)
		if found = ok && err == nil && index < uint64(len(items)); found {
			value = items[index]
		}
	}
	if !found {
		return nil, fmt.Errorf("`%s` stands for nothing", reference)
	}
	return value, nil
}

func field(value any, name string) (any, bool) {
	switch value := value.(type) {
	case *object:
		return value.get(name)
	case map[string]any:
		inner, found := value[name]
		return inner, found
	default:
		return nil, false
	}
}

// judge is why an answer isn't what a step expects; empty when it is. An error must be expected as one.
func judge(step step, answer map[string]any, recorded bool, repetition uint64, named map[string]any) string {
	if _, failed := answer["error"]; failed && !recorded {
		if _, meant := step.expected.get("error"); !meant {
			return ": an error that wasn't expected: " + show(answer)
		}
	}
	if step.expected == nil {
		return ""
	}
	return misfit(step.expected, answer, "", repetition, named)
}

// misfit compares: a map's members must be there and fit, a list fits element by element, anything else exactly.
func misfit(expected, answer any, path string, repetition uint64, named map[string]any) string {
	switch wanted := expected.(type) {
	case *object:
		for _, name := range wanted.names {
			path := path + "." + name
			found, there := field(answer, name)
			if !there {
				return path + ": not in the answer " + show(answer)
			}
			if why := misfit(wanted.values[name], found, path, repetition, named); why != "" {
				return why
			}
		}
		switch answer.(type) {
		case *object, map[string]any:
			return ""
		}
	case []any:
		if items, ok := answer.([]any); ok && len(items) == len(wanted) {
			for index := range wanted {
				why := misfit(wanted[index], items[index], fmt.Sprintf("%s[%d]", path, index), repetition, named)
				if why != "" {
					return why
				}
			}
			return ""
		}
	case string:
		if strings.HasPrefix(wanted, "$") {
			value, err := resolve(wanted, repetition, named)
			if err != nil {
				return path + ": " + err.Error()
			}
			expected = value
		}
	}
	if same(expected, answer) {
		return ""
	}
	return fmt.Sprintf("%s: expected %s, the answer is %s", path, show(expected), show(answer))
}
