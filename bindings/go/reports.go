package heijunka

// #include "heijunka.h"
import "C"

import (
	"encoding/json"
	"fmt"
)

// report reads a report of an engine.
type report func(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t

// raw is a report as the library writes it.
func (e *Engine) raw(read report) (json.RawMessage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handle == nil {
		return nil, ErrClosed
	}
	return readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return read(e.handle, buf, size, length)
	})
}

func decoded[T any](e *Engine, read report) (T, error) {
	var into T
	text, err := e.raw(read)
	if err != nil {
		return into, err
	}
	if err := json.Unmarshal(text, &into); err != nil {
		return into, fmt.Errorf("heijunka: a report that can't be read: %w", err)
	}
	return into, nil
}

// Config is the full configuration the engine was made with, as JSON, every default filled in.
func (e *Engine) Config() (json.RawMessage, error) { return e.raw(readConfig) }

// EngineStatus is the engine's own status.
func (e *Engine) EngineStatus() (EngineStatus, error) { return decoded[EngineStatus](e, readEngine) }

// RegulatorStatus is admission as of the latest time seen.
func (e *Engine) RegulatorStatus() (RegulatorStatus, error) {
	return decoded[RegulatorStatus](e, readRegulator)
}

// CapacityInfo is capacity, and how much of it is in use.
func (e *Engine) CapacityInfo() (CapacityInfo, error) { return decoded[CapacityInfo](e, readCapacity) }

// PoolStatus is a pool's status as of the latest time seen.
//
// Fails with [ErrUnknownPool].
func (e *Engine) PoolStatus(pool PoolID) (PoolStatus, error) {
	return decoded[PoolStatus](e, readPool(pool))
}

// PoolWorkers are a pool's workers.
//
// Fails with [ErrUnknownPool].
func (e *Engine) PoolWorkers(pool PoolID) ([]PoolWorker, error) {
	return decoded[[]PoolWorker](e, readWorkers(pool))
}

// BalanceStatus is the balance of the pools, and what was routed.
func (e *Engine) BalanceStatus() (BalanceStatus, error) {
	return decoded[BalanceStatus](e, readBalance)
}

// BurstStatus is burst detection as of the latest time seen.
func (e *Engine) BurstStatus() (BurstStatus, error) { return decoded[BurstStatus](e, readBurst) }

// SurgeMetrics are the running surge, and what surges have cost, as of the latest time seen.
func (e *Engine) SurgeMetrics() (SurgeMetrics, error) { return decoded[SurgeMetrics](e, readSurge) }

// CostAdvice is whether surges or permanent workers would cost less, judged by the surges so far.
func (e *Engine) CostAdvice() (CostAdvice, error) { return decoded[CostAdvice](e, readCost) }

// Alerts are the alerts that are pending or firing, as of the last evaluation, in the order of the rules and of the
// pools.
func (e *Engine) Alerts() ([]Alert, error) { return decoded[[]Alert](e, readAlerts) }

// Verify makes five checks of a well leveled system, as of the latest time seen.
func (e *Engine) Verify() (Checklist, error) { return decoded[Checklist](e, readVerify) }

// Takt is demand's pace against the pools' at nowUs, which it doesn't move on.
//
// Fails with [ErrTimeOutOfRange].
func (e *Engine) Takt(nowUs uint64) (Takt, error) { return decoded[Takt](e, readTakt(nowUs)) }

// MetricsText is everything as OpenMetrics text, for a Prometheus to scrape: serve it as
// application/openmetrics-text; version=1.0.0; charset=utf-8.
func (e *Engine) MetricsText() (string, error) {
	text, err := e.raw(readMetrics)
	return string(text), err
}

// HealthCheck is a pool's health as of the latest time seen.
//
// Fails with [ErrUnknownPool].
func (e *Engine) HealthCheck(pool PoolID) (HealthStatus, error) {
	var health C.uint32_t
	if err := e.enter(); err != nil {
		return 0, err
	}
	status := C.heijunka_engine_health_check(e.handle, C.uint32_t(pool), &health)
	return HealthStatus(health), e.leave(status)
}

func readConfig(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_config(e, buf, size, length)
}

func readEngine(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_engine_status(e, buf, size, length)
}

func readRegulator(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_regulator_status(e, buf, size, length)
}

func readCapacity(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_capacity_info(e, buf, size, length)
}

func readPool(pool PoolID) report {
	return func(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_engine_pool_status(e, C.uint32_t(pool), buf, size, length)
	}
}

func readWorkers(pool PoolID) report {
	return func(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_engine_pool_workers(e, C.uint32_t(pool), buf, size, length)
	}
}

func readBalance(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_balance_status(e, buf, size, length)
}

func readBurst(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_burst_status(e, buf, size, length)
}

func readSurge(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_surge_metrics(e, buf, size, length)
}

func readAlerts(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_alerts(e, buf, size, length)
}

func readVerify(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_verify(e, buf, size, length)
}

func readTakt(nowUs uint64) report {
	return func(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
		return C.heijunka_engine_takt(e, C.uint64_t(nowUs), buf, size, length)
	}
}

func readMetrics(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_metrics_text(e, buf, size, length)
}

func readCost(e *C.heijunka_engine, buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
	return C.heijunka_engine_cost_advice(e, buf, size, length)
}
