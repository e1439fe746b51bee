package heijunka

// #include "heijunka.h"
import "C"

import "unsafe"

// SetSoftLimit sets the load above which admissions carry a warning: from 1 to the hard limit. When the present load
// was not above it and now is, that is a crossing like any other.
//
// Fails with [ErrOutOfRange].
func (e *Engine) SetSoftLimit(nowUs uint64, softLimit uint32) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_soft_limit(e.handle, C.uint64_t(nowUs), C.uint32_t(softLimit)))
}

// SetHardLimit sets the load at which admission ends: from the soft limit to limits.max_tokens of the configuration.
// Nobody is evicted: a load above it has to drain.
//
// Fails with [ErrOutOfRange].
func (e *Engine) SetHardLimit(nowUs uint64, hardLimit uint32) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_hard_limit(e.handle, C.uint64_t(nowUs), C.uint32_t(hardLimit)))
}

// SetAffinityGroups replaces the affinity groups: from keys to a pool's name or a list of names, such as
//
//	map[string][]string{"customer-7": {"payment"}, "vip": {"payment", "delivery"}}
//
// nil takes all groups away. What else groups may be is said at [New].
//
// Fails with [ErrInvalidConfig]; the message lists all that is wrong. Nothing changes then.
func (e *Engine) SetAffinityGroups(nowUs uint64, groups any) error {
	text, err := configText(groups)
	if err != nil {
		return err
	}
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_affinity_groups(
		e.handle, C.uint64_t(nowUs), chars(text), C.size_t(len(text)),
	))
}

// EnableSurge lets surges start again, and undoes the early end of a running one.
func (e *Engine) EnableSurge(nowUs uint64) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_enable_surge(e.handle, C.uint64_t(nowUs)))
}

// DisableSurge stops new surges and lets a running one end early, by the same shrink.
func (e *Engine) DisableSurge(nowUs uint64) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_disable_surge(e.handle, C.uint64_t(nowUs)))
}

// SetDomainOpen opens or closes a domain. A closed domain's requests are refused.
//
// Fails with [ErrUnknownDomain].
func (e *Engine) SetDomainOpen(nowUs uint64, domain DomainID, open bool) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_domain_open(
		e.handle, C.uint64_t(nowUs), C.uint32_t(domain), flag(open),
	))
}

// SetPoolOpen opens or closes a pool. A closed pool takes no new requests; its waiters are still served.
//
// Fails with [ErrUnknownPool].
func (e *Engine) SetPoolOpen(nowUs uint64, pool PoolID, open bool) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_pool_open(e.handle, C.uint64_t(nowUs), C.uint32_t(pool), flag(open)))
}

// SetOffPeak says whether it is off-peak, for scaler.off_peak_only of the configuration.
func (e *Engine) SetOffPeak(nowUs uint64, offPeak bool) error {
	if err := e.enter(); err != nil {
		return err
	}
	return e.leave(C.heijunka_engine_set_off_peak(e.handle, C.uint64_t(nowUs), flag(offPeak)))
}

// ScaleUp adds a worker by hand (an effect [EffectAddWorkers] names it). It is refused when the pool has all it may
// have.
//
// Fails with [ErrUnknownPool].
func (e *Engine) ScaleUp(nowUs uint64, pool PoolID) (Scaling, error) {
	var out C.heijunka_scaling
	if err := e.enter(); err != nil {
		return Scaling{}, err
	}
	status := C.heijunka_engine_scale_up(
		e.handle, C.uint64_t(nowUs), C.uint32_t(pool), C.size_t(unsafe.Sizeof(out)), &out,
	)
	return scaling(&out), e.leave(status)
}

// ScaleDown removes a worker by hand (an effect [EffectRemoveWorkers] names it); when none is idle, a busy one leaves
// at its checkin. It is refused when the pool has the least it must have.
//
// Fails with [ErrUnknownPool].
func (e *Engine) ScaleDown(nowUs uint64, pool PoolID) (Scaling, error) {
	var out C.heijunka_scaling
	if err := e.enter(); err != nil {
		return Scaling{}, err
	}
	status := C.heijunka_engine_scale_down(
		e.handle, C.uint64_t(nowUs), C.uint32_t(pool), C.size_t(unsafe.Sizeof(out)), &out,
	)
	return scaling(&out), e.leave(status)
}

// Rebalance moves a worker from the least to the most utilized pool now, if that helps; the cooldown since the last
// move is kept.
func (e *Engine) Rebalance(nowUs uint64) (Rebalance, error) {
	var out C.heijunka_rebalance
	if err := e.enter(); err != nil {
		return Rebalance{From: NoPool, To: NoPool}, err
	}
	status := C.heijunka_engine_rebalance(e.handle, C.uint64_t(nowUs), C.size_t(unsafe.Sizeof(out)), &out)
	if err := e.leave(status); err != nil {
		return Rebalance{From: NoPool, To: NoPool}, err
	}
	return Rebalance{
		Migrated: out.migrated != 0,
		From:     PoolID(out.from),
		To:       PoolID(out.to),
		Spread:   float64(out.spread),
		Reason:   Reason(out.reason),
	}, nil
}

func scaling(out *C.heijunka_scaling) Scaling {
	return Scaling{Workers: uint32(out.workers), Scaled: out.scaled != 0, Reason: Reason(out.reason)}
}

func flag(on bool) C.uint32_t {
	if on {
		return 1
	}
	return 0
}
