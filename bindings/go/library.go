package heijunka

// #cgo LDFLAGS: -lheijunka
// #include "heijunka.h"
// #cgo noescape heijunka_last_error
// #cgo nocallback heijunka_last_error
import "C"

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"unsafe"
)

// abiErr is why the library can't be used; nil when it can.
var abiErr = checkABI(uint32(C.heijunka_abi_version()))

func checkABI(library uint32) error {
	if library == C.HEIJUNKA_ABI_VERSION {
		return nil
	}
	return fmt.Errorf("%w: %d; this package was made for %d", ErrABI, library, C.HEIJUNKA_ABI_VERSION)
}

// Version is the library's version, such as "0.1.0".
func Version() string { return C.GoString(C.heijunka_version()) }

// SurgeCostPerYear is a year's bill of surges, in money: two a day at $2.50 are $1,825.
func SurgeCostPerYear(surgesPerDay, costPerSurge float64) float64 {
	return float64(C.heijunka_surge_cost_per_year(C.double(surgesPerDay), C.double(costPerSurge)))
}

// BaselineCostPerYear is a year's bill of permanent workers, in money: one at $1.00 an hour is $8,760.
func BaselineCostPerYear(workers uint32, pricePerHour float64) float64 {
	return float64(C.heijunka_baseline_cost_per_year(C.uint32_t(workers), C.double(pricePerHour)))
}

// ResolveConfig is the full configuration that config stands for, as JSON: checked, every default filled in. What
// config may be is said at [New].
//
// Fails with [ErrInvalidConfig]; the message lists all that is wrong, a line each.
func ResolveConfig(config any) (json.RawMessage, error) {
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_config_resolve(chars(text), C.size_t(len(text)), buf, size, length)
	})
}

// Preset is the full configuration of a preset, as JSON: "classic" (the defaults) or "adaptive".
//
// Fails with [ErrInvalidArgument] for any other name.
func Preset(name string) (json.RawMessage, error) {
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_preset(charsOf(name), C.size_t(len(name)), buf, size, length)
	})
}

// Simulate runs a workload on a configuration, in simulated time, and answers the outcome as JSON: what was offered,
// accepted, refused and why, waits and latencies, utilization, worker-hours and cost, and how all that went over time.
// config is as for [New]; so is workload, which is one of
//
//	{"demo": true}                      the day of a shop, made from seed
//	{"trace": "arrival_us,domain…"}     the text of a trace: CSV, JSON lines or an access log
//	{"requests": [{"arrival_us": 0, "domain": "payment", "service_us": 25000, "key": "k"}, …]}
//	{"profile": "steady"}               a built-in workload: "steady", "ramp", "diurnal", "spike", "bursty",
//	                                    "heavy_tail" or "retry_storm"
//	{"domains": {"payment": {"arrivals": {"process": "poisson", "rate_per_s": 5},
//	                         "service": {"distribution": "exponential", "mean_us": 100000}, "keys": 1000}, …}}
//
// A process and its fields: "constant" and "poisson" (rate_per_s), "ramp" (from_per_s, to_per_s), "diurnal"
// (mean_per_s, amplitude, period_us, peak_at_us), "spike" (rate_per_s, factor, from_us, to_us), "mmpp" (states: a list
// of rate_per_s and mean_us). A distribution, beside mean_us: "constant", "exponential", "log_normal" (variation),
// "pareto" (shape). The last two sources make requests from seed for duration_us (an hour).
//
// Beside that, where wanted: format ("auto", "csv", "jsonl" or "log") and skip_bad of a trace, pools ("own", "shared" or
// "config": where domains go that the configuration doesn't have), set (a list of "path=value"),
// workers_start_delay_us, speed_up, wait_us, default_service_us. What goes wrong in the world: crashes_per_worker_hour;
// slow, a list of pool, from_us, to_us and factor; retries, clients that try again: attempts, backoff_us, multiplier,
// max_backoff_us, jitter, honor_retry_after, timeout_us. max_waiting: the places in the waiting line of pools that don't
// say how many. policy: who scales, "heijunka" (the engine), or to compare with "hpa", "kpa", "celery", "clairvoyant", or a
// map with kind and parameters:
//
//	{"kind": "fixed", "workers": 8}     a count for each pool, or a map of counts by pool
//	{"kind": "fixed", "for": "peak"}    for the busiest minute, or for the "mean", with target (0.7)
//	"hpa"                               target, tolerance, period_us, stabilization_us, up_fraction, up_workers
//	"kpa"                               target, stable_window_us, panic_window_us, panic_threshold, tick_us,
//	                                    max_scale_up_rate, max_scale_down_rate, scale_down_delay_us
//	"celery"                            period_us, keepalive_us, prefetch_multiplier
//
// runs: with how many seeds, from seed on; the outcome is that of the first, and its runs has the mean and the 95 %
// interval of the main figures. The same arguments give the same outcome, bit for bit.
//
// A day of 200 requests a second takes about six seconds.
//
// Fails with [ErrInvalidConfig] (of the workload as well), [ErrInvalidTrace] or [ErrInvalidUTF8].
func Simulate(config, workload any, seed uint64) (json.RawMessage, error) {
	configuration, err := configText(config)
	if err != nil {
		return nil, err
	}
	work, err := configText(workload)
	if err != nil {
		return nil, err
	}
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var simulation *C.heijunka_simulation
	status := C.heijunka_simulation_new(
		chars(configuration), C.size_t(len(configuration)), chars(work), C.size_t(len(work)), C.uint64_t(seed),
		&simulation,
	)
	if status < 0 {
		return nil, lastError(status)
	}
	defer C.heijunka_simulation_free(simulation)
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_simulation_result(simulation, buf, size, length)
	})
}

func libraryReasonName(code uint32) string {
	return C.GoString(C.heijunka_reason_name(C.uint32_t(code)))
}

func libraryEffectKindName(code uint32) string {
	return C.GoString(C.heijunka_effect_kind_name(C.uint32_t(code)))
}

func libraryStatusName(status int32) string {
	return C.GoString(C.heijunka_status_name(C.int32_t(status)))
}

// configText is a configuration as JSON or TOML text.
func configText(config any) ([]byte, error) {
	switch config := config.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(config), nil
	case []byte:
		return config, nil
	case json.RawMessage:
		return config, nil
	}
	text, err := json.Marshal(config)
	if err != nil {
		return nil, &Error{Code: -10, Name: "invalid_config", Message: err.Error()}
	}
	if bytes.Equal(text, []byte("null")) {
		return nil, nil
	}
	return text, nil
}

// readText calls with a buffer until the text fits; another thread may make it longer between two calls.
func readText(call func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t) ([]byte, error) {
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	buffer := make([]byte, 2048)
	for {
		var length C.size_t
		status := call((*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)), &length)
		switch {
		case status == C.HEIJUNKA_ERROR_BUFFER_TOO_SMALL:
			buffer = make([]byte, int(length)+1)
		case status < 0:
			return nil, lastError(status)
		default:
			return buffer[:length:length], nil
		}
	}
}

// lastError is the error of a call that this thread has just made. The goroutine is locked to the thread.
func lastError(status C.int32_t) error {
	buffer := make([]byte, 512)
	for {
		var length C.size_t
		answer := C.heijunka_last_error((*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(len(buffer)), &length)
		if answer == C.HEIJUNKA_ERROR_BUFFER_TOO_SMALL {
			buffer = make([]byte, int(length)+1)
			continue
		}
		return &Error{
			Code:    int32(status),
			Name:    libraryStatusName(int32(status)),
			Message: string(buffer[:length]),
		}
	}
}

// chars is where text lies. Empty text has no place; the library doesn't ask for one.
func chars(text []byte) *C.char { return (*C.char)(unsafe.Pointer(unsafe.SliceData(text))) }

func charsOf(text string) *C.char { return (*C.char)(unsafe.Pointer(unsafe.StringData(text))) }
