package vectors

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"

	"heijunka"
)

// face makes the calls of steps on an engine, and on a pacer once there is one.
type face struct {
	engine *heijunka.Engine
	pacer  *heijunka.Pacer // nil: none yet
}

func (f *face) renew(config any, startUs uint64) error {
	config, err := given(config)
	if err != nil {
		return err
	}
	engine, err := heijunka.New(config, startUs)
	if err != nil {
		return err
	}
	if f.engine != nil {
		f.engine.Close()
	}
	f.engine = engine
	return nil
}

// given is a map as its JSON text, in its own order, and anything else as it is.
func given(value any) (any, error) {
	fields, ok := value.(*object)
	if !ok {
		return value, nil
	}
	var text bytes.Buffer
	err := writeJSON(fields, &text)
	return text.Bytes(), err
}

func (f *face) close() {
	if f.engine != nil {
		f.engine.Close()
	}
	if f.pacer != nil {
		f.pacer.Close()
	}
}

// call makes a call. An error of the engine is an answer too.
func (f *face) call(op string, args map[string]any) (map[string]any, error) {
	answer, err := f.answer(op, args)
	var misuse *heijunka.Error
	if errors.As(err, &misuse) {
		return map[string]any{"error": misuse.Name, "code": int64(misuse.Code)}, nil
	}
	if answer == nil && err == nil {
		answer = map[string]any{}
	}
	return answer, err
}

func (f *face) answer(op string, args map[string]any) (map[string]any, error) {
	engine := f.engine
	nowUs, _ := args["now_us"].(uint64)
	waitUntilUs, _ := args["wait_until_us"].(uint64)
	if op == "sequence" {
		return sequence(args["counts"])
	}
	if strings.HasPrefix(op, "pacer_") {
		return f.pace(op, nowUs, args)
	}
	domain, pool := heijunka.NoDomain, heijunka.NoPool
	var err error
	if value, found := args["domain"]; found {
		if domain, err = named(value, engine.DomainID); err != nil {
			return nil, err
		}
	}
	if value, found := args["pool"]; found {
		if pool, err = named(value, engine.PoolID); err != nil {
			return nil, err
		}
	}
	key, class, outcome := keyOf(args["key"]), classOf(args["class"]), heijunka.OutcomeOK
	if args["outcome"] == "failed" {
		outcome = heijunka.OutcomeFailed
	}
	number := func(name string) uint64 {
		found, _ := args[name].(uint64)
		return found
	}
	count := func(name string) uint32 {
		found, _ := integer(args[name], math.MaxUint32)
		return uint32(found)
	}
	float := func(name string) float64 {
		found, _ := args[name].(float64)
		return found
	}
	octets := func(name string) []byte {
		found, _ := args[name].([]byte)
		return found
	}
	worker := heijunka.WorkerID(number("worker"))

	switch op {
	case "new":
		return nil, f.renew(args["config"], nowUs)
	case "admit":
		answer, err := engine.Admit(nowUs, domain, class)
		return map[string]any{
			"admitted": answer.Admitted, "token": some(answer.Token), "warning": answer.Warning,
			"reason": answer.Reason.String(), "limit": whole(answer.Limit), "load": whole(answer.Load),
			"retry_after_us": whole(answer.RetryAfterUs),
		}, err
	case "release":
		return nil, engine.Release(nowUs, heijunka.Token(number("token")), outcome)
	case "route":
		answer, err := engine.Route(nowUs, domain, key)
		return map[string]any{
			"pool": f.pool(answer.Pool), "reason": answer.Reason.String(), "spilled": answer.Spilled,
		}, err
	case "checkout":
		answer, err := engine.Checkout(nowUs, pool, waitUntilUs)
		return map[string]any{
			"worker": some(answer.Worker), "waiter": some(answer.Waiter), "reason": answer.Reason.String(),
			"overflow": answer.Overflow, "limit": whole(answer.Limit), "load": whole(answer.Load),
			"retry_after_us": whole(answer.RetryAfterUs),
		}, err
	case "checkin":
		answer, err := engine.Checkin(nowUs, worker, outcome)
		return map[string]any{"outcome": answer.String()}, err
	case "cancel_wait":
		return nil, engine.CancelWait(nowUs, heijunka.WaiterID(number("waiter")))
	case "worker_ready":
		return nil, engine.WorkerReady(nowUs, worker)
	case "worker_failed":
		return nil, engine.WorkerFailed(nowUs, worker)
	case "report_health":
		alive, _ := args["alive"].([]heijunka.WorkerID)
		dead, _ := args["dead"].([]heijunka.WorkerID)
		replaced, err := engine.ReportHealth(nowUs, pool, alive, dead)
		return map[string]any{"replaced": whole(replaced)}, err
	case "dispatch":
		answer, err := engine.Dispatch(nowUs, domain, key, class, waitUntilUs)
		return map[string]any{
			"ticket": some(answer.Ticket), "token": some(answer.Token), "pool": f.pool(answer.Pool),
			"worker": some(answer.Worker), "waiter": some(answer.Waiter), "stage": answer.Stage.String(),
			"reason": answer.Reason.String(), "warning": answer.Warning, "spilled": answer.Spilled,
			"overflow": answer.Overflow, "limit": whole(answer.Limit), "load": whole(answer.Load),
			"retry_after_us": whole(answer.RetryAfterUs),
		}, err
	case "complete":
		answer, err := engine.Complete(nowUs, heijunka.TicketID(number("ticket")), outcome)
		return map[string]any{
			"token_released": answer.TokenReleased, "worker_returned": answer.WorkerReturned,
		}, err
	case "step":
		effects, err := engine.Step(nowUs)
		if err != nil {
			return nil, err
		}
		nextUs, _, err := engine.NextDeadline()
		return map[string]any{"effects": f.effects(effects), "next_deadline_us": some(nextUs)}, err
	case "drain":
		effects, err := engine.Effects()
		return map[string]any{"effects": f.effects(effects)}, err
	case "set_soft_limit":
		return nil, engine.SetSoftLimit(nowUs, count("soft_limit"))
	case "set_hard_limit":
		return nil, engine.SetHardLimit(nowUs, count("hard_limit"))
	case "set_affinity_groups":
		groups, err := given(args["groups"])
		if err != nil {
			return nil, err
		}
		return nil, engine.SetAffinityGroups(nowUs, groups)
	case "enable_surge":
		return nil, engine.EnableSurge(nowUs)
	case "disable_surge":
		return nil, engine.DisableSurge(nowUs)
	case "set_domain_open":
		return nil, engine.SetDomainOpen(nowUs, domain, args["open"] == true)
	case "set_pool_open":
		return nil, engine.SetPoolOpen(nowUs, pool, args["open"] == true)
	case "set_off_peak":
		return nil, engine.SetOffPeak(nowUs, args["off_peak"] == true)
	case "scale_up":
		return scaling(engine.ScaleUp(nowUs, pool))
	case "scale_down":
		return scaling(engine.ScaleDown(nowUs, pool))
	case "rebalance":
		answer, err := engine.Rebalance(nowUs)
		return map[string]any{
			"migrated": answer.Migrated, "from": f.pool(answer.From), "to": f.pool(answer.To),
			"spread": answer.Spread, "reason": answer.Reason.String(),
		}, err
	case "health_check":
		return status(engine.HealthCheck(pool))
	case "regulator_status":
		return status(engine.RegulatorStatus())
	case "capacity_info":
		return status(engine.CapacityInfo())
	case "pool_status":
		return status(engine.PoolStatus(pool))
	case "pool_workers":
		return status(engine.PoolWorkers(pool))
	case "balance_status":
		return status(engine.BalanceStatus())
	case "burst_status":
		return status(engine.BurstStatus())
	case "surge_metrics":
		return status(engine.SurgeMetrics())
	case "cost_advice":
		return status(engine.CostAdvice())
	case "alerts":
		return status(engine.Alerts())
	case "verify":
		return status(engine.Verify())
	case "takt":
		return status(engine.Takt(nowUs))
	case "metrics_text":
		text, err := engine.MetricsText()
		return map[string]any{"text": text}, err
	case "engine_status":
		return status(engine.EngineStatus())
	case "config":
		text, err := engine.Config()
		return document(text, err)
	case "snapshot":
		return hexed(engine.Snapshot())
	case "restore":
		return nil, f.become(heijunka.Restore(octets("snapshot")))
	case "restore_with":
		return nil, f.become(heijunka.RestoreWith(octets("snapshot"), octets("journal")))
	case "start_journal":
		return nil, engine.StartJournal()
	case "take_journal":
		return hexed(engine.DrainJournal())
	case "journal_verify":
		return document(heijunka.JournalVerify(octets("journal")))
	case "journal_replay":
		config, err := given(args["config"])
		if err != nil {
			return nil, err
		}
		return document(heijunka.JournalReplay(octets("journal"), config, count("limit")))
	case "journal_trace":
		return hexed(heijunka.JournalTrace(octets("journal")))
	case "journal_records":
		first, wanted := uint64(count("first")), uint64(count("count"))
		return document(heijunka.JournalRecords(octets("journal"), first, wanted))
	case "simulate":
		return simulate(args)
	case "surge_cost_per_year":
		return map[string]any{
			"cost": heijunka.SurgeCostPerYear(float("surges_per_day"), float("cost_per_surge")),
		}, nil
	case "baseline_cost_per_year":
		return map[string]any{
			"cost": heijunka.BaselineCostPerYear(count("workers"), float("price_per_hour")),
		}, nil
	default:
		return nil, fmt.Errorf("`%s` can't be run", op)
	}
}

// become puts another engine in the place of the one that there is.
func (f *face) become(engine *heijunka.Engine, err error) error {
	if err == nil {
		f.engine.Close()
		f.engine = engine
	}
	return err
}

func hexed(bytes []byte, err error) (map[string]any, error) {
	return map[string]any{"hex": hex.EncodeToString(bytes)}, err
}

func document(text []byte, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	value, err := parseJSON(text)
	return map[string]any{"status": value}, err
}

func simulate(args map[string]any) (map[string]any, error) {
	config, err := given(args["config"])
	if err != nil {
		return nil, err
	}
	workload, err := given(args["workload"])
	if err != nil {
		return nil, err
	}
	seed, seeded := args["seed"].(uint64)
	if !seeded {
		seed = 1
	}
	text, err := heijunka.Simulate(config, workload, seed)
	if err != nil {
		return nil, err
	}
	outcome, err := parseJSON(text)
	return map[string]any{"outcome": outcome}, err
}

func status[T any](answer T, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": valueOf(answer)}, nil
}

func scaling(answer heijunka.Scaling, err error) (map[string]any, error) {
	return map[string]any{
		"workers": whole(answer.Workers), "scaled": answer.Scaled, "reason": answer.Reason.String(),
	}, err
}

func (f *face) effects(effects []heijunka.Effect) []any {
	values := []any{}
	for _, effect := range effects {
		workers := []any{}
		for _, worker := range effect.Workers {
			workers = append(workers, whole(worker))
		}
		var domain any
		if effect.Domain != heijunka.NoDomain {
			domain = f.engine.DomainName(effect.Domain)
		}
		var alert, value any
		if effect.Alert != heijunka.NoAlert {
			alert, value = whole(effect.Alert), effect.Value
		}
		options := []any{}
		for _, word := range effect.Options.Words() {
			options = append(options, word)
		}
		values = append(values, map[string]any{
			"at_us": whole(effect.AtUs), "kind": effect.Kind.String(), "reason": effect.Reason.String(),
			"pool": f.pool(effect.Pool), "to_pool": f.pool(effect.ToPool), "domain": domain,
			"token": some(effect.Token), "waiter": some(effect.Waiter), "ticket": some(effect.Ticket),
			"workers": workers, "count": whole(effect.Count), "surge": effect.Surge,
			"alert": alert, "value": value, "options": options,
		})
	}
	return values
}

func (f *face) pool(pool heijunka.PoolID) any {
	if pool == heijunka.NoPool {
		return nil
	}
	return f.engine.PoolName(pool)
}

// named looks a name up; a number is passed on as it is.
func named[T ~uint32](value any, lookUp func(string) (T, error)) (T, error) {
	if name, ok := value.(string); ok {
		return lookUp(name)
	}
	number, _ := integer(value, math.MaxUint32)
	return T(number), nil
}

func keyOf(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case *object:
		digits, _ := value.values["hex"].(string)
		bytes, _ := hex.DecodeString(digits)
		return string(bytes)
	default:
		return ""
	}
}

func classOf(value any) heijunka.Class {
	switch value {
	case "critical":
		return heijunka.ClassCritical
	case "normal":
		return heijunka.ClassNormal
	case "sheddable":
		return heijunka.ClassSheddable
	default:
		return heijunka.ClassDefault
	}
}

func whole[T ~uint32 | ~uint64](number T) any { return uint64(number) }

// some is an id, null for none.
func some[T ~uint64](id T) any {
	if id == 0 {
		return nil
	}
	return uint64(id)
}
