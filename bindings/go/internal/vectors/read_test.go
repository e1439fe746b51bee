package vectors

import (
	"fmt"
	"strings"
	"testing"
)

const sheet = `{"name": "n", "about": "a", "origin": "hand", "config": {}, "start_us": 0, "steps": [%s], "digest": ""}`

func TestOneThatIsReadAndRun(t *testing.T) {
	for name, one := range map[string]struct{ steps, failure string }{
		"plain":          {`{"op": "step", "now_us": 1, "expect": {"effects": []}, "note": "x"}`, ""},
		"names":          {`{"op": "admit", "now_us": 1, "domain": 0, "as": "a"}, {"op": "release", "now_us": 1, "token": "$a.token"}`, ""},
		"lists":          {`{"op": "admit", "now_us": 1, "domain": "payment", "as": "a", "times": 3, "every_us": 5}, {"op": "release", "now_us": 1, "times": 3, "token": "$a[*].token"}`, ""},
		"an error":       {`{"op": "release", "now_us": 1, "token": 7, "expect": {"error": "unknown_token", "code": -4}}`, ""},
		"a surprise":     {`{"op": "release", "now_us": 1, "token": 7, "expect": {}}`, "an error that wasn't expected"},
		"another answer": {`{"op": "admit", "now_us": 1, "domain": "payment", "expect": {"load": 2}}`, ".load: expected i2;, the answer is i1;"},
		"no integer":     {`{"op": "admit", "now_us": 1, "domain": "payment", "expect": {"load": 1.0}}`, ".load: expected f3ff0000000000000"},
		"not in it":      {`{"op": "admit", "now_us": 1, "domain": "payment", "expect": {"lod": 1}}`, ".lod: not in the answer"},
		"a longer list":  {`{"op": "drain", "expect": {"effects": [{}]}}`, ".effects: expected"},
	} {
		t.Run(name, func(t *testing.T) {
			sequence, err := Parse([]byte(fmt.Sprintf(sheet, one.steps)))
			if err != nil {
				t.Fatal(err)
			}
			finished, err := Run(sequence, nil)
			if err != nil {
				t.Fatal(err)
			}
			failures := strings.Join(finished.Failures, "\n")
			if (failures == "") != (one.failure == "") || !strings.Contains(failures, one.failure) {
				t.Errorf("%q", failures)
			}
		})
	}
}

func TestWhatIsNotReadOrRun(t *testing.T) {
	for _, steps := range []string{
		``,
		`7`,
		`{"op": "nonsense"}`,
		`{"op": "drain", "nonsense": 1}`,
		`{"op": "drain", "note": 1}`,
		`{"op": "drain", "as": "a.b"}`,
		`{"op": "drain", "times": 0}`,
		`{"op": "drain", "every_us": 1}`,
		`{"op": "drain", "times": 1, "every_us": 1}`,
		`{"op": "drain", "expect": []}`,
		`{"op": "step"}`,
		`{"op": "step", "now_us": -1}`,
		`{"op": "step", "now_us": 1.0}`,
		`{"op": "step", "now_us": 1, "now_us": 1}`,
		`{"op": "admit", "now_us": 1, "domain": 4294967296}`,
		`{"op": "admit", "now_us": 1, "domain": "payment", "class": "vip"}`,
		`{"op": "release", "now_us": 1, "token": 1, "outcome": true}`,
		`{"op": "release", "now_us": 1, "token": "a.token"}`,
		`{"op": "release", "now_us": 1, "token": "$a.token"}`,
		`{"op": "drain", "as": "a"}, {"op": "release", "now_us": 1, "token": "$a.effects"}`,
		`{"op": "drain", "as": "a"}, {"op": "release", "now_us": 1, "token": "$a.effects[0]"}`,
		`{"op": "route", "now_us": 1, "domain": 0, "key": {"hex": "F0"}}`,
		`{"op": "route", "now_us": 1, "domain": 0, "key": {"hex": "f"}}`,
		`{"op": "route", "now_us": 1, "domain": 0, "key": {}}`,
		`{"op": "set_pool_open", "now_us": 1, "pool": 0, "open": 1}`,
		`{"op": "set_affinity_groups", "now_us": 1, "groups": "{}"}`,
		`{"op": "report_health", "now_us": 1, "pool": 0, "alive": 1, "dead": []}`,
		`{"op": "new", "now_us": 1, "config": 1}`,
		`{"op": "step", "now_us": 18446744073709551615, "times": 2, "every_us": 1, "expect": {"error": "time_out_of_range"}}`,
	} {
		sequence, err := Parse([]byte(fmt.Sprintf(sheet, steps)))
		if err == nil {
			_, err = Run(sequence, nil)
		}
		if err == nil {
			t.Errorf("read and run: %s", steps)
		}
	}
	good := fmt.Sprintf(sheet, `{"op": "drain"}`)
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{
		{`"hand"`, `"nonsense"`},
		{`"hand"`, `"paper"`},
		{`"hand"`, `"hand", "source": 1`},
		{`"about": "a", `, ``},
		{`"about": "a"`, `"about": "a", "more": 1`},
		{`"digest": ""`, `"digest": "abc"`},
		{`"config": {}`, `"config": 7`},
		{`"config": {}`, `"config": {"a": 1, "a": 1}`},
		{`"start_us": 0`, `"start_us": "0"`},
		{`"name": "n"`, "\"name\": \"\xff\""},
		{`""}`, `""} {}`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if _, err := Parse([]byte(bad)); err == nil || bad == good {
			t.Errorf("read: %s", bad)
		}
	}
	unmade := strings.Replace(good, `"config": {}`, `"config": {"nonsense": 1}`, 1)
	if sequence, err := Parse([]byte(unmade)); err != nil {
		t.Error(err)
	} else if _, err := Run(sequence, nil); err == nil {
		t.Error("a configuration that is refused")
	}
}

func TestCanonicalBytes(t *testing.T) {
	value, err := parseJSON([]byte(
		`{"b":[null,true,false,0,-12,18446744073709551615],"a":{"é":1.0,"":-0.0,"z":0.1,"e":1e3},"":"n;"}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	const want = "{s0:s2:n;s1:a{s0:f8000000000000000s1:ef408f400000000000s1:zf3fb999999999999a" +
		"s2:éf3ff0000000000000}s1:b[ntFi0;i-12;i18446744073709551615;]}"
	if got := show(value); got != want {
		t.Error(got)
	}
}
