//! Which requests an overload hits: sheddable work first, then normal work, critical work last.

use heijunka_core::config::Class;
use heijunka_core::{DomainId, Engine, Outcome, Reason, Token};

use crate::engine;
use crate::world::{Chance, Heijunka, MINUTE_US, SECOND_US};

const CLASSES: [Class; 3] = [Class::Sheddable, Class::Normal, Class::Critical];
const SERVERS: usize = 100;

/// What became of a class.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    offered: u64,
    refused: u64,
    /// The most that were in flight.
    most: u32,
    /// Requests in flight × seconds.
    area: f64,
}

/// The requests of a world: a line before a hundred servers, services of one second.
struct World {
    engine: Engine,
    chance: Chance,
    /// Served and waiting, in the order in which they came.
    inside: Vec<(Token, usize)>,
    loads: [u32; 3],
    counts: [Count; 3],
    now: f64,
    tick_us: u64,
}

impl World {
    fn new(regulator: &str) -> Self {
        Self {
            engine: Heijunka::new(&engine(regulator)).0,
            chance: Chance::new(7),
            inside: Vec::new(),
            loads: [0; 3],
            counts: [Count::default(); 3],
            now: 0.0,
            tick_us: SECOND_US,
        }
    }

    /// What the regulator keeps for critical work now.
    fn reserved(&self) -> u32 {
        let status = self.engine.regulator_status();
        let whole = status.adaptive_limit.map_or(status.hard_limit, |limit| limit.min(status.hard_limit));
        self.engine.config().regulator.reserved_capacity.round_of(whole)
    }

    /// Lets so many requests of each class come in a second, for so long. Begins to count anew.
    fn run(&mut self, rates: [f64; 3], minutes: u64) {
        self.counts = [Count::default(); 3];
        let until_us = self.tick_us - SECOND_US + minutes * MINUTE_US;
        let rate: f64 = rates.iter().sum();
        while self.tick_us <= until_us {
            let busy = self.inside.len().min(SERVERS) as f64;
            let next = self.now + self.chance.exponential(1.0 / (rate + busy)) * 1e6;
            let end = next.min(self.tick_us as f64);
            for (count, load) in self.counts.iter_mut().zip(self.loads) {
                count.area += f64::from(load) * (end - self.now) / 1e6;
                count.most = count.most.max(load);
            }
            self.now = end;
            if next >= self.tick_us as f64 {
                self.engine.step(self.tick_us).unwrap();
                while self.engine.poll_effect().is_some() {}
                self.tick_us += SECOND_US;
                continue;
            }
            let mut draw = self.chance.part() * (rate + busy);
            let class = rates.iter().position(|rate| {
                draw -= rate;
                draw < 0.0
            });
            match class {
                Some(class) => self.arrive(class),
                None => self.leave(busy as usize),
            }
        }
    }

    fn arrive(&mut self, class: usize) {
        let reserved = self.reserved();
        let count = &mut self.counts[class];
        count.offered += 1;
        let admission = self.engine.admit(self.now as u64, DomainId::new(0), Some(CLASSES[class])).unwrap();
        if let Some(token) = admission.token {
            self.inside.push((token, class));
            self.loads[class] += 1;
        } else {
            count.refused += 1;
            let least_share = CLASSES[class] != Class::Critical || self.loads[2] >= reserved;
            assert!(
                least_share,
                "critical work is refused at {} of {reserved}: {admission:?}",
                self.loads[2]
            );
        }
    }

    fn leave(&mut self, busy: usize) {
        let (token, class) = self.inside.remove(self.chance.below(busy));
        self.loads[class] -= 1;
        self.engine.release(self.now as u64, token, Outcome::Ok).unwrap();
    }

    /// The share of each class that was refused.
    fn refused(&self) -> [f64; 3] {
        self.counts.map(|count| count.refused as f64 / count.offered.max(1) as f64)
    }
}

/// The regulators: a limit that is known, and one that has to be found.
fn regulators(reservation: &str) -> [(bool, String); 2] {
    let known = format!(r#""soft_limit": 80, "hard_limit": 100, "reservation": "{reservation}""#);
    [(false, known), (true, format!(r#""adaptive": "correlation", "reservation": "{reservation}""#))]
}

#[test]
fn sheddable_work_goes_first_and_critical_work_last() {
    for (is_adaptive, regulator) in regulators("headroom") {
        for times in [2.0, 5.0, 10.0] {
            let mut world = World::new(&regulator);
            world.run([20.0, 20.0, 20.0], 10);
            assert_eq!(world.refused()[1..], [0.0, 0.0], "{regulator}: without an overload");
            // A part of the load is critical, less than fits.
            let rates = [times * 50.0 - 20.0, times * 50.0 - 20.0, 40.0];
            world.run(rates, 3);
            world.run(rates, 20);
            let [sheddable, normal, critical] = world.refused();
            let what = format!("{regulator} at {times}: {:?}", world.refused());
            assert!(sheddable > normal && normal > critical, "{what}");
            // Little or nothing of it, since others leave it room; all that is refused comes from the others.
            assert!(critical < 0.01, "{what}");
            assert!(sheddable > 0.5 && (normal > 0.2 || !is_adaptive), "{what}");
        }
    }
}

#[test]
fn with_headroom_critical_work_grows_to_the_whole_limit() {
    for (_, regulator) in regulators("headroom") {
        for times in [2.0, 5.0, 10.0] {
            let mut world = World::new(&regulator);
            world.run([0.0, 60.0, 20.0], 10);
            // Normal work fills what it may.
            world.run([0.0, times * 100.0, 5.0], 5);
            // Then critical work comes in masses, and normal work goes on as before.
            world.run([0.0, times * 100.0, times * 100.0], 1);
            world.run([0.0, times * 100.0, times * 100.0], 20);
            let status = world.engine.regulator_status();
            let limit = status.adaptive_limit.unwrap_or(status.hard_limit);
            let what = format!("{regulator} at {times}: {:?}", world.counts);
            assert!(f64::from(world.loads[2]) > 0.9 * f64::from(limit), "{what}");
            assert!(world.counts[1].refused * 10 > world.counts[1].offered * 9, "{what}");
        }
    }
}

#[test]
fn with_partition_neither_side_starves_the_other() {
    for (_, regulator) in regulators("partition") {
        for times in [2.0, 5.0, 10.0] {
            for flood in [1, 2] {
                let mut rates = [0.0, 60.0, 15.0];
                let mut world = World::new(&regulator);
                world.run(rates, 10);
                rates[flood] = times * 100.0;
                world.run(rates, 3);
                world.run(rates, 20);
                let minutes = 20.0 * 60.0;
                let loads = world.counts.map(|count| count.area / minutes);
                let what = format!(
                    "{regulator} at {times} of {:?}: {loads:?} {:?}",
                    CLASSES[flood],
                    world.refused()
                );
                // The side that isn't flooded does what it did before.
                let other = 3 - flood;
                assert!(world.refused()[other] < 0.1, "{what}");
                assert!(world.refused()[flood] > 0.4, "{what}");
            }
        }
    }
}

#[test]
fn a_refusal_says_that_it_was_the_adaptive_limit() {
    let mut world = World::new(r#""adaptive": {"initial_limit": 50}"#);
    let mut admit = |class| world.engine.admit(0, DomainId::new(0), Some(class)).unwrap();
    for _ in 0..40 {
        assert_eq!(admit(Class::Normal).limit, 40);
    }
    let refusal = admit(Class::Normal);
    assert_eq!((refusal.reason, refusal.limit, refusal.load), (Reason::Adaptive, 40, 40));
    assert!(refusal.retry_after_us > 0);
    for _ in 0..10 {
        assert!(admit(Class::Critical).admitted());
    }
    let refusal = admit(Class::Critical);
    assert_eq!((refusal.reason, refusal.limit, refusal.load), (Reason::Adaptive, 50, 50));
}
