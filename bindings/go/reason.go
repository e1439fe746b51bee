package heijunka

// Reason is why a decision was taken: a stable code with a stable name, the same in every language.
type Reason uint32

// The reasons. A newer library may have more: treat one that you don't know as information.
const (
	// The request was admitted.
	ReasonAccepted Reason = 1
	// The domain is closed.
	ReasonDomainClosed Reason = 2
	// The domain holds as many tokens as its max_concurrent allows.
	ReasonDomainLimit Reason = 3
	// The load has reached the hard limit.
	ReasonHardLimit Reason = 4
	// What is left is reserved for another class.
	ReasonReserved Reason = 5
	// Sheddable work is refused first.
	ReasonShed Reason = 6
	// The load has reached the adaptive limit, or the class's share of it.
	ReasonAdaptive Reason = 7
	// limits.max_tokens tokens are out.
	ReasonTokensFull Reason = 8
	// The domain has one candidate pool.
	ReasonPrimary Reason = 20
	// An affinity group names the pool.
	ReasonAffinity Reason = 21
	// The key's hash chose among several candidates.
	ReasonHash Reason = 22
	// The key's own pool is overloaded; a less utilized one was taken.
	ReasonSpillOverloaded Reason = 23
	// Every candidate is closed or empty; a spill pool was taken.
	ReasonSpillClosed Reason = 24
	// Every pool is overloaded; the least utilized one was taken.
	ReasonAllOverloaded Reason = 25
	// Every pool the request could go to is closed or empty.
	ReasonNoPools Reason = 26
	// An idle worker was handed out.
	ReasonWorkerIdle Reason = 40
	// A temporary worker beyond the pool's current count was handed out.
	ReasonOverflow Reason = 41
	// The request waits in the pool's line.
	ReasonWaiting Reason = 42
	// Every worker is busy, and the request doesn't wait (or the pool has no line).
	ReasonBusy Reason = 43
	// The waiting line is full, or all lines together are (limits.max_waiters).
	ReasonQueueFull Reason = 44
	// The pool is closed.
	ReasonPoolClosed Reason = 45
	// limits.max_workers workers exist.
	ReasonWorkersFull Reason = 46
	// The waiter was handed a worker.
	ReasonWorkerFree Reason = 50
	// The waiter's wait_until has passed.
	ReasonWaitOver Reason = 51
	// The line is overloaded and the waiter is older than the target (CoDel).
	ReasonCoDelDrop Reason = 52
	// Demand is above the upper threshold.
	ReasonDemandHigh Reason = 60
	// Demand has stood at or above the proactive threshold.
	ReasonProactive Reason = 61
	// The pool is degraded or critical.
	ReasonUnhealthy Reason = 62
	// Demand is below the lower threshold.
	ReasonDemandLow Reason = 63
	// Demand has been low for long; the pool shrinks by plan.
	ReasonPlannedDown Reason = 64
	// The desired count of proportional mode.
	ReasonProportional Reason = 65
	// The desired count of staffing mode (Erlang C).
	ReasonStaffing Reason = 66
	// Asked for by hand.
	ReasonManual Reason = 67
	// The pool is at its max_workers (or, surge included, its surge_max_workers).
	ReasonMaxWorkersReached Reason = 68
	// The pool is at its min_workers.
	ReasonMinWorkersReached Reason = 69
	// A worker failed or was reported dead; a new one takes its place.
	ReasonWorkerFailed Reason = 70
	// An ordered worker wasn't ready within worker_start_timeout_us; another one takes its place.
	ReasonStartTimeout Reason = 71
	// A draining worker was checked in and leaves.
	ReasonDrained Reason = 72
	// An overflow worker is no longer needed.
	ReasonOverflowOver Reason = 73
	// The token was held longer than token_ttl_us.
	ReasonTokenTTL Reason = 74
	// The load went above the soft limit.
	ReasonSoftLimit Reason = 75
	// A periodic check is due.
	ReasonPeriodic Reason = 76
	// The ticket's token expired or was released while it was waiting.
	ReasonTicketExpired Reason = 77
	// A worker moves from the least to the most utilized pool.
	ReasonRebalance Reason = 80
	// The coefficient isn't below the trigger.
	ReasonBalanced Reason = 81
	// The last migration is too recent.
	ReasonCooldown Reason = 82
	// The donor would fall below its min_workers.
	ReasonDonorAtMinimum Reason = 83
	// The taker would rise above its max_workers.
	ReasonTakerAtMaximum Reason = 84
	// The donor has no idle worker.
	ReasonNoIdleWorker Reason = 85
	// The move wouldn't shrink the spread.
	ReasonSpreadNotReduced Reason = 86
	// Fewer than two open pools have workers.
	ReasonTooFewPools Reason = 87
	// Load jumped above the burst threshold.
	ReasonBurst Reason = 90
	// The surge's hold is over; its workers leave one by one.
	ReasonSurgeOver Reason = 91
	// Surges were disabled; a running one ends early.
	ReasonSurgeDisabled Reason = 92
	// A surge worker due to leave stays as a baseline worker, because the scaler wants one.
	ReasonHandOver Reason = 93
	// The adaptive limit rose: requests take no longer than usual.
	ReasonLatencyLow Reason = 95
	// The adaptive limit fell: requests take too long.
	ReasonLatencyHigh Reason = 96
	// The adaptive limit fell: too many requests failed.
	ReasonDrops Reason = 97
	// The adaptive limit rose: more concurrency brings more throughput.
	ReasonThroughputRises Reason = 98
	// The adaptive limit fell: more concurrency brings no more throughput.
	ReasonThroughputFlat Reason = 99
	// The rule's condition has held for its for_us.
	ReasonAlertFiring Reason = 100
	// The condition of a rule that was firing has ended.
	ReasonAlertResolved Reason = 101
	// As many items wait as may: of the domain, or of all domains together.
	ReasonBacklogFull Reason = 110
)

var reasonNames = names{
	uint32(ReasonAccepted):          "accepted",
	uint32(ReasonDomainClosed):      "domain_closed",
	uint32(ReasonDomainLimit):       "domain_limit",
	uint32(ReasonHardLimit):         "hard_limit",
	uint32(ReasonReserved):          "reserved",
	uint32(ReasonShed):              "shed",
	uint32(ReasonAdaptive):          "adaptive",
	uint32(ReasonTokensFull):        "tokens_full",
	uint32(ReasonPrimary):           "primary",
	uint32(ReasonAffinity):          "affinity",
	uint32(ReasonHash):              "hash",
	uint32(ReasonSpillOverloaded):   "spill_overloaded",
	uint32(ReasonSpillClosed):       "spill_closed",
	uint32(ReasonAllOverloaded):     "all_overloaded",
	uint32(ReasonNoPools):           "no_pools",
	uint32(ReasonWorkerIdle):        "worker_idle",
	uint32(ReasonOverflow):          "overflow",
	uint32(ReasonWaiting):           "waiting",
	uint32(ReasonBusy):              "busy",
	uint32(ReasonQueueFull):         "queue_full",
	uint32(ReasonPoolClosed):        "pool_closed",
	uint32(ReasonWorkersFull):       "workers_full",
	uint32(ReasonWorkerFree):        "worker_free",
	uint32(ReasonWaitOver):          "wait_over",
	uint32(ReasonCoDelDrop):         "codel_drop",
	uint32(ReasonDemandHigh):        "demand_high",
	uint32(ReasonProactive):         "proactive",
	uint32(ReasonUnhealthy):         "unhealthy",
	uint32(ReasonDemandLow):         "demand_low",
	uint32(ReasonPlannedDown):       "planned_down",
	uint32(ReasonProportional):      "proportional",
	uint32(ReasonStaffing):          "staffing",
	uint32(ReasonManual):            "manual",
	uint32(ReasonMaxWorkersReached): "max_workers_reached",
	uint32(ReasonMinWorkersReached): "min_workers_reached",
	uint32(ReasonWorkerFailed):      "worker_failed",
	uint32(ReasonStartTimeout):      "start_timeout",
	uint32(ReasonDrained):           "drained",
	uint32(ReasonOverflowOver):      "overflow_over",
	uint32(ReasonTokenTTL):          "token_ttl",
	uint32(ReasonSoftLimit):         "soft_limit",
	uint32(ReasonPeriodic):          "periodic",
	uint32(ReasonTicketExpired):     "ticket_expired",
	uint32(ReasonRebalance):         "rebalance",
	uint32(ReasonBalanced):          "balanced",
	uint32(ReasonCooldown):          "cooldown",
	uint32(ReasonDonorAtMinimum):    "donor_at_minimum",
	uint32(ReasonTakerAtMaximum):    "taker_at_maximum",
	uint32(ReasonNoIdleWorker):      "no_idle_worker",
	uint32(ReasonSpreadNotReduced):  "spread_not_reduced",
	uint32(ReasonTooFewPools):       "too_few_pools",
	uint32(ReasonBurst):             "burst",
	uint32(ReasonSurgeOver):         "surge_over",
	uint32(ReasonSurgeDisabled):     "surge_disabled",
	uint32(ReasonHandOver):          "hand_over",
	uint32(ReasonLatencyLow):        "latency_low",
	uint32(ReasonLatencyHigh):       "latency_high",
	uint32(ReasonDrops):             "drops",
	uint32(ReasonThroughputRises):   "throughput_rises",
	uint32(ReasonThroughputFlat):    "throughput_flat",
	uint32(ReasonAlertFiring):       "alert_firing",
	uint32(ReasonAlertResolved):     "alert_resolved",
	uint32(ReasonBacklogFull):       "backlog_full",
}

// String is the stable name, such as "hard_limit".
func (r Reason) String() string {
	if name, known := reasonNames[uint32(r)]; known {
		return name
	}
	return libraryReasonName(uint32(r))
}

// MarshalText writes the stable name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
