package heijunka

// #include "heijunka.h"
// #cgo noescape heijunka_engine_admit
// #cgo nocallback heijunka_engine_admit
// #cgo noescape heijunka_engine_release
// #cgo nocallback heijunka_engine_release
// #cgo noescape heijunka_engine_route
// #cgo nocallback heijunka_engine_route
// #cgo noescape heijunka_engine_checkout
// #cgo nocallback heijunka_engine_checkout
// #cgo noescape heijunka_engine_checkin
// #cgo nocallback heijunka_engine_checkin
// #cgo noescape heijunka_engine_dispatch
// #cgo nocallback heijunka_engine_dispatch
// #cgo noescape heijunka_engine_complete
// #cgo nocallback heijunka_engine_complete
// #cgo noescape heijunka_engine_step
// #cgo nocallback heijunka_engine_step
// #cgo noescape heijunka_engine_poll_effect
// #cgo nocallback heijunka_engine_poll_effect
// #cgo noescape heijunka_engine_next_deadline
// #cgo nocallback heijunka_engine_next_deadline
import "C"

import (
	"runtime"
	"slices"
	"sync"
	"unsafe"
)

// Engine decides. It reads no clock, does no I/O and starts no goroutine: every input comes with its time, answers at
// once, and may queue effects. Any goroutine may call it at any time; a call holds its lock for about a microsecond.
type Engine struct {
	// Waiting calls are parked as goroutines here, and not as threads at the lock inside the library. It also keeps
	// Close apart from calls.
	mu      sync.Mutex
	handle  *C.heijunka_engine // nil: closed
	cleanup runtime.Cleanup
	domains []string
	pools   []string
	workers []C.uint64_t // where PollEffect gets ids
}

// New makes an engine that starts at nowUs. config is the configuration:
//   - nil: the empty one, which is the default system of the pools payment, delivery and notification;
//   - a string, []byte or json.RawMessage: JSON (text that begins with a brace) or TOML;
//   - anything else: what [json.Marshal] makes of it, so a map or a struct with json tags.
//
// The ids of pools and domains follow the order of the text. A Go map is written in the order of its keys.
//
// The pools' initial workers are there at once, without an effect: [Engine.PoolWorkers] lists them. Close the engine
// when done with it; one that is forgotten is freed by the garbage collector, some time.
//
// Fails with [ErrInvalidConfig] (the message lists all that is wrong, a line each), [ErrInvalidUTF8],
// [ErrTimeOutOfRange] or [ErrABI].
func New(config any, nowUs uint64) (*Engine, error) {
	text, err := configText(config)
	if err != nil {
		return nil, err
	}
	if abiErr != nil {
		return nil, abiErr
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var handle *C.heijunka_engine
	status := C.heijunka_engine_new(chars(text), C.size_t(len(text)), C.uint64_t(nowUs), &handle)
	return made(handle, status)
}

// made is an engine of a handle that a call has written, if it has. The goroutine is locked to the thread.
func made(handle *C.heijunka_engine, status C.int32_t) (*Engine, error) {
	if status < 0 {
		return nil, lastError(status)
	}
	engine := &Engine{handle: handle, workers: make([]C.uint64_t, 16)}
	engine.cleanup = runtime.AddCleanup(engine, free, handle)
	if err := engine.readNames(); err != nil {
		engine.Close()
		return nil, err
	}
	return engine, nil
}

func free(handle *C.heijunka_engine) { C.heijunka_engine_free(handle) }

func (e *Engine) readNames() error {
	var domains, pools C.uint32_t
	if status := C.heijunka_engine_domain_count(e.handle, &domains); status < 0 {
		return lastError(status)
	}
	if status := C.heijunka_engine_pool_count(e.handle, &pools); status < 0 {
		return lastError(status)
	}
	for id := range domains {
		name, err := readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
			return C.heijunka_engine_domain_name(e.handle, id, buf, size, length)
		})
		if err != nil {
			return err
		}
		e.domains = append(e.domains, string(name))
	}
	for id := range pools {
		name, err := readText(func(buf *C.char, size C.size_t, length *C.size_t) C.int32_t {
			return C.heijunka_engine_pool_name(e.handle, id, buf, size, length)
		})
		if err != nil {
			return err
		}
		e.pools = append(e.pools, string(name))
	}
	return nil
}

// Close frees the engine. It waits for calls that are running; every later one answers [ErrClosed]. Closing again does
// nothing. The error is always nil: it is there for [io.Closer].
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.handle != nil {
		e.cleanup.Stop()
		free(e.handle)
		e.handle = nil
	}
	return nil
}

// enter locks the engine, and the goroutine to its thread, which is where the library keeps an error's text.
func (e *Engine) enter() error {
	e.mu.Lock()
	if e.handle == nil {
		e.mu.Unlock()
		return ErrClosed
	}
	runtime.LockOSThread()
	return nil
}

// leave undoes enter and answers the error of a status.
func (e *Engine) leave(status C.int32_t) error {
	var err error
	if status < 0 {
		err = lastError(status)
	}
	runtime.UnlockOSThread()
	e.mu.Unlock()
	runtime.KeepAlive(e)
	return err
}

// DomainID looks up a domain by its name.
//
// Fails with [ErrUnknownDomain].
func (e *Engine) DomainID(name string) (DomainID, error) {
	var id C.uint32_t
	if err := e.enter(); err != nil {
		return NoDomain, err
	}
	status := C.heijunka_engine_domain_id(e.handle, charsOf(name), C.size_t(len(name)), &id)
	if err := e.leave(status); err != nil {
		return NoDomain, err
	}
	return DomainID(id), nil
}

// PoolID looks up a pool by its name.
//
// Fails with [ErrUnknownPool].
func (e *Engine) PoolID(name string) (PoolID, error) {
	var id C.uint32_t
	if err := e.enter(); err != nil {
		return NoPool, err
	}
	status := C.heijunka_engine_pool_id(e.handle, charsOf(name), C.size_t(len(name)), &id)
	if err := e.leave(status); err != nil {
		return NoPool, err
	}
	return PoolID(id), nil
}

// DomainName is a domain's name; empty for [NoDomain] and for an id that the engine doesn't have. It costs nothing,
// also after Close.
func (e *Engine) DomainName(domain DomainID) string { return at(e.domains, uint32(domain)) }

// PoolName is a pool's name; empty for [NoPool] and for an id that the engine doesn't have. It costs nothing, also
// after Close.
func (e *Engine) PoolName(pool PoolID) string { return at(e.pools, uint32(pool)) }

func at(names []string, index uint32) string {
	if uint64(index) < uint64(len(names)) {
		return names[index]
	}
	return ""
}

// Domains are the names of all domains, in the order of their ids.
func (e *Engine) Domains() []string { return slices.Clone(e.domains) }

// Pools are the names of all pools, in the order of their ids.
func (e *Engine) Pools() []string { return slices.Clone(e.pools) }

// Dispatch is the whole way of a request in one call: admission, routing, checkout. It answers a ticket to complete
// and a worker, or (only with waitUntilUs, and if the pool has a line) a place in the pool's waiting line; or a
// refusal, which names its stage and leaves nothing taken.
//
// key says what belongs together (a customer, a session): requests of a domain with several pools go to the pool that
// the key falls to. Any bytes will do. class is never above what the domain's max_class allows. waitUntilUs is the time
// (not a duration) until which the request may wait; 0: it doesn't wait.
//
// Fails with [ErrUnknownDomain], [ErrKeyTooLong], [ErrTimeOutOfRange] or [ErrInvalidArgument].
func (e *Engine) Dispatch(
	nowUs uint64, domain DomainID, key string, class Class, waitUntilUs uint64,
) (Dispatch, error) {
	var out C.heijunka_dispatch
	if err := e.enter(); err != nil {
		return Dispatch{}, err
	}
	status := C.heijunka_engine_dispatch(
		e.handle, C.uint64_t(nowUs), C.uint32_t(domain), bytesOf(key), C.size_t(len(key)), C.uint32_t(class),
		C.uint64_t(waitUntilUs), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return Dispatch{}, err
	}
	return Dispatch{
		Dispatched:   status == C.HEIJUNKA_OK,
		Ticket:       TicketID(out.ticket),
		Token:        Token(out.token),
		Worker:       WorkerID(out.worker),
		Waiter:       WaiterID(out.waiter),
		Pool:         PoolID(out.pool),
		Stage:        Stage(out.stage),
		Reason:       Reason(out.reason),
		Warning:      out.warning != 0,
		Spilled:      out.spilled != 0,
		Overflow:     out.overflow != 0,
		Limit:        uint32(out.limit),
		Load:         uint32(out.load),
		RetryAfterUs: uint64(out.retry_after_us),
	}, nil
}

// Complete ends a dispatched request: its worker is checked in and its token released. A request that still waits
// waits no more.
//
// Fails with [ErrUnknownTicket] for a ticket that was completed, has ended or was never given out; nothing changes.
func (e *Engine) Complete(nowUs uint64, ticket TicketID, outcome Outcome) (Completion, error) {
	var out C.heijunka_completion
	if err := e.enter(); err != nil {
		return Completion{}, err
	}
	status := C.heijunka_engine_complete(
		e.handle, C.uint64_t(nowUs), C.uint64_t(ticket), C.uint32_t(outcome), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return Completion{}, err
	}
	return Completion{TokenReleased: out.token_released != 0, WorkerReturned: out.worker_returned != 0}, nil
}

// Admit asks to come in: a token to release, or a refusal. class is never above what the domain's max_class allows.
//
// Fails with [ErrUnknownDomain], [ErrTimeOutOfRange] or [ErrInvalidArgument].
func (e *Engine) Admit(nowUs uint64, domain DomainID, class Class) (Admission, error) {
	var out C.heijunka_admission
	if err := e.enter(); err != nil {
		return Admission{}, err
	}
	status := C.heijunka_engine_admit(
		e.handle, C.uint64_t(nowUs), C.uint32_t(domain), C.uint32_t(class), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return Admission{}, err
	}
	return Admission{
		Admitted:     out.admitted != 0,
		Token:        Token(out.token),
		Warning:      out.warning != 0,
		Reason:       Reason(out.reason),
		Limit:        uint32(out.limit),
		Load:         uint32(out.load),
		RetryAfterUs: uint64(out.retry_after_us),
	}, nil
}

// Release gives a token back.
//
// Fails with [ErrUnknownToken] for a token that was released, has expired or was never given out; nothing changes.
func (e *Engine) Release(nowUs uint64, token Token, outcome Outcome) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_release(
		e.handle, C.uint64_t(nowUs), C.uint64_t(token), C.uint32_t(outcome),
	))
}

// Route chooses the pool for a key, which is as for [Engine.Dispatch].
//
// Fails with [ErrUnknownDomain], [ErrKeyTooLong] or [ErrTimeOutOfRange].
func (e *Engine) Route(nowUs uint64, domain DomainID, key string) (Route, error) {
	var out C.heijunka_route
	if err := e.enter(); err != nil {
		return Route{Pool: NoPool}, err
	}
	status := C.heijunka_engine_route(
		e.handle, C.uint64_t(nowUs), C.uint32_t(domain), bytesOf(key), C.size_t(len(key)),
		C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return Route{Pool: NoPool}, err
	}
	return Route{Pool: PoolID(out.pool), Reason: Reason(out.reason), Spilled: out.spilled != 0}, nil
}

// Checkout asks a pool for a worker: a worker to check in, or (only with waitUntilUs, and if the pool has a line) a
// place in its waiting line, or a refusal. waitUntilUs is the time (not a duration) until
// which to wait; 0: don't wait.
//
// Fails with [ErrUnknownPool] or [ErrTimeOutOfRange].
func (e *Engine) Checkout(nowUs uint64, pool PoolID, waitUntilUs uint64) (Checkout, error) {
	var out C.heijunka_checkout
	if err := e.enter(); err != nil {
		return Checkout{}, err
	}
	status := C.heijunka_engine_checkout(
		e.handle, C.uint64_t(nowUs), C.uint32_t(pool), C.uint64_t(waitUntilUs), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return Checkout{}, err
	}
	return Checkout{
		Worker:       WorkerID(out.worker),
		Waiter:       WaiterID(out.waiter),
		Reason:       Reason(out.reason),
		Overflow:     out.overflow != 0,
		Limit:        uint32(out.limit),
		Load:         uint32(out.load),
		RetryAfterUs: uint64(out.retry_after_us),
	}, nil
}

// Checkin gives a worker back and answers what becomes of it.
//
// Fails with [ErrUnknownWorker] for a worker that isn't out; nothing changes.
func (e *Engine) Checkin(nowUs uint64, worker WorkerID, outcome Outcome) (CheckinOutcome, error) {
	var out C.heijunka_checkin
	if err := e.enter(); err != nil {
		return 0, err
	}
	status := C.heijunka_engine_checkin(
		e.handle, C.uint64_t(nowUs), C.uint64_t(worker), C.uint32_t(outcome), C.size_t(unsafe.Sizeof(out)), &out,
	)
	if err := e.leave(status); err != nil {
		return 0, err
	}
	return CheckinOutcome(out.outcome), nil
}

// CancelWait leaves a waiting line. If a ticket waits there, it ends, and its token is released.
//
// Fails with [ErrUnknownWaiter] for a waiter that was served, has left or never existed; nothing changes.
func (e *Engine) CancelWait(nowUs uint64, waiter WaiterID) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_cancel_wait(e.handle, C.uint64_t(nowUs), C.uint64_t(waiter)))
}

// WorkerReady says that an ordered worker is ready. It is needed with worker_start = "confirmed" in the configuration
// alone; otherwise an ordered worker counts as ready at once.
//
// Fails with [ErrUnknownWorker] for a worker that isn't starting; nothing changes.
func (e *Engine) WorkerReady(nowUs uint64, worker WorkerID) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_worker_ready(e.handle, C.uint64_t(nowUs), C.uint64_t(worker)))
}

// WorkerFailed takes a failed worker out, counts a failure and orders a replacement (an effect [EffectAddWorkers]). A
// ticket it was busy with still has to be completed.
//
// Fails with [ErrUnknownWorker] for a worker that has left or never existed; nothing changes.
func (e *Engine) WorkerFailed(nowUs uint64, worker WorkerID) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_worker_failed(e.handle, C.uint64_t(nowUs), C.uint64_t(worker)))
}

// ReportHealth answers an effect [EffectCheckHealth]: alive and dead are workers of the pool. The dead ones are taken
// out and replaced; the answer is how many.
//
// Fails with [ErrUnknownPool], or with [ErrUnknownWorker] for an id that isn't a worker of the pool or is in both
// lists; nothing changes.
func (e *Engine) ReportHealth(nowUs uint64, pool PoolID, alive, dead []WorkerID) (uint32, error) {
	var replaced C.uint32_t
	if err := e.enter(); err != nil {
		return 0, err
	}
	status := C.heijunka_engine_report_health(
		e.handle, C.uint64_t(nowUs), C.uint32_t(pool), ids(alive), C.size_t(len(alive)), ids(dead),
		C.size_t(len(dead)), &replaced,
	)
	return uint32(replaced), e.leave(status)
}

// Step runs every timer that is due and takes all effects that are queued, those of earlier inputs first. Call it when
// [Engine.NextDeadline] has come, or later: a step after a long sleep costs the same and makes up for what was missed.
// Nothing due: a few comparisons, and a nil slice.
//
// Fails with [ErrTimeOutOfRange].
func (e *Engine) Step(nowUs uint64) ([]Effect, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	status := C.heijunka_engine_step(e.handle, C.uint64_t(nowUs))
	if status < 0 {
		return nil, e.leave(status)
	}
	effects, status := e.drain()
	return effects, e.leave(status)
}

// Effects takes all effects that are queued, without a step. Take them after inputs too: Complete and Checkin may serve
// a waiter, others may add or remove workers.
//
// Effects that nobody takes are bounded: past limits.max_effects of the configuration the oldest are dropped, and
// [EngineStatus] counts them.
func (e *Engine) Effects() ([]Effect, error) {
	if err := e.enter(); err != nil {
		return nil, err
	}
	effects, status := e.drain()
	return effects, e.leave(status)
}

// PollEffect takes the oldest effect that wasn't taken yet; false when there is none.
func (e *Engine) PollEffect() (Effect, bool, error) {
	if err := e.enter(); err != nil {
		return Effect{}, false, err
	}
	effect, status := e.poll()
	return effect, status == C.HEIJUNKA_OK, e.leave(status)
}

func (e *Engine) drain() ([]Effect, C.int32_t) {
	var effects []Effect
	for {
		effect, status := e.poll()
		if status != C.HEIJUNKA_OK {
			return effects, status
		}
		effects = append(effects, effect)
	}
}

func (e *Engine) poll() (Effect, C.int32_t) {
	var out C.heijunka_effect
	var count C.size_t
	for {
		status := C.heijunka_engine_poll_effect(
			e.handle, unsafe.SliceData(e.workers), C.size_t(len(e.workers)), &count, C.size_t(unsafe.Sizeof(out)),
			&out,
		)
		if status == C.HEIJUNKA_ERROR_BUFFER_TOO_SMALL {
			e.workers = make([]C.uint64_t, int(count))
			continue
		}
		if status != C.HEIJUNKA_OK {
			return Effect{}, status
		}
		var workers []WorkerID
		for _, worker := range e.workers[:count] {
			workers = append(workers, WorkerID(worker))
		}
		return Effect{
			AtUs:    uint64(out.at_us),
			Kind:    EffectKind(out.kind),
			Reason:  Reason(out.reason),
			Pool:    PoolID(out.pool),
			ToPool:  PoolID(out.to_pool),
			Domain:  DomainID(out.domain),
			Token:   Token(out.token),
			Waiter:  WaiterID(out.waiter),
			Ticket:  TicketID(out.ticket),
			Workers: workers,
			Count:   uint32(out.count),
			Surge:   out.surge != 0,
			Alert:   uint32(out.alert),
			Value:   float64(out.value),
			Options: AlertOptions(out.options),
		}, status
	}
}

// NextDeadline is when the next Step is needed, always later than the latest time the engine has seen; false for never.
// Any input may change it, so ask again before sleeping.
func (e *Engine) NextDeadline() (uint64, bool, error) {
	var deadlineUs C.uint64_t
	if err := e.enter(); err != nil {
		return 0, false, err
	}
	status := C.heijunka_engine_next_deadline(e.handle, &deadlineUs)
	return uint64(deadlineUs), status == C.HEIJUNKA_OK, e.leave(status)
}

// bytesOf is where a key lies. Empty ones have no place; the library doesn't ask for one.
func bytesOf(key string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(key)) }

func ids(workers []WorkerID) *C.uint64_t {
	return (*C.uint64_t)(unsafe.Pointer(unsafe.SliceData(workers)))
}
