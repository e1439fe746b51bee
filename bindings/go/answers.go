package heijunka

import "time"

// Dispatch is the answer to [Engine.Dispatch]: a ticket with a worker or with a place in the waiting line, or one
// refusal that names its stage and left nothing taken.
type Dispatch struct {
	// Dispatched says whether there is a ticket: the request is served, or waits.
	Dispatched bool
	// Ticket is what to complete; 0 when refused.
	Ticket TicketID
	// Token is the ticket's token, to know it again in effects; Complete releases it. 0 when refused.
	Token Token
	// Worker serves the request; Complete checks it in. 0 when waiting or refused.
	Worker WorkerID
	// Waiter is the place in the waiting line, 0 when not waiting. An effect [EffectWaiterReady] or
	// [EffectWaiterExpired] will carry it.
	Waiter WaiterID
	// Pool serves (or refused) the request; [NoPool] when it was refused before there was one.
	Pool PoolID
	// Stage is where Reason, Limit and Load come from.
	Stage Stage
	// Reason is why.
	Reason Reason
	// Warning says that the load is now above the soft limit.
	Warning bool
	// Spilled says that the pool isn't the one that the key falls to.
	Spilled bool
	// Overflow says that the worker is a temporary one beyond the pool's count, made for this request; an effect
	// [EffectAddWorkers] names it.
	Overflow bool
	// Limit is the limit that decided.
	Limit uint32
	// Load is what was compared with Limit.
	Load uint32
	// RetryAfterUs is, when refused, the earliest time worth retrying, in microseconds from now, never 0. Else 0.
	RetryAfterUs uint64
}

// RetryAfter is RetryAfterUs as a duration.
func (d Dispatch) RetryAfter() time.Duration { return micros(d.RetryAfterUs) }

// Completion is the answer to [Engine.Complete]: what the ticket still held.
type Completion struct {
	// TokenReleased says that its token was released now; else it had expired or was released before.
	TokenReleased bool
	// WorkerReturned says that its worker was checked in now; else it was checked in before, has failed, or the
	// request was still waiting (and waits no more).
	WorkerReturned bool
}

// Admission is the answer to [Engine.Admit].
type Admission struct {
	// Admitted says whether the request may come in.
	Admitted bool
	// Token is what to release; 0 when refused.
	Token Token
	// Warning says that the load is now above the soft limit.
	Warning bool
	// Reason is why; [ReasonAccepted] when admitted.
	Reason Reason
	// Limit is the limit that decided; when admitted, that of the request's class. 0 for a closed domain.
	Limit uint32
	// Load is what was compared with Limit; when admitted, the new total load.
	Load uint32
	// RetryAfterUs is, when refused, the earliest time worth retrying, in microseconds from now, never 0. Else 0.
	RetryAfterUs uint64
}

// RetryAfter is RetryAfterUs as a duration.
func (a Admission) RetryAfter() time.Duration { return micros(a.RetryAfterUs) }

// Route is the answer to [Engine.Route].
type Route struct {
	// Pool is the pool; [NoPool] when every pool the request could go to is closed or empty.
	Pool PoolID
	// Reason is why this pool.
	Reason Reason
	// Spilled says that it isn't the pool that the key falls to.
	Spilled bool
}

// Refused says that there is no pool.
func (r Route) Refused() bool { return r.Pool == NoPool }

// Checkout is the answer to [Engine.Checkout]: a worker, or a place in the waiting line, or (refused) neither.
type Checkout struct {
	// Worker is what to check in; 0 when waiting or refused.
	Worker WorkerID
	// Waiter is the place in the waiting line, 0 when not waiting. An effect [EffectWaiterReady] or
	// [EffectWaiterExpired] will carry it.
	Waiter WaiterID
	// Reason is [ReasonWorkerIdle], [ReasonOverflow] or [ReasonWaiting]; when refused [ReasonBusy],
	// [ReasonQueueFull], [ReasonPoolClosed] or [ReasonWorkersFull].
	Reason Reason
	// Overflow says that the worker is a temporary one beyond the pool's count, made for this checkout; an effect
	// [EffectAddWorkers] names it.
	Overflow bool
	// Limit is the limit that decided: the pool's workers, or the places in its line.
	Limit uint32
	// Load is what was compared with Limit: the busy workers, or the waiters.
	Load uint32
	// RetryAfterUs is, when refused, the earliest time worth retrying, in microseconds from now, never 0. Else 0.
	RetryAfterUs uint64
}

// Refused says that there is neither a worker nor a place in the line.
func (c Checkout) Refused() bool { return c.Worker == 0 && c.Waiter == 0 }

// RetryAfter is RetryAfterUs as a duration.
func (c Checkout) RetryAfter() time.Duration { return micros(c.RetryAfterUs) }

// Scaling is the answer to [Engine.ScaleUp] and [Engine.ScaleDown].
type Scaling struct {
	// Workers is the pool's count after the call: those still starting included, those that are leaving not.
	Workers uint32
	// Scaled says whether the count changed.
	Scaled bool
	// Reason is [ReasonManual]; when refused [ReasonMaxWorkersReached], [ReasonMinWorkersReached] or
	// [ReasonWorkersFull].
	Reason Reason
}

// Rebalance is the answer to [Engine.Rebalance].
type Rebalance struct {
	// Migrated says that a worker moves; an effect [EffectMigrateWorkers] says which.
	Migrated bool
	// From is the least utilized pool, which gives a worker up; [NoPool] unless there is an imbalance to act on.
	From PoolID
	// To is the most utilized pool, which gets it; [NoPool] unless there is an imbalance to act on.
	To PoolID
	// Spread is the greatest difference of utilization between two pools before the move, from 0 to 1.
	Spread float64
	// Reason is [ReasonRebalance] when a worker moves; else why none does.
	Reason Reason
}

// Effect is something the caller has to do, or may want to know. Which fields are set beside the first three is said
// at each [EffectKind]; the others are 0, [NoPool] or [NoDomain].
type Effect struct {
	// AtUs is when it was decided, in microseconds.
	AtUs uint64
	// Kind is what it is.
	Kind EffectKind
	// Reason is why.
	Reason Reason
	// Pool is the pool it is about.
	Pool PoolID
	// ToPool is where workers move to.
	ToPool PoolID
	// Domain is the domain it is about.
	Domain DomainID
	// Token is the token it is about.
	Token Token
	// Waiter is the waiter it is about.
	Waiter WaiterID
	// Ticket is the ticket it is about.
	Ticket TicketID
	// Workers are the workers it is about.
	Workers []WorkerID
	// Count is how many workers (for [EffectSoftLimitExceeded]: tokens) it is about.
	Count uint32
	// Surge says that the workers are surge workers.
	Surge bool
	// Alert is the alert rule it is about: its place in alerts of the configuration; else [NoAlert].
	Alert uint32
	// Value is what the rule's metric is.
	Value float64
	// Options is what may be done about the alert.
	Options AlertOptions
}

// micros is a count of microseconds as a duration; they are below 2^53 by far.
func micros(us uint64) time.Duration { return time.Duration(us) * time.Microsecond }
