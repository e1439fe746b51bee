//! In steady state inputs allocate nothing.

#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use heijunka_core::whatif::Run;
use heijunka_core::{Config, DomainId, Engine, Outcome, PoolId, Value, WorkerId};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: everything is handed on to the system's allocator; a counter is all that is added.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending has no counter any more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A round of requests through every input of a request's way: served, waiting, overflowing and refused ones.
fn round(engine: &mut Engine, now_us: u64) {
    let (all, pool) = (DomainId::new(6), PoolId::new(0));
    let mut tickets = [None; 40];
    for (place, ticket) in (0_u64..).zip(&mut tickets) {
        let wait = (place % 2 == 0).then_some(now_us + 500);
        *ticket = engine.dispatch(now_us, all, &place.to_le_bytes(), None, wait).unwrap().ticket;
    }
    let mut workers: [Option<WorkerId>; 4] = [None; 4];
    for worker in &mut workers {
        *worker = engine.checkout(now_us, pool, Some(now_us + 100)).unwrap().worker;
    }
    engine.route(now_us, all, b"a key").unwrap();
    let token = engine.admit(now_us, all, None).unwrap().token;
    for worker in workers.into_iter().flatten() {
        engine.checkin(now_us + 200, worker, Outcome::Ok).unwrap();
    }
    if let Some(token) = token {
        engine.release(now_us + 200, token, Outcome::Failed).unwrap();
    }
    // Some have waited too long by then; a ticket that has ended is an error.
    engine.step(now_us + 500).unwrap();
    for ticket in tickets.into_iter().flatten() {
        let _ = engine.complete(now_us + 600, ticket, Outcome::Ok);
    }
    while engine.poll_effect().is_some() {}
}

#[test]
fn inputs_allocate_nothing_in_steady_state() {
    for adaptive in ["none", "aimd", "gradient", "correlation"] {
        allocate_nothing(adaptive);
    }
}

/// With this adaptive limit, or none.
fn allocate_nothing(adaptive: &str) {
    let pools: Vec<String> = (0..6)
        .map(|pool| {
            format!(r#""p{pool}": {{"initial_workers": 3, "max_workers": 3, "max_overflow": 1, "overflow_ttl_us": 300, "max_waiting": 2}}"#)
        })
        .collect();
    let config = format!(
        r#"{{"pools": {{{}}}, "domains": {{"all": {{}}}},
            "regulator": {{"soft_limit": 20, "hard_limit": 30, "token_ttl_us": 1000000, "adaptive": "{adaptive}"}}}}"#,
        pools.join(",")
    );
    let mut engine = Engine::new(&Config::from_json(&config).unwrap(), 0).unwrap();
    assert_eq!(engine.domain_name(DomainId::new(6)), Some("all"));
    // Until every table has grown, and over several evaluations, samples and checks of health.
    let mut now_us = 0;
    for _ in 0..40_000 {
        round(&mut engine, now_us);
        now_us += 1_000;
    }
    let before = ALLOCATIONS.with(Cell::get);
    for _ in 0..1_000 {
        round(&mut engine, now_us);
        now_us += 1_000;
    }
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0, "{adaptive}");
    let status = engine.regulator_status();
    assert!(status.accepted_requests > 0 && status.rejected_requests > 0 && status.released_tokens > 0);
    assert!(engine.pool_status(PoolId::new(0)).is_ok_and(|pool| pool.expired_waiters > 0));
}

#[test]
fn requests_are_made_and_simulated_without_allocating() {
    // Every process and distribution, two lines, clients that come back, and nothing that changes the workers. A retry
    // uses the place of one that ended.
    let domains = [
        (r#""process": "constant", "rate_per_s": 20"#, r#""distribution": "constant""#),
        (r#""process": "poisson", "rate_per_s": 20"#, r#""distribution": "exponential""#),
        (
            r#""process": "ramp", "from_per_s": 20, "to_per_s": 19"#,
            r#""distribution": "log_normal", "variation": 1"#,
        ),
        (
            r#""process": "diurnal", "mean_per_s": 20, "amplitude": 0.5, "period_us": 60000000"#,
            r#""distribution": "pareto", "shape": 2.5"#,
        ),
        (
            r#""process": "spike", "rate_per_s": 20, "factor": 2, "from_us": 0, "to_us": 5000000"#,
            r#""distribution": "constant""#,
        ),
        (
            r#""process": "mmpp", "states": [{"rate_per_s": 10, "mean_us": 200000}, {"rate_per_s": 30, "mean_us": 200000}]"#,
            r#""distribution": "constant""#,
        ),
    ];
    let domains = domains.iter().enumerate().map(|(place, (arrivals, service))| {
        format!(r#""d{place}": {{"arrivals": {{{arrivals}}}, "service": {{{service}, "mean_us": 60000}}, "keys": 500}}"#)
    });
    let workload = format!(
        r#"{{"domains": {{{}}}, "duration_us": 6000000000, "pools": "config", "wait_us": 300000,
            "retries": {{"timeout_us": 500000, "backoff_us": 50000, "max_backoff_us": 200000}}}}"#,
        domains.collect::<Vec<_>>().join(",")
    );
    let fixed = r#"{"initial_workers": 4, "min_workers": 4, "max_workers": 4, "max_waiting": 3}"#;
    let config = format!(
        r#"{{"pools": {{"p": {fixed}, "q": {fixed}}}, "scaler": {{"enabled": false}}, "burst": {{"enabled": false}},
            "balancer": {{"rebalance_every_us": 1000000000000}}}}"#
    );
    let (config, workload) = (Value::from_json(&config).unwrap(), Value::from_json(&workload).unwrap());
    let mut run = Run::new(&config, &workload, 1).unwrap();
    // Until every table has grown, and the course of the run is folded up (a bucket lasts for eight seconds then).
    run.advance(600_000).unwrap();
    let before = ALLOCATIONS.with(Cell::get);
    let progress = run.advance(20_000).unwrap();
    assert!(!progress.done && progress.requests == 620_000);
    let allocated = ALLOCATIONS.with(Cell::get) - before;
    // Each closed bucket may add a node of the map of refusals, nothing else.
    println!("{allocated}");
    assert!(allocated < 200, "{allocated}");
    let summary = run.finish().unwrap().outcome.summary;
    assert!(summary.refused > 0 && summary.expired > 0 && summary.retries > 0 && summary.abandoned > 0);
}
