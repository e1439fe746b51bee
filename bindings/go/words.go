package heijunka

import (
	"fmt"
	"math"
)

// DomainID is a domain of an engine: from 0 to their count - 1, fixed for the engine's life. [Engine.DomainID] looks
// it up by name, once.
type DomainID uint32

// PoolID is a pool of an engine, as [DomainID].
type PoolID uint32

// NoDomain and NoPool say that there is none.
const (
	NoDomain DomainID = math.MaxUint32
	NoPool   PoolID   = math.MaxUint32
)

// Token is an admission. 0 is none; any other is unique for the engine's life.
type Token uint64

// WorkerID is a worker. 0 is none; any other is unique for the engine's life.
type WorkerID uint64

// WaiterID is a place in a waiting line. 0 is none; any other is unique for the engine's life.
type WaiterID uint64

// TicketID is a dispatched request. 0 is none; any other is unique for the engine's life.
type TicketID uint64

// Class is what a request is worth when there isn't room for all. The zero value is the domain's own.
type Class uint32

// The classes.
const (
	// ClassDefault is the domain's own class.
	ClassDefault Class = 0
	// ClassCritical is refused last.
	ClassCritical Class = 1
	// ClassNormal is the usual class.
	ClassNormal Class = 2
	// ClassSheddable is refused first.
	ClassSheddable Class = 3
)

// Outcome is how a request ended; a failed one counts for the error rate.
type Outcome uint32

// The outcomes.
const (
	OutcomeOK     Outcome = 0
	OutcomeFailed Outcome = 1
)

// Stage is which part decided.
type Stage uint32

// The stages.
const (
	// StageAdmit: the regulator decided, whether the request may come in.
	StageAdmit Stage = 1
	// StageRoute: the balancer decided, which pool serves it.
	StageRoute Stage = 2
	// StageCheckout: the pool decided, which worker serves it.
	StageCheckout Stage = 3
)

// CheckinOutcome is what became of a worker that was checked in.
type CheckinOutcome uint32

// What becomes of workers.
const (
	// CheckinIdle: the worker is idle.
	CheckinIdle CheckinOutcome = 1
	// CheckinServed: the worker was handed to a waiter; an effect [EffectWaiterReady] says to which.
	CheckinServed CheckinOutcome = 2
	// CheckinLeft: the worker has left the pool, as it was draining or an overflow worker; an effect
	// [EffectRemoveWorkers] says so too.
	CheckinLeft CheckinOutcome = 3
	// CheckinLingering: the worker is an overflow worker that stays, idle, for overflow_ttl_us.
	CheckinLingering CheckinOutcome = 4
)

// HealthStatus is how well a pool is.
type HealthStatus uint32

// How well pools are.
const (
	// HealthHealthy: utilization at most 0.80 and error rate at most 0.05.
	HealthHealthy HealthStatus = 1
	// HealthDegraded: neither healthy nor critical.
	HealthDegraded HealthStatus = 2
	// HealthCritical: utilization above 0.95.
	HealthCritical HealthStatus = 3
)

// EffectKind is what an effect asks for, or tells.
type EffectKind uint32

// The kinds of effects. A newer library may have more: treat one that you don't know as information.
const (
	// Start Count workers in Pool: Workers are their ids.
	EffectAddWorkers EffectKind = 1
	// Stop Count workers of Pool; they are idle and get no more work. Workers are their ids.
	EffectRemoveWorkers EffectKind = 2
	// Move Workers from Pool to ToPool; they keep their ids.
	EffectMigrateWorkers EffectKind = 3
	// A surge began. Pool is set when it concerns that pool alone; Count is the workers added.
	EffectSurgeStarted EffectKind = 4
	// A surge is over and all its workers have left. Pool as in EffectSurgeStarted.
	EffectSurgeEnded EffectKind = 5
	// Count surge workers of Pool stay as baseline workers. Nothing needs to be started or stopped.
	EffectSurgeWorkersKept EffectKind = 6
	// Waiter (of Ticket, if any) was handed Workers[0] of Pool.
	EffectWaiterReady EffectKind = 7
	// Waiter (of Ticket, if any) has left the line of Pool unserved.
	EffectWaiterExpired EffectKind = 8
	// Check the workers of Pool and call Engine.ReportHealth.
	EffectCheckHealth EffectKind = 9
	// Token of Domain (of Ticket, if any) was held too long and taken back.
	EffectTokenExpired EffectKind = 10
	// The load has gone above the soft limit.
	EffectSoftLimitExceeded EffectKind = 11
	// The rule at place Alert of alerts fires, for Pool if it is one of each pool: its metric is Value, and Options is
	// what may be done about it.
	EffectAlertFiring EffectKind = 12
	// What fired (Alert and Pool as in EffectAlertFiring) has ended: its metric is Value now.
	EffectAlertResolved EffectKind = 13
)

// NoAlert says that an effect is about no alert rule.
const NoAlert uint32 = math.MaxUint32

// AlertOptions is what may be done about an alert: some of the options, added up.
type AlertOptions uint32

// What may be done about alerts.
const (
	// OptionScaleUp: add workers, by [Engine.ScaleUp].
	OptionScaleUp AlertOptions = 1
	// OptionShedSheddable: refuse sheddable work, by closing its domains or a lower regulator.sheddable_fraction.
	OptionShedSheddable AlertOptions = 2
	// OptionCloseNonCritical: close the domains that aren't critical, by [Engine.SetDomainOpen].
	OptionCloseNonCritical AlertOptions = 4
)

// Words are the stable names of the options, such as "scale_up".
func (o AlertOptions) Words() []string {
	words := []string{}
	for bit, word := range []string{"scale_up", "shed_sheddable", "close_non_critical"} {
		if o>>bit&1 == 1 {
			words = append(words, word)
		}
	}
	return words
}

// names are the stable names of codes.
type names map[uint32]string

func (n names) of(code uint32) string {
	if name, known := n[code]; known {
		return name
	}
	return "unknown"
}

var (
	classNames   = names{0: "default", 1: "critical", 2: "normal", 3: "sheddable"}
	outcomeNames = names{0: "ok", 1: "failed"}
	stageNames   = names{1: "admit", 2: "route", 3: "checkout"}
	checkinNames = names{1: "idle", 2: "served", 3: "left", 4: "lingering"}
	healthNames  = names{1: "healthy", 2: "degraded", 3: "critical"}
	effectNames  = names{
		uint32(EffectAddWorkers):        "AddWorkers",
		uint32(EffectRemoveWorkers):     "RemoveWorkers",
		uint32(EffectMigrateWorkers):    "MigrateWorkers",
		uint32(EffectSurgeStarted):      "SurgeStarted",
		uint32(EffectSurgeEnded):        "SurgeEnded",
		uint32(EffectSurgeWorkersKept):  "SurgeWorkersKept",
		uint32(EffectWaiterReady):       "WaiterReady",
		uint32(EffectWaiterExpired):     "WaiterExpired",
		uint32(EffectCheckHealth):       "CheckHealth",
		uint32(EffectTokenExpired):      "TokenExpired",
		uint32(EffectSoftLimitExceeded): "SoftLimitExceeded",
		uint32(EffectAlertFiring):       "AlertFiring",
		uint32(EffectAlertResolved):     "AlertResolved",
	}
)

// String is the stable name, such as "critical".
func (c Class) String() string { return classNames.of(uint32(c)) }

// MarshalText writes the stable name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// String is the stable name, "ok" or "failed".
func (o Outcome) String() string { return outcomeNames.of(uint32(o)) }

// MarshalText writes the stable name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// String is the stable name, such as "admit".
func (s Stage) String() string { return stageNames.of(uint32(s)) }

// MarshalText writes the stable name.
func (s Stage) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is the stable name, such as "idle".
func (o CheckinOutcome) String() string { return checkinNames.of(uint32(o)) }

// MarshalText writes the stable name.
func (o CheckinOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// String is the stable name, such as "healthy".
func (h HealthStatus) String() string { return healthNames.of(uint32(h)) }

// MarshalText writes the stable name.
func (h HealthStatus) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the stable name.
func (h *HealthStatus) UnmarshalText(text []byte) error {
	for code, name := range healthNames {
		if name == string(text) {
			*h = HealthStatus(code)
			return nil
		}
	}
	return fmt.Errorf("heijunka: unknown health status %q", text)
}

// String is the stable name, such as "AddWorkers".
func (k EffectKind) String() string {
	if name, known := effectNames[uint32(k)]; known {
		return name
	}
	return libraryEffectKindName(uint32(k))
}

// MarshalText writes the stable name.
func (k EffectKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
