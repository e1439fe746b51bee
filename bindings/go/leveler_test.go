package heijunka

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// long is longer than anything takes that doesn't hang.
const long = 30 * time.Second

func leveler(t *testing.T, config any, options LevelerOptions) *Leveler {
	t.Helper()
	leveler, err := NewLeveler(config, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leveler.Close() })
	return leveler
}

func nothing(context.Context) error { return nil }

// busy takes a permit of domain 0.
func busy(t *testing.T, l *Leveler) *Permit {
	t.Helper()
	permit, err := l.Acquire(context.Background(), Request{})
	if err != nil {
		t.Fatal(err)
	}
	return permit
}

func pool(t *testing.T, l *Leveler) PoolStatus {
	t.Helper()
	return must(l.Engine().PoolStatus(0))(t)
}

// until waits for what other goroutines bring about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(long); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestDo(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{})
	ran := false
	err := l.Do(context.Background(), 0, "k", func(ctx context.Context) error {
		ran = ctx == context.Background() && pool(t, l).BusyWorkers == 1
		return nil
	})
	if err != nil || !ran {
		t.Fatal(err, ran)
	}
	failure := errors.New("it failed")
	if err := l.Do(context.Background(), 0, "k", func(context.Context) error { return failure }); err != failure {
		t.Fatal(err)
	}
	if status := pool(t, l); status.BusyWorkers != 0 || status.TotalRequests != 2 || status.FailedRequests != 1 {
		t.Errorf("%+v", status)
	}
	if err := l.Do(context.Background(), 99, "k", nothing); !errors.Is(err, ErrUnknownDomain) {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Do(cancelled, 0, "k", nothing); err != context.Canceled {
		t.Error(err)
	}
}

func TestPanicsGiveBackWhatTheyHad(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{})
	func() {
		defer func() {
			if recover() != "oh" {
				t.Error("the panic is lost")
			}
		}()
		_ = l.Do(context.Background(), 0, "k", func(context.Context) error { panic("oh") })
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.Do(context.Background(), 0, "k", func(context.Context) error { runtime.Goexit(); return nil })
	}()
	<-ended
	if status := pool(t, l); status.BusyWorkers != 0 || status.FailedRequests != 2 {
		t.Errorf("%+v", status)
	}
}

func TestOverload(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{})
	permit := busy(t, l)
	err := l.Do(context.Background(), 0, "k", nothing) // no deadline: no wait
	var overload *Overload
	if !errors.As(err, &overload) || !errors.Is(err, ErrOverload) || errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if overload.Reason != ReasonBusy || overload.Stage != StageCheckout || overload.Pool != 0 ||
		overload.Limit != 1 || overload.Load != 1 || overload.RetryAfter <= 0 {
		t.Errorf("%+v", overload)
	}
	if text := err.Error(); text != "heijunka: refused at checkout: busy (1 of 1)" {
		t.Error(text)
	}
	permit.Done(OutcomeOK)
	permit.Done(OutcomeFailed) // doesn't count
	if status := pool(t, l); status.BusyWorkers != 0 || status.FailedRequests != 0 || status.TotalRequests != 1 {
		t.Errorf("%+v", status)
	}
	if err := l.Do(context.Background(), 0, "k", nothing); err != nil {
		t.Error(err)
	}
}

func TestWaitsForItsTurn(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{})
	permit := busy(t, l)
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	answer := make(chan error)
	go func() { answer <- l.Do(ctx, 0, "k", nothing) }()
	until(t, "somebody waits", func() bool { return pool(t, l).QueueLength == 1 })
	err := l.Do(ctx, 0, "k", nothing)
	var overload *Overload
	if !errors.As(err, &overload) || overload.Reason != ReasonQueueFull {
		t.Error(err)
	}
	permit.Done(OutcomeOK)
	if err := <-answer; err != nil {
		t.Error(err)
	}
	if status := pool(t, l); status.BusyWorkers != 0 || status.TotalRequests != 2 {
		t.Errorf("%+v", status)
	}
}

func TestWaitsInVain(t *testing.T) {
	for name, one := range map[string]struct {
		options  LevelerOptions
		timeout  time.Duration
		deadline bool
	}{
		"until its deadline":          {LevelerOptions{}, 30 * time.Millisecond, true},
		"for MaxWait":                 {LevelerOptions{MaxWait: 30 * time.Millisecond}, 0, false},
		"for MaxWait, deadline later": {LevelerOptions{MaxWait: 30 * time.Millisecond}, long, false},
		"until its deadline, before":  {LevelerOptions{MaxWait: long}, 30 * time.Millisecond, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := leveler(t, narrow, one.options)
			permit := busy(t, l)
			defer permit.Done(OutcomeOK)
			ctx, began := context.Background(), time.Now()
			if one.timeout > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, one.timeout)
				defer cancel()
			}
			err := l.Do(ctx, 0, "k", nothing)
			var overload *Overload
			if !errors.As(err, &overload) || overload.Reason != ReasonWaitOver || overload.Pool != 0 {
				t.Fatal(err)
			}
			if errors.Is(err, context.DeadlineExceeded) != one.deadline {
				t.Error(err)
			}
			// The engine's time is whole microseconds.
			if waited := time.Since(began); waited < 30*time.Millisecond-5*time.Microsecond {
				t.Errorf("it gave up after %v", waited)
			}
			until(t, "nobody waits", func() bool { return pool(t, l).QueueLength == 0 })
			if status := must(l.Engine().RegulatorStatus())(t); status.LiveTokens != 1 {
				t.Errorf("%+v", status)
			}
		})
	}
}

func TestADeadlineBeyondTime(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{MaxWait: 1<<63 - 1})
	ctx, cancel := context.WithDeadline(context.Background(), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	defer cancel()
	for _, ctx := range []context.Context{ctx, context.Background()} {
		if err := l.Do(ctx, 0, "k", nothing); err != nil {
			t.Error(err)
		}
	}
}

func TestGivesUpWaiting(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{MaxWait: long})
	permit := busy(t, l)
	ctx, cancel := context.WithCancel(context.Background())
	answer := make(chan error)
	go func() { answer <- l.Do(ctx, 0, "k", nothing) }()
	until(t, "somebody waits", func() bool { return pool(t, l).QueueLength == 1 })
	cancel()
	if err := <-answer; err != context.Canceled {
		t.Error(err)
	}
	if status := must(l.Engine().RegulatorStatus())(t); status.LiveTokens != 1 || pool(t, l).QueueLength != 0 {
		t.Errorf("%+v", status)
	}
	permit.Done(OutcomeOK)
}

// Whether the cancellation or the worker comes first, nothing stays taken.
func TestGivesUpWhenItsTurnComes(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{MaxWait: long})
	for range 200 {
		permit := busy(t, l)
		ctx, cancel := context.WithCancel(context.Background())
		answer := make(chan error)
		go func() { answer <- l.Do(ctx, 0, "k", nothing) }()
		until(t, "somebody waits", func() bool { return pool(t, l).QueueLength == 1 })
		go cancel()
		permit.Done(OutcomeOK)
		if err := <-answer; err != nil && err != context.Canceled {
			t.Fatal(err)
		}
		cancel()
		if status := must(l.Engine().EngineStatus())(t); status.Tickets != 0 || pool(t, l).BusyWorkers != 0 {
			t.Fatalf("%+v", status)
		}
	}
}

func TestTimersAreFollowed(t *testing.T) {
	seen := make(chan Effect, 100)
	l := leveler(t, `{"regulator": {"token_ttl_us": 20000}, "pools": {"p": {}}}`, LevelerOptions{
		OnEffect: func(effect Effect) { seen <- effect },
	})
	permit := busy(t, l)
	for {
		select {
		case effect := <-seen:
			if effect.Kind != EffectTokenExpired {
				continue
			}
			if effect.Ticket != permit.Ticket || effect.AtUs > l.NowUs() {
				t.Errorf("%+v", effect)
			}
			permit.Done(OutcomeOK)
			return
		case <-time.After(long):
			t.Fatal("no effect")
		}
	}
}

func TestEffectsAreToldInOrderOutsideTheLock(t *testing.T) {
	var mu sync.Mutex
	var seen []WorkerID
	var l *Leveler
	made := make(chan struct{})
	l = leveler(t, `{"pools": {"p": {"initial_workers": 2, "max_workers": 30}}, "scaler": {"enabled": false}}`,
		LevelerOptions{OnEffect: func(effect Effect) {
			<-made
			if effect.Kind == EffectAddWorkers {
				mu.Lock()
				seen = append(seen, effect.Workers...)
				mu.Unlock()
			}
			// It may call the leveler.
			_ = l.Do(context.Background(), 0, "k", nothing)
		}})
	close(made)
	for range 20 {
		err := l.Call(func(engine *Engine, nowUs uint64) error {
			_, err := engine.ScaleUp(nowUs, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all are told", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(seen) == 20
	})
	if !slices.IsSorted(seen) {
		t.Error(seen)
	}
	err := l.Call(func(engine *Engine, nowUs uint64) error { return engine.SetSoftLimit(nowUs, 0) })
	if !errors.Is(err, ErrOutOfRange) {
		t.Error(err)
	}
}

func TestASlowListenerLosesTheOldest(t *testing.T) {
	release, told := make(chan struct{}), atomic.Int64{}
	l := leveler(t, nil, LevelerOptions{OnEffect: func(Effect) {
		<-release
		told.Add(1)
	}})
	effects := make([]Effect, 6000)
	for range 3 {
		l.mu.Lock()
		l.obey(effects)
		l.mu.Unlock()
	}
	close(release)
	until(t, "the rest is told", func() bool { return uint64(told.Load())+l.EffectsDropped() >= 18_000 })
	if dropped := l.EffectsDropped(); dropped == 0 || dropped > 8_000 {
		t.Error(dropped)
	}
}

func TestClosedLeveler(t *testing.T) {
	l := leveler(t, narrow, LevelerOptions{MaxWait: long})
	permit := busy(t, l)
	answer := make(chan error)
	go func() { answer <- l.Do(context.Background(), 0, "k", nothing) }()
	until(t, "somebody waits", func() bool { return pool(t, l).QueueLength == 1 })
	var group sync.WaitGroup
	for range 3 {
		goIn(&group, func() { l.Close() })
	}
	group.Wait()
	if err := <-answer; err != ErrClosed {
		t.Error(err)
	}
	permit.Done(OutcomeOK)
	if err := l.Do(context.Background(), 0, "k", nothing); err != ErrClosed {
		t.Error(err)
	}
	if err := l.Call(func(*Engine, uint64) error { return nil }); err != ErrClosed {
		t.Error(err)
	}
}

func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		l, err := NewLeveler(nil, LevelerOptions{OnEffect: func(Effect) {}})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Do(context.Background(), 0, "k", nothing); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// The last ones are on their way out.
	until(t, "all have ended", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return runtime.NumGoroutine() <= before || !strings.Contains(string(stacks), "(*Leveler).follow")
	})
}

func TestManyWait(t *testing.T) {
	l := leveler(t, `{"pools": {"p": {"initial_workers": 3, "max_workers": 3, "max_waiting": 1000}},
		"scaler": {"enabled": false}, "burst": {"enabled": false}}`, LevelerOptions{MaxWait: long})
	var group sync.WaitGroup
	var served, at, most atomic.Int64
	for range 20 {
		goIn(&group, func() {
			for range 100 {
				err := l.Do(context.Background(), 0, "k", func(context.Context) error {
					now := at.Add(1)
					for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
					}
					runtime.Gosched()
					at.Add(-1)
					served.Add(1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if served.Load() != 2000 || most.Load() > 3 {
		t.Errorf("%d served, %d at once", served.Load(), most.Load())
	}
	if status := must(l.Engine().EngineStatus())(t); status.Tickets != 0 {
		t.Errorf("%+v", status)
	}
}

func BenchmarkDo(b *testing.B) {
	l, err := NewLeveler(nil, LevelerOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	b.ReportAllocs()
	for b.Loop() {
		_ = l.Do(context.Background(), 0, "customer-7", nothing)
	}
}

func TestWaitsWhoseEndWasDropped(t *testing.T) {
	config := `{"limits": {"max_effects": 1}, "pools": {"p": {
		"initial_workers": 2, "min_workers": 2, "max_workers": 2, "max_waiting": 100}}}`
	const waiters = 20
	l := leveler(t, config, LevelerOptions{MaxWait: 20 * time.Millisecond})
	permits := []*Permit{busy(t, l), busy(t, l)}
	ended := make(chan error, waiters)
	for range waiters {
		go func() {
			permit, err := l.Acquire(context.Background(), Request{})
			if err == nil {
				permit.Done(OutcomeOK)
			}
			ended <- err
		}()
	}
	for range waiters {
		select {
		case err := <-ended:
			if !errors.Is(err, ErrOverload) {
				t.Error(err)
			}
		case <-time.After(long):
			t.Fatal("a wait never ended")
		}
	}
	// Both are handed over at once, and only one of the two waiters is told.
	l.options.MaxWait = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	for range 2 {
		go func() {
			permit, err := l.Acquire(ctx, Request{})
			if err == nil {
				permit.Done(OutcomeOK)
			}
			ended <- err
		}()
	}
	until(t, "both wait", func() bool { return pool(t, l).QueueLength == 2 })
	if err := l.Call(func(engine *Engine, nowUs uint64) error {
		for _, permit := range permits {
			if _, err := engine.Complete(nowUs, permit.Ticket, OutcomeOK); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if status := pool(t, l); status.BusyWorkers != 0 {
		t.Errorf("%d workers are lost", status.BusyWorkers)
	}
}

func TestALevelerThatWasNotMadeIsClosed(t *testing.T) {
	var l Leveler
	if err := l.Do(context.Background(), 0, "", nothing); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := l.Call(func(*Engine, uint64) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := l.Engine().EngineStatus(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
