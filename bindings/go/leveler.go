package heijunka

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// ErrOverload is every [Overload], for [errors.Is].
var ErrOverload = errors.New("heijunka: overload")

// Overload is the error of a request that a [Leveler] didn't let in, or that waited in vain.
type Overload struct {
	// Reason is why.
	Reason Reason
	// Stage is which part decided; 0 when the request had been waiting.
	Stage Stage
	// Pool is the pool that refused; [NoPool] when it was refused before there was one.
	Pool PoolID
	// Limit is the limit that decided, and Load what was compared with it; 0 when the request had been waiting.
	Limit, Load uint32
	// RetryAfter is the earliest time worth retrying, from now; 0: not known.
	RetryAfter time.Duration

	cause error
}

// Error tells the reason, and the figures that decided.
func (o *Overload) Error() string {
	if o.Stage == 0 {
		return fmt.Sprintf("heijunka: waited in vain: %v", o.Reason)
	}
	return fmt.Sprintf("heijunka: refused at %v: %v (%d of %d)", o.Stage, o.Reason, o.Load, o.Limit)
}

// Is tells whether the target is [ErrOverload].
func (o *Overload) Is(target error) bool { return target == ErrOverload }

// Unwrap is [context.DeadlineExceeded] when the request waited until its context's deadline; else nil.
func (o *Overload) Unwrap() error { return o.cause }

// LevelerOptions are what a [Leveler] may be told. The zero value will do.
type LevelerOptions struct {
	// OnEffect gets every effect, in order, one at a time, from one goroutine. It may call the Leveler, but not close
	// it. While it is slow, effects wait for it; past 10,000 the oldest are dropped and counted.
	OnEffect func(Effect)
	// MaxWait is the longest wait in a line. 0: until the context's deadline; a request whose context has none then
	// doesn't wait.
	MaxWait time.Duration
}

// Leveler is an [Engine] with a clock: a goroutine follows its deadlines, and requests wait in line until it is their
// turn. Use it where goroutines are the workers: pools then say how many requests of a kind run at once. Any goroutine
// may call it at any time.
type Leveler struct {
	engine  *Engine
	options LevelerOptions
	epoch   time.Time
	wake    chan struct{} // the goroutine should look again
	quit    chan struct{} // closed by Close
	done    chan struct{} // closed when the goroutine has ended
	dropped atomic.Uint64

	mu      sync.Mutex // held from an input until its effects are carried out
	closed  bool
	armedUs uint64 // until when the goroutine sleeps
	line    map[WaiterID]chan turn
	told    []Effect // for OnEffect
}

// turn is the end of a wait.
type turn struct {
	worker WorkerID
	reason Reason // of a wait in vain
	err    error
}

const (
	toldLimit = 10_000
	lastUs    = 1<<53 - 1 // the last time there is

	// An effect that the engine dropped (limits.max_effects) may have been the end of a wait. So a wait also ends by
	// itself, this long after its time.
	lostAfter = 100 * time.Millisecond
)

// NewLeveler makes a leveler and starts its goroutine. config is as for [New]. Close it when done with it.
func NewLeveler(config any, options LevelerOptions) (*Leveler, error) {
	engine, err := New(config, 0)
	if err != nil {
		return nil, err
	}
	leveler := &Leveler{
		engine:  engine,
		options: options,
		epoch:   time.Now(),
		wake:    make(chan struct{}, 1),
		quit:    make(chan struct{}),
		done:    make(chan struct{}),
		line:    map[WaiterID]chan turn{},
	}
	go leveler.follow()
	return leveler, nil
}

// Close lets nobody in any more: who waits, and every later call, gets [ErrClosed]. It returns when the goroutine has
// ended and OnEffect has returned for the last time; functions that run in Do aren't waited for. Closing again does
// nothing. The error is always nil: it is there for [io.Closer].
func (l *Leveler) Close() error {
	if l.engine == nil {
		return nil
	}
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.quit)
		l.endWaits(ErrClosed)
	}
	l.mu.Unlock()
	<-l.done
	return l.engine.Close()
}

// Engine is the engine, for its names and reports. Inputs go through [Leveler.Call].
func (l *Leveler) Engine() *Engine {
	if l.engine == nil {
		return &Engine{}
	}
	return l.engine
}

// NowUs is the time by the leveler's clock, in microseconds since it was made.
func (l *Leveler) NowUs() uint64 { return uint64(time.Since(l.epoch) / time.Microsecond) }

// EffectsDropped is how many effects were dropped because OnEffect was slow.
func (l *Leveler) EffectsDropped() uint64 { return l.dropped.Load() }

// Call makes inputs, such as settings, scaling by hand or reports of health, and then carries out their effects. call
// must neither take effects (Step, Effects, PollEffect) nor call the leveler.
func (l *Leveler) Call(call func(engine *Engine, nowUs uint64) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.engine == nil {
		return ErrClosed
	}
	defer l.settle()
	return call(l.engine, l.NowUs())
}

// Request is what is asked of [Leveler.Acquire].
type Request struct {
	// Domain is where it belongs; [Engine.DomainID] looks it up.
	Domain DomainID
	// Key says what belongs together, see [Engine.Dispatch].
	Key string
	// Class is what it is worth; the zero value is the domain's own.
	Class Class
}

// Permit is a request that was let in and has its worker. Done ends it.
type Permit struct {
	// Ticket is the request in the engine.
	Ticket TicketID
	// Pool serves it.
	Pool PoolID
	// Worker is the worker of the pool that it has.
	Worker WorkerID

	leveler *Leveler
	done    atomic.Bool
}

// Done gives the worker back and leaves. Only the first call counts.
func (p *Permit) Done(outcome Outcome) {
	if p.done.Swap(true) {
		return
	}
	// A leveler that was closed meanwhile has nothing to give back to.
	_ = p.leveler.Call(func(engine *Engine, nowUs uint64) error {
		_, err := engine.Complete(nowUs, p.Ticket, outcome)
		return err
	})
}

// Do runs a function when it may run: at once, or when it is its turn in its pool's waiting line, for which it waits
// until the deadline of ctx (see [LevelerOptions].MaxWait). An error of the function, and a panic, is a failed request;
// both are passed on. When the function doesn't run, the error is an *[Overload], the error of ctx, [ErrClosed], or
// misuse.
func (l *Leveler) Do(ctx context.Context, domain DomainID, key string, do func(context.Context) error) error {
	permit, err := l.Acquire(ctx, Request{Domain: domain, Key: key})
	if err != nil {
		return err
	}
	outcome := OutcomeFailed
	defer func() { permit.Done(outcome) }()
	if err := do(ctx); err != nil {
		return err
	}
	outcome = OutcomeOK
	return nil
}

// Acquire is the first half of Do: a permit, which must be ended by its Done; or an error, after which nothing is left
// to do.
func (l *Leveler) Acquire(ctx context.Context, request Request) (*Permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	if l.closed || l.engine == nil {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	nowUs := l.NowUs()
	untilUs, cause := l.waitUntil(ctx, nowUs)
	answer, err := l.engine.Dispatch(nowUs, request.Domain, request.Key, request.Class, untilUs)
	var line chan turn
	if err == nil && answer.Waiter != 0 {
		line = make(chan turn, 1)
		l.line[answer.Waiter] = line
	}
	l.settle()
	l.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case !answer.Dispatched:
		return nil, &Overload{
			Reason:     answer.Reason,
			Stage:      answer.Stage,
			Pool:       answer.Pool,
			Limit:      answer.Limit,
			Load:       answer.Load,
			RetryAfter: answer.RetryAfter(),
		}
	}
	permit := &Permit{Ticket: answer.Ticket, Pool: answer.Pool, Worker: answer.Worker, leveler: l}
	if line == nil {
		return permit, nil
	}
	var lost <-chan time.Time
	if cause == nil {
		timer := time.NewTimer(max(l.options.MaxWait, l.options.MaxWait+lostAfter)) // the sum may not fit
		defer timer.Stop()
		lost = timer.C
	}
	select {
	case turn := <-line:
		if turn.worker != 0 {
			permit.Worker = turn.worker
			return permit, nil
		}
		if turn.err != nil {
			return nil, turn.err
		}
		return nil, &Overload{Reason: turn.reason, Pool: answer.Pool, cause: cause}
	case <-lost:
		l.leave(answer.Waiter, line, permit)
		return nil, &Overload{Reason: ReasonWaitOver, Pool: answer.Pool}
	case <-ctx.Done():
		l.leave(answer.Waiter, line, permit)
		if cause != nil && ctx.Err() == context.DeadlineExceeded {
			return nil, &Overload{Reason: ReasonWaitOver, Pool: answer.Pool, cause: cause}
		}
		return nil, ctx.Err()
	}
}

// waitUntil is until when a request may wait (0: not at all), and the error that its context then has, if any.
func (l *Leveler) waitUntil(ctx context.Context, nowUs uint64) (uint64, error) {
	wait, cause := l.options.MaxWait, error(nil)
	if deadline, limited := ctx.Deadline(); limited {
		if left := time.Until(deadline); wait <= 0 || left < wait {
			wait, cause = left, context.DeadlineExceeded
		}
	}
	if wait < time.Microsecond {
		return 0, nil
	}
	return min(nowUs+uint64(wait/time.Microsecond), lastUs), cause
}

// leave gives a place in the line up, or the worker if it was handed over just now.
func (l *Leveler) leave(waiter WaiterID, line chan turn, permit *Permit) {
	l.mu.Lock()
	_, waits := l.line[waiter]
	if waits {
		delete(l.line, waiter)
		if l.engine.CancelWait(l.NowUs(), waiter) != nil {
			// It waits no more, but the effect that said so was dropped. If it was handed a worker, that goes back.
			_, _ = l.engine.Complete(l.NowUs(), permit.Ticket, OutcomeOK)
		}
		l.settle()
	}
	l.mu.Unlock()
	if !waits {
		if turn := <-line; turn.worker != 0 {
			permit.Done(OutcomeOK)
		}
	}
}

// settle carries out what an input has brought about. The lock is held.
func (l *Leveler) settle() {
	effects, err := l.engine.Effects()
	l.obey(effects)
	if err == nil {
		var deadlineUs uint64
		var some bool
		if deadlineUs, some, err = l.engine.NextDeadline(); some && deadlineUs < l.armedUs {
			l.nudge()
		}
	}
	if err != nil {
		l.endWaits(err)
	}
}

func (l *Leveler) obey(effects []Effect) {
	for _, effect := range effects {
		if line, waits := l.line[effect.Waiter]; waits {
			switch effect.Kind {
			case EffectWaiterReady:
				delete(l.line, effect.Waiter)
				line <- turn{worker: effect.Workers[0]}
			case EffectWaiterExpired:
				delete(l.line, effect.Waiter)
				line <- turn{reason: effect.Reason}
			}
		}
	}
	if l.options.OnEffect == nil || len(effects) == 0 {
		return
	}
	l.told = append(l.told, effects...)
	if over := len(l.told) - toldLimit; over > 0 {
		l.dropped.Add(uint64(over))
		l.told = append(l.told[:0:0], l.told[over:]...)
	}
	l.nudge()
}

func (l *Leveler) endWaits(err error) {
	for waiter, line := range l.line {
		delete(l.line, waiter)
		line <- turn{err: err}
	}
}

func (l *Leveler) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// follow is the goroutine: it steps when the deadline has come.
func (l *Leveler) follow() {
	defer close(l.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		sleep, told, closed := l.step()
		for _, effect := range told {
			l.options.OnEffect(effect)
		}
		if closed {
			return
		}
		timer.Reset(sleep)
		select {
		case <-timer.C:
		case <-l.wake:
		case <-l.quit:
		}
	}
}

// step runs what is due and answers how long to sleep, and what OnEffect is to be told.
func (l *Leveler) step() (time.Duration, []Effect, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		effects, err := l.engine.Step(l.NowUs())
		l.obey(effects)
		if err != nil {
			l.endWaits(err)
		}
	}
	deadlineUs, some, err := l.engine.NextDeadline()
	l.armedUs = deadlineUs
	if !some || err != nil {
		l.armedUs = math.MaxUint64
	}
	sleep := time.Duration(math.MaxInt64)
	if nowUs := l.NowUs(); l.armedUs <= nowUs {
		sleep = 0
	} else if left := l.armedUs - nowUs; left < math.MaxInt64/uint64(time.Microsecond) {
		sleep = micros(left)
	}
	told := l.told
	l.told = nil
	return sleep, told, l.closed
}
