package heijunka

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func engine(t testing.TB, config any) *Engine {
	t.Helper()
	engine, err := New(config, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

func must[T any](answer T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

// One pool with one worker and a line of one place.
const narrow = `{"pools": {"p": {"initial_workers": 1, "min_workers": 1, "max_waiting": 1}}}`

func TestConfigurations(t *testing.T) {
	type pool struct {
		Workers int `json:"initial_workers"`
	}
	type config struct {
		Pools map[string]pool `json:"pools"`
	}
	var none *config
	for name, one := range map[string]struct {
		config any
		pools  []string
	}{
		"nothing":  {nil, []string{"payment", "delivery", "notification"}},
		"a nil":    {none, []string{"payment", "delivery", "notification"}},
		"no text":  {"", []string{"payment", "delivery", "notification"}},
		"JSON":     {`{"pools": {"b": {}, "a": {}}}`, []string{"b", "a"}},
		"bytes":    {[]byte(`{"pools": {"b": {}, "a": {}}}`), []string{"b", "a"}},
		"raw":      {json.RawMessage(`{"pools": {"b": {}, "a": {}}}`), []string{"b", "a"}},
		"TOML":     {"[pools.b]\n[pools.a]\n", []string{"b", "a"}},
		"a map":    {map[string]any{"pools": map[string]any{"b": map[string]any{}, "a": nil}}, []string{"a", "b"}},
		"a struct": {config{map[string]pool{"only": {3}}}, []string{"only"}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a map" {
				one.config.(map[string]any)["pools"].(map[string]any)["a"] = map[string]any{}
			}
			e := engine(t, one.config)
			if pools := e.Pools(); !slices.Equal(pools, one.pools) {
				t.Errorf("%v", pools)
			}
			for index, name := range one.pools {
				if id := must(e.PoolID(name))(t); id != PoolID(index) || e.PoolName(id) != name {
					t.Errorf("%s is %d, which is %s", name, id, e.PoolName(id))
				}
				if id := must(e.DomainID(name))(t); e.DomainName(id) != name || e.Domains()[id] != name {
					t.Errorf("domain %s is %d, which is %s", name, id, e.DomainName(id))
				}
			}
		})
	}
	e := engine(t, nil)
	if name := e.PoolName(NoPool) + e.PoolName(99) + e.DomainName(NoDomain); name != "" {
		t.Errorf("nothing is called %q", name)
	}
}

func TestConfigurationErrorsListEveryProblem(t *testing.T) {
	_, err := New(map[string]any{"regulator": map[string]any{"hard_limit": -1, "sof_limit": 3}}, 0)
	if !errors.Is(err, ErrInvalidConfig) {
		t.Fatal(err)
	}
	for _, path := range []string{"regulator.hard_limit", "regulator.sof_limit"} {
		if !strings.Contains(err.Error(), path) {
			t.Errorf("no %s in %v", path, err)
		}
	}
	many := map[string]any{}
	for index := range 200 {
		many[fmt.Sprintf("nonsense_%03d", index)] = index
	}
	if _, err := New(many, 0); err == nil || !strings.Contains(err.Error(), "nonsense_150") {
		t.Errorf("a long message is cut: %v", err)
	}
	if _, err := New(func() {}, 0); !errors.Is(err, ErrInvalidConfig) {
		t.Errorf("a function: %v", err)
	}
}

// Every error that a Go program can meet, as it meets it.
func TestErrors(t *testing.T) {
	e := engine(t, nil)
	_, domain := e.DomainID("nonsense")
	_, pool := e.PoolID("nonsense")
	_, admitted := e.Admit(0, 99, ClassDefault)
	_, routed := e.Route(0, 0, strings.Repeat("k", 100_000))
	_, checkedOut := e.Checkout(0, 99, 0)
	_, checkedIn := e.Checkin(0, 12345, OutcomeOK)
	_, completed := e.Complete(0, 12345, OutcomeOK)
	_, late := e.Step(1 << 53)
	_, lateWait := e.Checkout(0, 0, 1<<60)
	_, classless := e.Admit(0, 0, 77)
	_, outcomeless := e.Complete(0, 1, 77)
	_, presetless := Preset("nonsense")
	_, broken := New("\xff", 0)
	_, unnamed := e.DomainID("\xff")
	_, unwell := e.HealthCheck(99)
	_, untold := e.PoolStatus(99)
	_, unlisted := e.PoolWorkers(99)
	_, unscaled := e.ScaleUp(0, 99)
	_, unhealthy := e.ReportHealth(0, 0, nil, []WorkerID{12345})
	_, traceless := Simulate(nil, map[string]any{"trace": "nonsense"}, 0)
	_, invalid := ResolveConfig("x = ")
	for index, one := range []struct{ got, want error }{
		{domain, ErrUnknownDomain},
		{admitted, ErrUnknownDomain},
		{e.SetDomainOpen(0, NoDomain, true), ErrUnknownDomain},
		{pool, ErrUnknownPool},
		{checkedOut, ErrUnknownPool},
		{unwell, ErrUnknownPool},
		{untold, ErrUnknownPool},
		{unlisted, ErrUnknownPool},
		{unscaled, ErrUnknownPool},
		{e.SetPoolOpen(0, NoPool, true), ErrUnknownPool},
		{routed, ErrKeyTooLong},
		{e.Release(0, 12345, OutcomeOK), ErrUnknownToken},
		{checkedIn, ErrUnknownWorker},
		{e.WorkerReady(0, 12345), ErrUnknownWorker},
		{e.WorkerFailed(0, 12345), ErrUnknownWorker},
		{unhealthy, ErrUnknownWorker},
		{e.CancelWait(0, 12345), ErrUnknownWaiter},
		{completed, ErrUnknownTicket},
		{late, ErrTimeOutOfRange},
		{lateWait, ErrTimeOutOfRange},
		{e.SetSoftLimit(0, 0), ErrOutOfRange},
		{e.SetHardLimit(0, 1), ErrOutOfRange},
		{e.SetAffinityGroups(0, map[string]string{"k": "nonsense"}), ErrInvalidConfig},
		{e.SetAffinityGroups(0, func() {}), ErrInvalidConfig},
		{invalid, ErrInvalidConfig},
		{classless, ErrInvalidArgument},
		{outcomeless, ErrInvalidArgument},
		{presetless, ErrInvalidArgument},
		{broken, ErrInvalidUTF8},
		{unnamed, ErrInvalidUTF8},
		{traceless, ErrInvalidTrace},
	} {
		if !errors.Is(one.got, one.want) {
			t.Errorf("%d: %v instead of %v", index, one.got, one.want)
			continue
		}
		for _, other := range sentinels {
			if errors.Is(one.got, other) && other != one.want {
				t.Errorf("%d: %v is also %v", index, one.got, other)
			}
		}
		var misuse *Error
		if !errors.As(fmt.Errorf("wrapped: %w", one.got), &misuse) || misuse.Message == "" {
			t.Errorf("%d: %#v", index, one.got)
		}
	}
	if errors.Is(ErrClosed, ErrUnknownToken) || errors.Is(ErrUnknownToken, ErrClosed) {
		t.Error("closed isn't unknown")
	}
}

func TestARequest(t *testing.T) {
	e := engine(t, narrow)
	first := must(e.Dispatch(1_000, 0, "a", ClassDefault, 0))(t)
	if !first.Dispatched || first.Worker == 0 || first.Reason != ReasonWorkerIdle || first.Stage != StageCheckout {
		t.Fatalf("%+v", first)
	}
	second := must(e.Dispatch(2_000, 0, "b", ClassDefault, 10_000_000))(t)
	if !second.Dispatched || second.Waiter == 0 || second.Reason != ReasonWaiting {
		t.Fatalf("%+v", second)
	}
	third := must(e.Dispatch(3_000, 0, "c", ClassDefault, 10_000_000))(t)
	if third.Dispatched || third.Ticket != 0 || third.Reason != ReasonQueueFull || third.RetryAfter() <= 0 {
		t.Fatalf("%+v", third)
	}
	done := must(e.Complete(4_000, first.Ticket, OutcomeOK))(t)
	if !done.TokenReleased || !done.WorkerReturned {
		t.Fatalf("%+v", done)
	}
	effects := must(e.Effects())(t)
	if len(effects) != 1 || effects[0].Kind != EffectWaiterReady || effects[0].Ticket != second.Ticket ||
		!slices.Equal(effects[0].Workers, []WorkerID{first.Worker}) || effects[0].Pool != 0 ||
		effects[0].Domain != NoDomain || effects[0].ToPool != NoPool || effects[0].AtUs != 4_000 {
		t.Fatalf("%+v", effects)
	}
	if _, more, err := e.PollEffect(); more || err != nil {
		t.Fatal(more, err)
	}
	must(e.Complete(5_000, second.Ticket, OutcomeFailed))(t)
	if status := must(e.PoolStatus(0))(t); status.TotalRequests != 2 || status.FailedRequests != 1 {
		t.Errorf("%+v", status)
	}
}

func TestEveryOtherInput(t *testing.T) {
	e := engine(t, `{"worker_start": "confirmed", "pools": {"p": {"initial_workers": 3, "min_workers": 1}, "q": {}}}`)
	admission := must(e.Admit(0, 0, ClassSheddable))(t)
	if !admission.Admitted || admission.Reason != ReasonAccepted || admission.Load != 1 {
		t.Fatalf("%+v", admission)
	}
	if err := e.Release(1, admission.Token, OutcomeOK); err != nil {
		t.Fatal(err)
	}
	if route := must(e.Route(1, 0, "k"))(t); route.Refused() || route.Pool != 0 {
		t.Fatalf("%+v", route)
	}
	checkout := must(e.Checkout(2, 0, 0))(t)
	if checkout.Refused() || checkout.Worker == 0 || checkout.Limit != 3 || checkout.Load != 1 {
		t.Fatalf("%+v", checkout)
	}
	if outcome := must(e.Checkin(3, checkout.Worker, OutcomeOK))(t); outcome != CheckinIdle {
		t.Fatal(outcome)
	}
	up := must(e.ScaleUp(4, 0))(t)
	if !up.Scaled || up.Workers != 4 || up.Reason != ReasonManual {
		t.Fatalf("%+v", up)
	}
	effect, some, err := e.PollEffect()
	if err != nil || !some || effect.Kind != EffectAddWorkers || len(effect.Workers) != 1 {
		t.Fatalf("%+v, %v", effect, err)
	}
	if err := e.WorkerReady(5, effect.Workers[0]); err != nil {
		t.Fatal(err)
	}
	if down := must(e.ScaleDown(6, 0))(t); !down.Scaled || down.Workers != 3 {
		t.Fatalf("%+v", down)
	}
	workers := must(e.PoolWorkers(0))(t)
	if len(workers) != 3 || workers[0].State != "idle" || workers[0].Worker == 0 {
		t.Fatalf("%+v", workers)
	}
	if err := e.WorkerFailed(7, workers[0].Worker); err != nil {
		t.Fatal(err)
	}
	alive, dead := []WorkerID{workers[1].Worker}, []WorkerID{workers[2].Worker}
	if replaced := must(e.ReportHealth(8, 0, alive, dead))(t); replaced != 1 {
		t.Fatal(replaced)
	}
	if moved := must(e.Rebalance(9))(t); moved.Migrated || moved.From != NoPool || moved.Reason == 0 {
		t.Fatalf("%+v", moved)
	}
	for name, err := range map[string]error{
		"soft":      e.SetSoftLimit(10, 5),
		"hard":      e.SetHardLimit(10, 6),
		"affinity":  e.SetAffinityGroups(10, map[string][]string{"vip": {"q"}}),
		"no groups": e.SetAffinityGroups(10, nil),
		"enable":    e.EnableSurge(10),
		"disable":   e.DisableSurge(10),
		"domain":    e.SetDomainOpen(10, 0, false),
		"pool":      e.SetPoolOpen(10, 0, false),
		"off-peak":  e.SetOffPeak(10, true),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if refused := must(e.Admit(11, 0, ClassDefault))(t); refused.Admitted || refused.Reason != ReasonDomainClosed {
		t.Errorf("%+v", refused)
	}
	if closed := must(e.Checkout(11, 0, 0))(t); !closed.Refused() || closed.Reason != ReasonPoolClosed {
		t.Errorf("%+v", closed)
	}
	if health := must(e.HealthCheck(0))(t); health != HealthHealthy {
		t.Error(health)
	}
	if deadlineUs, some, err := e.NextDeadline(); !some || deadlineUs <= 11 || err != nil {
		t.Error(deadlineUs, some, err)
	}
}

func TestAnEffectWithManyWorkersIsWhole(t *testing.T) {
	e := engine(t, `{
		"pools": {"p": {"initial_workers": 100, "max_workers": 100, "surge_max_workers": 300}},
		"scaler": {"enabled": false}, "burst": {"surge_workers": 40}
	}`)
	most := 0
	for second := range uint64(400) {
		requests := 1
		if second > 350 {
			requests = 100
		}
		for range requests {
			must(e.Dispatch(second*1_000_000, 0, "k", ClassDefault, 0))(t)
		}
		for _, effect := range must(e.Step(second * 1_000_000))(t) {
			most = max(most, len(effect.Workers))
			if effect.Kind == EffectAddWorkers && len(effect.Workers) != int(effect.Count) {
				t.Errorf("%+v", effect)
			}
			for _, worker := range effect.Workers {
				if worker == 0 {
					t.Errorf("%+v", effect)
				}
			}
		}
		for _, worker := range must(e.PoolWorkers(0))(t) {
			if worker.State == "busy" {
				must(e.Checkin(second*1_000_000+900_000, worker.Worker, OutcomeOK))(t)
			}
		}
	}
	if most != 40 {
		t.Errorf("the largest effect had %d workers", most)
	}
}

// Every report has the members that its struct has, no more and no fewer.
func TestReports(t *testing.T) {
	e := engine(t, nil)
	must(e.Dispatch(0, 0, "k", ClassDefault, 0))(t)
	if err := e.SetDomainOpen(0, 1, false); err != nil {
		t.Fatal(err)
	}
	must(e.Admit(0, 1, ClassDefault))(t)
	// Idle pools: alerts that are pending.
	must(e.Step(20_000_000))(t)
	for name, one := range map[string]struct {
		into any
		read report
	}{
		"engine":    {new(EngineStatus), readEngine},
		"regulator": {new(RegulatorStatus), readRegulator},
		"capacity":  {new(CapacityInfo), readCapacity},
		"pool":      {new(PoolStatus), readPool(0)},
		"workers":   {new([]PoolWorker), readWorkers(0)},
		"balance":   {new(BalanceStatus), readBalance},
		"burst":     {new(BurstStatus), readBurst},
		"surge":     {new(SurgeMetrics), readSurge},
		"cost":      {new(CostAdvice), readCost},
		"alerts":    {new([]Alert), readAlerts},
		"verify":    {new(Checklist), readVerify},
		"takt":      {new(Takt), readTakt(60_000_000)},
	} {
		raw := must(e.raw(one.read))(t)
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(one.into); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		back := must(json.Marshal(one.into))(t)
		var left, right any
		if json.Unmarshal(raw, &left) != nil || json.Unmarshal(back, &right) != nil || !reflect.DeepEqual(left, right) {
			t.Errorf("%s:\n%s\n%s", name, raw, back)
		}
	}
	if config := must(e.Config())(t); !json.Valid(config) || !bytes.Contains(config, []byte(`"hard_limit":1200`)) {
		t.Errorf("%s", config)
	}
	status := must(e.RegulatorStatus())(t)
	if status.RejectionsByReason["domain_closed"] != 1 || status.CurrentLoad != 1 {
		t.Errorf("%+v", status)
	}
	if alerts := must(e.Alerts())(t); len(alerts) != 4 || alerts[0].Pool != nil || alerts[1].State != "pending" || *alerts[1].Pool != "payment" {
		t.Errorf("%+v", alerts)
	}
	pool := must(e.PoolStatus(0))(t)
	if pool.Name != "payment" || pool.HealthStatus != HealthHealthy || pool.BusyWorkers != 1 {
		t.Errorf("%+v", pool)
	}
	for _, err := range []error{
		second(e.EngineStatus()), second(e.CapacityInfo()), second(e.BalanceStatus()), second(e.BurstStatus()),
		second(e.SurgeMetrics()), second(e.CostAdvice()), second(e.PoolWorkers(0)),
		second(e.Verify()), second(e.Takt(0)), second(e.MetricsText()),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatNeedsNoEngine(t *testing.T) {
	if Version() == "" {
		t.Error("no version")
	}
	if cost := SurgeCostPerYear(2, 2.5); cost != 1825 {
		t.Error(cost)
	}
	if cost := BaselineCostPerYear(1, 1); cost != 8760 {
		t.Error(cost)
	}
	resolved, preset := must(ResolveConfig(nil))(t), must(Preset("classic"))(t)
	if !bytes.Equal(resolved, preset) {
		t.Errorf("the empty configuration isn't the classic one:\n%s\n%s", resolved, preset)
	}
	adaptive := must(Preset("adaptive"))(t)
	if again := must(ResolveConfig(adaptive))(t); !bytes.Equal(again, adaptive) {
		t.Errorf("a full configuration doesn't read back:\n%s\n%s", adaptive, again)
	}
	requests := []map[string]any{{"arrival_us": 5, "domain": "payment", "service_us": 25_000}}
	outcome := must(Simulate(nil, map[string]any{"requests": requests}, 1))(t)
	if again := must(Simulate(nil, map[string]any{"requests": requests}, 1))(t); !bytes.Equal(outcome, again) {
		t.Error("the same simulation gave another outcome")
	}
	if !json.Valid(outcome) {
		t.Errorf("%s", outcome)
	}
}

func TestWordsAreReadable(t *testing.T) {
	text := must(json.Marshal([]any{
		ClassCritical, OutcomeFailed, StageRoute, CheckinLeft, HealthDegraded, EffectAddWorkers, ReasonHardLimit,
		Reason(999), EffectKind(999), Class(9),
	}))(t)
	const want = `["critical","failed","route","left","degraded","AddWorkers","hard_limit","unknown","unknown","unknown"]`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	var health HealthStatus
	if err := health.UnmarshalText([]byte("nonsense")); err == nil {
		t.Error(health)
	}
}

func TestClosed(t *testing.T) {
	closed := engine(t, nil)
	if err := errors.Join(closed.Close(), closed.Close()); err != nil {
		t.Fatal(err)
	}
	for _, e := range []*Engine{closed, new(Engine)} {
		// Every method that may fail, called with zeros.
		value := reflect.ValueOf(e)
		for index := range value.NumMethod() {
			name, method := value.Type().Method(index).Name, value.Method(index)
			kind := method.Type()
			if kind.NumOut() == 0 || !kind.Out(kind.NumOut()-1).Implements(reflect.TypeFor[error]()) || name == "Close" {
				continue
			}
			arguments := []reflect.Value{}
			for argument := range kind.NumIn() {
				arguments = append(arguments, reflect.Zero(kind.In(argument)))
			}
			answers := method.Call(arguments)
			if err, _ := answers[len(answers)-1].Interface().(error); err != ErrClosed {
				t.Errorf("%s answers %v", name, err)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
	if closed.PoolName(0) != "payment" {
		t.Error("names are lost")
	}
}

func TestForgottenEnginesAreFreed(t *testing.T) {
	freed := make(chan struct{})
	func() {
		engine, err := New(nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(engine, func(int) { close(freed) }, 0)
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-freed:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("a forgotten engine stays")
}

func TestManyGoroutines(t *testing.T) {
	e := engine(t, `{"pools": {"p": {"initial_workers": 5, "max_waiting": 20}}}`)
	var clock, served atomic.Uint64
	var group sync.WaitGroup
	for range 8 {
		goIn(&group, func() {
			for index := range 500 {
				nowUs := clock.Add(7)
				dispatch, err := e.Dispatch(nowUs, 0, fmt.Sprint(index), ClassDefault, nowUs+50)
				if err != nil {
					t.Error(err)
					return
				}
				// The text of an error is this call's own, whatever other goroutines do wrong.
				token := Token(1<<40 + nowUs)
				if err := e.Release(nowUs, token, OutcomeOK); !strings.Contains(err.Error(), fmt.Sprint(token)) {
					t.Error(err)
				}
				if dispatch.Worker != 0 {
					if _, err := e.Complete(clock.Add(3), dispatch.Ticket, OutcomeOK); err != nil {
						t.Error(err)
					}
					served.Add(1)
				}
				if _, err := e.Step(clock.Add(1)); err != nil {
					t.Error(err)
				}
				if _, err := e.PoolStatus(0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if served.Load() == 0 {
		t.Error("nobody was served")
	}
	status := must(e.RegulatorStatus())(t)
	if status.IssuedTokens != uint64(status.LiveTokens)+status.ReleasedTokens+status.ExpiredTokens {
		t.Errorf("%+v", status)
	}
}

func TestCloseAmongCalls(t *testing.T) {
	for range 20 {
		e := engine(t, nil)
		var group sync.WaitGroup
		for range 4 {
			goIn(&group, func() {
				for {
					dispatch, err := e.Dispatch(0, 0, "k", ClassDefault, 0)
					if err == nil && dispatch.Dispatched {
						_, err = e.Complete(0, dispatch.Ticket, OutcomeOK)
					}
					if err == nil {
						_, err = e.RegulatorStatus()
					}
					if err != nil {
						if err != ErrClosed {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		time.Sleep(200 * time.Microsecond)
		goIn(&group, func() { e.Close() })
		e.Close()
		group.Wait()
	}
}

func TestHotCallsDontAllocate(t *testing.T) {
	e := engine(t, nil)
	nowUs, key := uint64(0), string(bytes.Repeat([]byte("k"), 40))
	for name, call := range map[string]func(){
		"admit and release": func() {
			admission, _ := e.Admit(nowUs, 0, ClassDefault)
			_ = e.Release(nowUs, admission.Token, OutcomeOK)
		},
		"dispatch and complete": func() {
			dispatch, _ := e.Dispatch(nowUs, 0, key, ClassDefault, 0)
			_, _ = e.Complete(nowUs, dispatch.Ticket, OutcomeOK)
		},
		"checkout and checkin": func() {
			checkout, _ := e.Checkout(nowUs, 0, 0)
			_, _ = e.Checkin(nowUs, checkout.Worker, OutcomeOK)
		},
		"route": func() { _, _ = e.Route(nowUs, 0, key) },
		"step":  func() { _, _ = e.Step(nowUs) },
		"ask":   func() { _, _, _ = e.NextDeadline() },
	} {
		if allocations := testing.AllocsPerRun(200, call); allocations != 0 {
			t.Errorf("%s: %v allocations", name, allocations)
		}
	}
}

func BenchmarkDispatchComplete(b *testing.B) {
	e := engine(b, nil)
	nowUs := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		nowUs += 10
		dispatch, _ := e.Dispatch(nowUs, 0, "customer-7", ClassDefault, 0)
		_, _ = e.Complete(nowUs+5, dispatch.Ticket, OutcomeOK)
	}
}

func BenchmarkStepWithNothing(b *testing.B) {
	e := engine(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = e.Step(0)
	}
}

func goIn(group *sync.WaitGroup, call func()) {
	group.Add(1)
	go func() {
		defer group.Done()
		call()
	}()
}
