package heijunka

// EngineStatus is the engine's own status.
type EngineStatus struct {
	// The latest time seen, in microseconds.
	NowUs uint64 `json:"now_us"`
	// The time the engine started at, in microseconds.
	StartUs uint64 `json:"start_us"`
	// How many times lay before the latest one seen.
	ClockRegressions uint64 `json:"clock_regressions"`
	// Effects that wait to be drained.
	EffectsPending uint32 `json:"effects_pending"`
	// Effects that were dropped because nobody drained them.
	EffectsDropped uint64 `json:"effects_dropped"`
	// Dispatched requests that aren't completed.
	Tickets uint32 `json:"tickets"`
	// How many records its journal has so far.
	JournalRecords uint64 `json:"journal_records"`
	// Bytes of the journal that wait to be taken.
	JournalBytes uint64 `json:"journal_bytes"`
	// Inputs that weren't recorded because nobody took what was.
	JournalLost uint64 `json:"journal_lost"`
}

// RegulatorStatus is the regulator's state and its lifetime counts.
//
// issued_tokens = live_tokens + released_tokens + expired_tokens holds after every call.
type RegulatorStatus struct {
	// Warn above this load.
	SoftLimit uint32 `json:"soft_limit"`
	// Refuse at this load.
	HardLimit uint32 `json:"hard_limit"`
	// Tokens outstanding.
	CurrentLoad uint32 `json:"current_load"`
	// Requests admitted (and not revoked), over the lifetime.
	AcceptedRequests uint64 `json:"accepted_requests"`
	// Requests refused here, or revoked because a later stage refused them, over the lifetime.
	RejectedRequests uint64 `json:"rejected_requests"`
	// Releases with outcome failed, over the lifetime.
	FailedRequests uint64 `json:"failed_requests"`
	// Accepted per request, over the lifetime; 1.0 before the first.
	AdmissionRate float64 `json:"admission_rate"`
	// Rejected per request, over the lifetime; 0.0 before the first.
	RejectionRate float64 `json:"rejection_rate"`
	// Rejected per request in the last 60 s; 0.0 without requests.
	RecentRejectionRate float64 `json:"recent_rejection_rate"`
	// current_load / hard_limit; above 1 while a lowered hard limit waits for the load to drain.
	LoadFactor float64 `json:"load_factor"`
	// Rejections by their reason, in the order of the reasons' codes; only those that occurred.
	RejectionsByReason map[string]uint64 `json:"rejections_by_reason"`
	// Rejections by the domain's name, in the order of the names; only domains that had some.
	RejectionsByDomain map[string]uint64 `json:"rejections_by_domain"`
	// Tokens given out (and not revoked).
	IssuedTokens uint64 `json:"issued_tokens"`
	// Tokens outstanding.
	LiveTokens uint64 `json:"live_tokens"`
	// Tokens that came back.
	ReleasedTokens uint64 `json:"released_tokens"`
	// Tokens taken back because they were held too long.
	ExpiredTokens uint64 `json:"expired_tokens"`
	// The adaptive limit, in tokens; nil, as with all that follow, without one.
	AdaptiveLimit *uint32 `json:"adaptive_limit"`
	// Its algorithm: "aimd", "gradient" or "correlation".
	AdaptiveAlgorithm *string `json:"adaptive_algorithm"`
	// The latency of the last window that it judged, in microseconds: of correlation the quantile of the times from
	// admission to release, else their mean by Little's law. nil before the first.
	AdaptiveLatencyUs *uint64 `json:"adaptive_latency_us"`
	// What counts as the latency without waiting, in microseconds. nil before it is known; aimd knows none.
	AdaptiveBaselineUs *uint64 `json:"adaptive_baseline_us"`
	// Why the limit last moved: the name of a reason; nil if it never has.
	AdaptiveReason *string `json:"adaptive_reason"`
}

// CapacityInfo is the regulator's capacity, in tokens.
type CapacityInfo struct {
	// The hard limit.
	Total uint32 `json:"total"`
	// Tokens left below the hard limit.
	Available uint32 `json:"available"`
	// Tokens kept for critical work.
	Reserved uint32 `json:"reserved"`
	// Tokens outstanding.
	CurrentLoad uint32 `json:"current_load"`
	// current_load in percent of total.
	LoadPercentage float64 `json:"load_percentage"`
}

// PoolStatus is a pool's status.
type PoolStatus struct {
	// Its name.
	Name string `json:"name"`
	// The domain of the same name.
	Domain string `json:"domain"`
	// Whether it takes new requests.
	Open bool `json:"open"`
	// Regular workers that are ready and stay: baseline and surge, without starting, draining and overflow.
	CurrentWorkers uint32 `json:"current_workers"`
	// Idle workers.
	Available uint32 `json:"available"`
	// Busy workers, draining and overflow ones included.
	BusyWorkers uint32 `json:"busy_workers"`
	// Workers that were ordered and aren't ready yet.
	StartingWorkers uint32 `json:"starting_workers"`
	// Busy workers that leave at their checkin.
	DrainingWorkers uint32 `json:"draining_workers"`
	// Overflow workers, busy or lingering.
	OverflowWorkers uint32 `json:"overflow_workers"`
	// The least baseline workers.
	MinWorkers uint32 `json:"min_workers"`
	// The most baseline workers.
	MaxWorkers uint32 `json:"max_workers"`
	// Ordered surge workers.
	SurgeWorkers uint32 `json:"surge_workers"`
	// The most workers, surge included.
	SurgeMaxWorkers uint32 `json:"surge_max_workers"`
	// Busy / (idle + busy), from 0 to 1.
	Utilization float64 `json:"utilization"`
	// Whether the balancer spills away from it.
	Overloaded bool `json:"overloaded"`
	// Requests in the waiting line.
	QueueLength uint32 `json:"queue_length"`
	// Mean time a worker was out, in milliseconds.
	AvgLatencyMs float64 `json:"avg_latency_ms"`
	// Half of the requests held their worker no longer than this, in microseconds.
	P50LatencyUs uint64 `json:"p50_latency_us"`
	// 95 % of the requests held their worker no longer than this, in microseconds.
	P95LatencyUs uint64 `json:"p95_latency_us"`
	// 99 % of the requests held their worker no longer than this, in microseconds.
	P99LatencyUs uint64 `json:"p99_latency_us"`
	// Mean time in the waiting line of those it served, in milliseconds.
	AvgWaitMs float64 `json:"avg_wait_ms"`
	// Requests that ended, failed ones included.
	TotalRequests uint64 `json:"total_requests"`
	// Requests that failed.
	FailedRequests uint64 `json:"failed_requests"`
	// Workers that failed.
	FailedWorkers uint64 `json:"failed_workers"`
	// Waiters that left unserved because their time was over.
	ExpiredWaiters uint64 `json:"expired_waiters"`
	// The share of failed requests over the last 60 s; 0 while there are fewer than 20.
	ErrorRate float64 `json:"error_rate"`
	// How well it is.
	HealthStatus HealthStatus `json:"health_status"`
}

// PoolWorker is a worker of a pool.
type PoolWorker struct {
	// Its id.
	Worker WorkerID `json:"worker"`
	// What it is doing: "starting", "idle" or "busy".
	State string `json:"state"`
	// Whether a surge brought it.
	Surge bool `json:"surge"`
	// Whether it is an overflow worker.
	Overflow bool `json:"overflow"`
}

// BalanceStatus is how evenly the pools are used, and what the balancer has done.
type BalanceStatus struct {
	// How many pools the configuration has.
	Pools uint32 `json:"pools"`
	// The balance coefficient, in [0, 1]: 1 when all open pools are equally utilized.
	BalanceCoefficient float64 `json:"balance_coefficient"`
	// How many requests got a pool.
	TotalRouted uint64 `json:"total_routed"`
	// How many workers were moved from one pool to another.
	RebalanceCount uint64 `json:"rebalance_count"`
	// The utilization of every pool by its name, in the order of the ids; closed pools included, 0 when empty.
	PoolUtilization map[string]float64 `json:"pool_utilization"`
	// How the coefficient reads: "balanced", "imbalanced" or "critical".
	BalanceStatus string `json:"balance_status"`
}

// BurstStatus is the burst handler's status. Loads are over the longer window (10 s).
type BurstStatus struct {
	// Whether surges may start.
	Enabled bool `json:"enabled"`
	// Whether a surge holds or shrinks.
	InSurge bool `json:"in_surge"`
	// The mean of the pools' baseline loads; 0 until there are enough samples.
	BaselineLoad float64 `json:"baseline_load"`
	// The mean of the pools' current loads; it may exceed 1.
	CurrentLoad float64 `json:"current_load"`
	// Current load / baseline (taken no lower than burst.min_baseline).
	LoadRatio float64 `json:"load_ratio"`
	// The load above which it is a burst.
	BurstThreshold float64 `json:"burst_threshold"`
	// Whether any pool has surge workers.
	SurgeActive bool `json:"surge_active"`
	// Surges so far.
	SurgeCount uint64 `json:"surge_count"`
	// Surge workers added so far × cost.surge_multiplier, in cost units.
	TotalSurgeCost float64 `json:"total_surge_cost"`
	// The worker-time of surge workers so far, in money.
	TotalSurgeMoney float64 `json:"total_surge_money"`
	// Surge workers that stayed as baseline workers.
	KeptWorkers uint64 `json:"kept_workers"`
	// The time spent in surges that have ended, in microseconds.
	TotalSurgeUs uint64 `json:"total_surge_us"`
	// How long the last surge that has ended lasted, in microseconds.
	LastSurgeUs uint64 `json:"last_surge_us"`
	// Each pool's view.
	Pools []PoolBurst `json:"pools"`
}

// PoolBurst is a pool's part of the burst handler's status.
type PoolBurst struct {
	// The pool.
	Pool string `json:"pool"`
	// idle, hold, shrink or cooldown.
	Phase string `json:"phase"`
	// Its baseline load.
	BaselineLoad float64 `json:"baseline_load"`
	// Its current load.
	CurrentLoad float64 `json:"current_load"`
	// Its surge workers.
	SurgeWorkers uint32 `json:"surge_workers"`
}

// SurgeMetrics are figures of surges.
type SurgeMetrics struct {
	// Whether a surge holds or shrinks.
	InSurge bool `json:"in_surge"`
	// idle, hold, shrink or cooldown: of the furthest-reaching surge, when pools surge alone.
	Phase string `json:"phase"`
	// When the running surge began, in microseconds.
	SurgeStartUs *uint64 `json:"surge_start_us"`
	// How long until it ends, in microseconds; 0 outside a surge.
	SurgeTimeRemainingUs uint64 `json:"surge_time_remaining_us"`
	// The pools with surge workers.
	SurgePools []string `json:"surge_pools"`
	// Surges so far.
	SurgeCount uint64 `json:"surge_count"`
	// In cost units.
	TotalSurgeCost float64 `json:"total_surge_cost"`
	// In cost units a surge; 0 before the first.
	AvgSurgeCost float64 `json:"avg_surge_cost"`
	// In money.
	TotalSurgeMoney float64 `json:"total_surge_money"`
}

// Alert is an alert that is pending or firing.
type Alert struct {
	// The rule's place in the configuration's alerts, from 0.
	Alert uint32 `json:"alert"`
	// The rule's name.
	Name string `json:"name"`
	// The pool, for a metric that every pool has.
	Pool *string `json:"pool"`
	// How urgent it is: "info", "warning" or "critical".
	Severity string `json:"severity"`
	// Whether it fires: "pending" or "firing".
	State string `json:"state"`
	// The first evaluation at which the condition held without a break since, in microseconds.
	SinceUs uint64 `json:"since_us"`
	// The metric at the last evaluation.
	Value float64 `json:"value"`
}

// Checklist is what five checks of a well leveled system found.
type Checklist struct {
	// Whether all passed.
	Pass bool `json:"pass"`
	// The checks: utilization, rejection_rate, balance, health, latency.
	Checks []Check `json:"checks"`
}

// Check is one of them. It passes above Above and below Below; the bounds themselves don't pass.
type Check struct {
	// What is checked.
	Name string `json:"name"`
	// What was found; of a check of every pool, the farthest from the middle of the bounds or the greatest.
	Figure float64 `json:"figure"`
	// It must be greater than this.
	Above *float64 `json:"above"`
	// It must be less than this.
	Below *float64 `json:"below"`
	// Whether it is so; of a check of every pool, for all of them.
	Pass bool `json:"pass"`
	// The pools in a check of every pool; else empty.
	Pools []PoolCheck `json:"pools"`
}

// PoolCheck is a pool's part of a check.
type PoolCheck struct {
	// The pool.
	Pool string `json:"pool"`
	// What was found. In health: 0 healthy, 1 degraded, 2 critical.
	Figure float64 `json:"figure"`
	// Whether it passes.
	Pass bool `json:"pass"`
}

// Takt is demand's pace against the pools'.
type Takt struct {
	// Over which time arrivals were counted, in microseconds: the last 60 whole seconds, or as many as there were.
	WindowUs uint64 `json:"window_us"`
	// The pools, by id.
	Pools []PoolTakt `json:"pools"`
}

// PoolTakt is a pool's part.
type PoolTakt struct {
	// The pool.
	Pool string `json:"pool"`
	// Requests that came in the window, refused ones included.
	Arrivals uint64 `json:"arrivals"`
	// The time of one arrival, in microseconds; nil without arrivals.
	TaktUs *float64 `json:"takt_us"`
	// The mean service time, in whole microseconds; nil before the first completion.
	CycleUs *uint64 `json:"cycle_us"`
	// ceil(cycle / takt / scaler.target_utilization); 0 without arrivals, nil without a cycle time.
	WorkersNeeded *uint32 `json:"workers_needed"`
	// The regular workers that are ready and stay.
	Workers uint32 `json:"workers"`
}

// CostAdvice is what the surges seen so far would cost in a year, against the permanent workers that would have made
// them unnecessary.
type CostAdvice struct {
	// Over which time the surges were seen, in microseconds.
	ObservedUs uint64 `json:"observed_us"`
	// Surges a day, in that time.
	SurgesPerDay float64 `json:"surges_per_day"`
	// The mean cost of a surge, in money.
	CostPerSurge float64 `json:"cost_per_surge"`
	// A year's bill of such surges, in money.
	SurgeCostPerYear float64 `json:"surge_cost_per_year"`
	// The permanent workers, over all pools, under which no surge would have been needed.
	BaselineWorkers uint32 `json:"baseline_workers"`
	// A year's bill of those, in money.
	BaselineCostPerYear float64 `json:"baseline_cost_per_year"`
	// surge, baseline, equal, or none before the first surge.
	Cheaper string `json:"cheaper"`
	// By how much the cheaper one is cheaper, in money a year.
	SavingPerYear float64 `json:"saving_per_year"`
	// The currency.
	Currency string `json:"currency"`
	// The same as a sentence.
	Advice string `json:"advice"`
}
