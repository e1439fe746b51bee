//! In steady state inputs allocate nothing.

#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use heijunka_core::{Config, DomainId, Engine, Outcome, PoolId, WorkerId};

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
    let pools: Vec<String> = (0..6)
        .map(|pool| {
            format!(r#""p{pool}": {{"initial_workers": 3, "max_workers": 3, "max_overflow": 1, "overflow_ttl_us": 300, "max_waiting": 2}}"#)
        })
        .collect();
    let config = format!(
        r#"{{"pools": {{{}}}, "domains": {{"all": {{}}}},
            "regulator": {{"soft_limit": 20, "hard_limit": 30, "token_ttl_us": 1000000}}}}"#,
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
    assert_eq!(ALLOCATIONS.with(Cell::get) - before, 0);
    let status = engine.regulator_status();
    assert!(status.accepted_requests > 0 && status.rejected_requests > 0 && status.released_tokens > 0);
    assert!(engine.pool_status(PoolId::new(0)).is_ok_and(|pool| pool.expired_waiters > 0));
}
