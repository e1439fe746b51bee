package heijunka

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// headers is the repository's own header, seen from this folder.
const headers = "../../include/heijunka.h"

func header(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("heijunka.h")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// defines are the constants of the header whose names begin so, without that.
func defines(t *testing.T, begin string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	pattern := regexp.MustCompile(`(?m)^#define ` + begin + `(\w+) \(?(-?\d+)\)?$`)
	for _, define := range pattern.FindAllStringSubmatch(header(t), -1) {
		number, err := strconv.ParseInt(define[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		found[define[1]] = number
	}
	if len(found) == 0 {
		t.Fatalf("the header defines no %s", begin)
	}
	return found
}

func TestHeaderIsTheRepositorysOwn(t *testing.T) {
	original, err := os.ReadFile(headers)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the module stands alone")
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(original, []byte(header(t))) {
		t.Error("bindings/go/heijunka.h isn't include/heijunka.h; to mend it: cp include/heijunka.h bindings/go/heijunka.h")
	}
}

func TestErrorsAreTheHeaders(t *testing.T) {
	codes := defines(t, "HEIJUNKA_ERROR_")
	if len(codes) != len(sentinels) {
		t.Errorf("the header has %d errors, the package %d", len(codes), len(sentinels))
	}
	for _, err := range sentinels {
		if code, found := codes[strings.ToUpper(err.Name)]; !found || code != int64(err.Code) {
			t.Errorf("%s is %d here and %d in the header", err.Name, err.Code, code)
		}
		if name := libraryStatusName(err.Code); name != err.Name {
			t.Errorf("%d is %q here and %q in the library", err.Code, err.Name, name)
		}
	}
}

func TestWordsAreTheHeaders(t *testing.T) {
	for begin, words := range map[string]names{
		"HEIJUNKA_CLASS_":   classNames,
		"HEIJUNKA_OUTCOME_": outcomeNames,
		"HEIJUNKA_STAGE_":   stageNames,
		"HEIJUNKA_CHECKIN_": checkinNames,
		"HEIJUNKA_HEALTH_":  healthNames,
		"HEIJUNKA_REASON_":  reasonNames,
		"HEIJUNKA_EFFECT_":  effectNames,
	} {
		codes := defines(t, begin)
		if len(codes) != len(words) {
			t.Errorf("the header has %d of %s, the package %d", len(codes), begin, len(words))
		}
		for name, code := range codes {
			here := strings.ToLower(words.of(uint32(code)))
			if there := strings.ToLower(name); here != there && here != strings.ReplaceAll(there, "_", "") {
				t.Errorf("%s%s is %q here", begin, name, here)
			}
		}
	}
}

func TestNamesAreTheLibrarys(t *testing.T) {
	for code, name := range reasonNames {
		if library := libraryReasonName(code); library != name {
			t.Errorf("reason %d is %q here and %q in the library", code, name, library)
		}
	}
	for code, name := range effectNames {
		if library := libraryEffectKindName(code); library != name {
			t.Errorf("effect %d is %q here and %q in the library", code, name, library)
		}
	}
	for code := range uint32(1000) {
		if _, known := reasonNames[code]; !known && Reason(code).String() != "unknown" {
			t.Errorf("reason %d is missing: %v", code, Reason(code))
		}
		if _, known := effectNames[code]; !known && EffectKind(code).String() != "unknown" {
			t.Errorf("effect %d is missing: %v", code, EffectKind(code))
		}
	}
}

func TestABI(t *testing.T) {
	if abiErr != nil {
		t.Fatal(abiErr)
	}
	err := checkABI(999)
	if !errors.Is(err, ErrABI) || !strings.Contains(err.Error(), "999") {
		t.Errorf("%v", err)
	}
	defer func(kept error) { abiErr = kept }(abiErr)
	abiErr = err
	if _, err := New(nil, 0); !errors.Is(err, ErrABI) {
		t.Errorf("New: %v", err)
	}
	if _, err := ResolveConfig(nil); !errors.Is(err, ErrABI) {
		t.Errorf("ResolveConfig: %v", err)
	}
	if _, err := Preset("classic"); !errors.Is(err, ErrABI) {
		t.Errorf("Preset: %v", err)
	}
	if _, err := Simulate(nil, nil, 0); !errors.Is(err, ErrABI) {
		t.Errorf("Simulate: %v", err)
	}
	if _, err := NewLeveler(nil, LevelerOptions{}); !errors.Is(err, ErrABI) {
		t.Errorf("NewLeveler: %v", err)
	}
}
