// Package vectors reads and runs the test corpus that all languages share, against an engine. The format is fixed in
// tests/vectors/README.md of the repository.
package vectors

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Sequence is a sequence of calls with what is expected of them: a file of the corpus, or a line of generated ones.
type Sequence struct {
	Name    string
	Digest  string // empty: not recorded
	Steps   int    // how many
	config  any
	startUs uint64
	steps   []step
	// Of what the engine itself has answered, an error is no surprise.
	recorded bool
}

type step struct {
	op       string
	args     map[string]any
	name     string
	times    uint64 // 0: once, and the answer isn't a list
	everyUs  uint64
	expected *object
}

// The members of the steps of each operation, `?` where one may be left out.
const table = `
new now_us:time config?:config
admit now_us:time domain:name class?:class
release now_us:time token:id outcome?:outcome
route now_us:time domain:name key:key
checkout now_us:time pool:name wait_until_us?:time
checkin now_us:time worker:id outcome?:outcome
cancel_wait now_us:time waiter:id
worker_ready now_us:time worker:id
worker_failed now_us:time worker:id
report_health now_us:time pool:name alive:ids dead:ids
dispatch now_us:time domain:name key:key class?:class wait_until_us?:time
complete now_us:time ticket:id outcome?:outcome
step now_us:time
drain
set_soft_limit now_us:time soft_limit:count
set_hard_limit now_us:time hard_limit:count
set_affinity_groups now_us:time groups:map
enable_surge now_us:time
disable_surge now_us:time
set_domain_open now_us:time domain:name open:flag
set_pool_open now_us:time pool:name open:flag
set_off_peak now_us:time off_peak:flag
scale_up now_us:time pool:name
scale_down now_us:time pool:name
rebalance now_us:time
health_check pool:name
regulator_status
capacity_info
pool_status pool:name
pool_workers pool:name
balance_status
burst_status
surge_metrics
cost_advice
alerts
verify
takt now_us:time
metrics_text
engine_status
config
snapshot
restore snapshot:bytes
restore_with snapshot:bytes journal:bytes
start_journal
take_journal
journal_verify journal:bytes
journal_replay journal:bytes config?:config limit:count
journal_trace journal:bytes
journal_records journal:bytes first:count count:count
simulate workload:map config?:config seed?:time
surge_cost_per_year surges_per_day:number cost_per_surge:number
baseline_cost_per_year workers:count price_per_hour:number
sequence counts:counts
pacer_new now_us:time config:config
pacer_offer now_us:time domain:name item:id
pacer_poll now_us:time max_items?:count
pacer_set_takt now_us:time available_us:id demand:id
pacer_set_weight now_us:time domain:name weight:count
pacer_status
`

type member struct {
	name, kind string
	required   bool
}

var operations = readTable()

func readTable() map[string][]member {
	ops := map[string][]member{}
	for line := range strings.Lines(strings.TrimSpace(table)) {
		words := strings.Fields(line)
		members := []member{}
		for _, word := range words[1:] {
			name, kind, _ := strings.Cut(word, ":")
			name, optional := strings.CutSuffix(name, "?")
			members = append(members, member{name, kind, !optional})
		}
		ops[words[0]] = members
	}
	return ops
}

var (
	origins   = []string{"hand", "paper", "model", "recorded", "generated"}
	hexDigest = regexp.MustCompile(`^([0-9a-f]{64})?$`)
	plainName = regexp.MustCompile(`^\w+$`)
)

// fields are the members of a map, each to be taken once; what is left at the end is unknown.
type fields struct {
	what  string
	left  []string
	value *object
}

func fieldsOf(value any, what string) (*fields, error) {
	found, ok := value.(*object)
	if !ok {
		return nil, fmt.Errorf("%s must be a map", what)
	}
	return &fields{what, slices.Clone(found.names), found}, nil
}

func (f *fields) take(name string) (any, bool) {
	value, found := f.value.get(name)
	if found {
		f.left = slices.DeleteFunc(f.left, func(left string) bool { return left == name })
	}
	return value, found
}

func (f *fields) text(name string) (string, error) {
	value, _ := f.take(name)
	text, ok := value.(string)
	if !ok {
		return "", fmt.Errorf("%s needs `%s`, a text", f.what, name)
	}
	return text, nil
}

func (f *fields) end() error {
	if len(f.left) > 0 {
		return fmt.Errorf("%s has unknown members: %s", f.what, strings.Join(f.left, ", "))
	}
	return nil
}

// Parse reads a sequence. What it doesn't know is an error.
func Parse(text []byte) (*Sequence, error) {
	value, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	f, err := fieldsOf(value, "the file")
	if err != nil {
		return nil, err
	}
	sequence := &Sequence{}
	var about, origin string
	for name, into := range map[string]*string{
		"name": &sequence.Name, "about": &about, "origin": &origin, "digest": &sequence.Digest,
	} {
		if *into, err = f.text(name); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(origins, origin) {
		return nil, fmt.Errorf("`%s` is not an origin", origin)
	}
	sequence.recorded = origin == "recorded" || origin == "generated"
	source, sourced := f.take("source")
	if _, ok := source.(string); sourced && !ok || !sourced && origin == "paper" {
		return nil, errors.New("`source` must be text, and origin `paper` needs one")
	}
	if !hexDigest.MatchString(sequence.Digest) {
		return nil, fmt.Errorf("`%s` is not a digest", sequence.Digest)
	}
	sequence.config, _ = f.take("config")
	if sequence.config != nil && !fits("config", sequence.config) {
		return nil, errors.New("`config` must be a map or text")
	}
	start, _ := f.take("start_us")
	startUs, ok := integer(start, math.MaxUint64)
	if !ok {
		return nil, errors.New("`start_us` must be a time")
	}
	sequence.startUs = startUs
	steps, _ := f.take("steps")
	items, ok := steps.([]any)
	if !ok || len(items) == 0 {
		return nil, errors.New("`steps` must be a list that isn't empty")
	}
	for index, item := range items {
		step, err := readStep(item)
		if err != nil {
			return nil, fmt.Errorf("step %d: %w", index+1, err)
		}
		sequence.steps = append(sequence.steps, step)
	}
	sequence.Steps = len(sequence.steps)
	return sequence, f.end()
}

func readStep(value any) (step, error) {
	f, err := fieldsOf(value, "a step")
	if err != nil {
		return step{}, err
	}
	read := step{args: map[string]any{}}
	if read.op, err = f.text("op"); err != nil {
		return step{}, err
	}
	members, known := operations[read.op]
	if !known {
		return step{}, fmt.Errorf("unknown op `%s`", read.op)
	}
	for _, member := range members {
		value, found := f.take(member.name)
		switch {
		case found && !fits(member.kind, value):
			return step{}, fmt.Errorf("`%s`: not what this member takes", member.name)
		case found:
			read.args[member.name] = value
		case member.required:
			return step{}, fmt.Errorf("`%s` needs `%s`", read.op, member.name)
		}
	}
	if note, found := f.take("note"); found {
		if _, ok := note.(string); !ok {
			return step{}, errors.New("`note` must be text")
		}
	}
	if name, found := f.take("as"); found {
		text, ok := name.(string)
		if !ok || !plainName.MatchString(text) {
			return step{}, errors.New("`as` must be a name")
		}
		read.name = text
	}
	_, timed := read.args["now_us"]
	times, repeated := f.take("times")
	if repeated {
		number, ok := integer(times, 1_000_000)
		if !ok || number == 0 {
			return step{}, errors.New("`times` must be from 1 to 1,000,000")
		}
		read.times = number
	}
	if every, found := f.take("every_us"); found {
		number, ok := integer(every, 1<<53)
		if !ok || !repeated || !timed {
			return step{}, errors.New("`every_us` must be a time, and needs `times` and `now_us`")
		}
		read.everyUs = number
	}
	if expected, found := f.take("expect"); found {
		fields, ok := expected.(*object)
		if !ok {
			return step{}, errors.New("`expect` must be a map")
		}
		read.expected = fields
	}
	return read, f.end()
}

// integer is a number from 0 to most.
func integer(value any, most uint64) (uint64, bool) {
	switch value := value.(type) {
	case int64:
		return uint64(value), value >= 0 && uint64(value) <= most
	case uint64:
		return value, value <= most
	default:
		return 0, false
	}
}

// fits tells whether a member of a kind may hold a value.
func fits(kind string, value any) bool {
	text, isText := value.(string)
	fields, isMap := value.(*object)
	items, isList := value.([]any)
	_, isFlag := value.(bool)
	_, isNumber := value.(float64)
	_, isTime := integer(value, math.MaxUint64)
	_, isCount := integer(value, math.MaxUint32)
	refers := isText && strings.HasPrefix(text, "$")
	switch kind {
	case "time":
		return isTime
	case "count":
		return isCount
	case "counts":
		return isList && !slices.ContainsFunc(items, func(item any) bool { return !fits("count", item) })
	case "name":
		return isText || isCount
	case "class":
		return isText && slices.Contains([]string{"critical", "normal", "sheddable"}, text)
	case "outcome":
		return isText && slices.Contains([]string{"ok", "failed"}, text)
	case "key":
		if isMap {
			inner, found := fields.get("hex")
			digits, ok := inner.(string)
			_, err := hex.DecodeString(digits)
			return found && ok && err == nil && len(fields.names) == 1 && digits == strings.ToLower(digits)
		}
		return isText
	case "bytes":
		if isList {
			return !slices.ContainsFunc(items, func(item any) bool {
				_, inside := item.([]any)
				return inside || !fits("bytes", item)
			})
		}
		return refers || isMap && fits("key", value)
	case "id":
		return refers || isTime
	case "ids":
		if isList {
			return !slices.ContainsFunc(items, func(item any) bool { return !fits("id", item) })
		}
		return refers
	case "flag":
		return isFlag
	case "number":
		return isNumber
	case "map":
		return isMap
	case "config":
		return isMap || isText
	default:
		return false
	}
}
