//! A backend with a hundred servers, those who ask it, and a limiter between them.
//!
//! Everything is exponential, so that only the next event is ever drawn: an arrival, or the end of one of the services
//! that run. When the backend slows down, what runs slows down with it.

use std::collections::VecDeque;

use heijunka_core::config::Class;
use heijunka_core::{Config, DomainId, Engine, Outcome, Token, Value};

pub const SECOND_US: u64 = 1_000_000;
pub const MINUTE_US: u64 = 60 * SECOND_US;

/// Numbers by chance (SplitMix64: Steele, Lea and Flood, 2014).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In (0, 1].
    pub fn part(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -libm::log(self.part()) * mean
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.part() * count as f64).ceil() as usize - 1
    }
}

/// What stands between the requests and the backend.
pub trait Limiter {
    /// Whether a request may come in, and by which name it is given back.
    fn admit(&mut self, now_us: u64, class: Class) -> Option<u64>;
    fn release(&mut self, now_us: u64, name: u64, held_us: u64, outcome: Outcome);
    /// Lets time pass; called at least every second.
    fn step(&mut self, now_us: u64);
    fn limit(&self) -> f64;
}

/// The engine under test.
pub struct Heijunka(pub Engine);

impl Heijunka {
    pub fn new(config: &str) -> Self {
        let config = Config::from_value(&Value::from_json(config).unwrap()).unwrap();
        Self(Engine::new(&config, 0).unwrap())
    }
}

impl Limiter for Heijunka {
    fn admit(&mut self, now_us: u64, class: Class) -> Option<u64> {
        let admission = self.0.admit(now_us, DomainId::new(0), Some(class)).unwrap();
        admission.token.map(Token::get)
    }

    fn release(&mut self, now_us: u64, name: u64, _: u64, outcome: Outcome) {
        self.0.release(now_us, Token::from_raw(name), outcome).unwrap();
    }

    fn step(&mut self, now_us: u64) {
        self.0.step(now_us).unwrap();
        while self.0.poll_effect().is_some() {}
    }

    fn limit(&self) -> f64 {
        self.0.regulator_status().adaptive_limit.map_or(f64::NAN, f64::from)
    }
}

/// How the backend shares its servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Discipline {
    /// It has a line of its own: first come, first served.
    Line,
    /// All that are there are served at once, each the slower the more there are.
    Sharing,
}

/// What is true from some time on.
#[derive(Debug, Clone, Copy)]
pub struct Phase {
    pub until_us: u64,
    /// Arrivals in a second.
    pub rate: f64,
    /// The mean service time in seconds.
    pub service: f64,
    /// The share of requests that fail at once.
    pub failing: f64,
    /// The share of requests that are stuck elsewhere, without a server, and for how many seconds.
    pub stuck: (f64, f64),
    /// How many requests at the beginning take no time at all.
    pub lucky: u32,
    pub servers: usize,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    name: u64,
    since_us: u64,
}

/// A second of the run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Second {
    pub limit: f64,
    pub offered: u64,
    pub refused: u64,
    pub completed: u64,
}

pub struct Run {
    pub seconds: Vec<Second>,
    /// When each of the requests that ended well was released, in seconds, and how long it was held, in microseconds.
    pub held: Vec<(u32, u32)>,
}

impl Run {
    /// The least and the highest limit in some seconds.
    pub fn limits(&self, seconds: std::ops::Range<usize>) -> (f64, f64) {
        let limits = self.seconds[seconds].iter().map(|second| second.limit);
        limits.fold((f64::INFINITY, 0.0), |(least, most), limit| (limit.min(least), limit.max(most)))
    }

    /// The sum of a count in some seconds.
    pub fn sum(&self, seconds: std::ops::Range<usize>, count: fn(&Second) -> u64) -> f64 {
        self.seconds[seconds].iter().map(count).sum::<u64>() as f64
    }

    /// How long 99 of 100 requests that were released in some seconds were held at most, in seconds.
    pub fn p99_s(&self, seconds: std::ops::Range<usize>) -> f64 {
        let inside = self.held.iter().filter(|(second, _)| seconds.contains(&(*second as usize)));
        let mut held: Vec<u32> = inside.map(|(_, held_us)| *held_us).collect();
        if held.is_empty() {
            return f64::NAN;
        }
        let place = (held.len() - 1) * 99 / 100;
        let (_, held_us, _) = held.select_nth_unstable(place);
        f64::from(*held_us) / 1e6
    }
}

/// Runs the phases one after the other.
pub fn run(limiter: &mut dyn Limiter, discipline: Discipline, phases: &[Phase], seed: u64) -> Run {
    let mut chance = Chance::new(seed);
    let (mut served, mut line): (Vec<Request>, VecDeque<Request>) = (Vec::new(), VecDeque::new());
    let mut stuck: VecDeque<(u64, Request)> = VecDeque::new();
    let mut run = Run { seconds: Vec::new(), held: Vec::new() };
    let mut second = Second::default();
    let mut now = 0.0_f64;
    let mut tick_us = SECOND_US;
    for phase in phases {
        let mut arrival = now + chance.exponential(1.0 / phase.rate) * 1e6;
        let mut lucky = phase.lucky;
        // Servers that have come begin with who waits.
        let free = phase.servers.saturating_sub(served.len()).min(line.len());
        served.extend(line.drain(..free));
        loop {
            let busy = served.len().min(phase.servers) as f64;
            let end = now + if busy > 0.0 { chance.exponential(phase.service / busy) * 1e6 } else { 1e18 };
            let free_us = stuck.front().map_or(u64::MAX, |(until_us, _)| *until_us);
            let next = arrival.min(end).min(free_us as f64);
            if next >= tick_us as f64 {
                // Memoryless: what was drawn is drawn anew.
                now = tick_us as f64;
                limiter.step(tick_us);
                second.limit = limiter.limit();
                run.seconds.push(second);
                second = Second::default();
                tick_us += SECOND_US;
                if tick_us > phase.until_us {
                    break;
                }
                continue;
            }
            now = next;
            let now_us = now as u64;
            let mut release = |request: Request, outcome: Outcome, second: &mut Second| {
                let held_us = now_us - request.since_us;
                limiter.release(now_us, request.name, held_us, outcome);
                if outcome == Outcome::Ok {
                    second.completed += 1;
                    run.held.push(((now_us / SECOND_US) as u32, held_us as u32));
                }
            };
            if next == free_us as f64 {
                let (_, request) = stuck.pop_front().unwrap();
                release(request, Outcome::Ok, &mut second);
            } else if next == end {
                let request = served.swap_remove(chance.below(served.len()));
                if served.len() < phase.servers {
                    served.extend(line.pop_front());
                }
                release(request, Outcome::Ok, &mut second);
            } else {
                arrival = now + chance.exponential(1.0 / phase.rate) * 1e6;
                second.offered += 1;
                let Some(name) = limiter.admit(now_us, Class::Normal) else {
                    second.refused += 1;
                    continue;
                };
                let request = Request { name, since_us: now_us };
                if lucky > 0 {
                    lucky -= 1;
                    limiter.release(now_us, name, 0, Outcome::Ok);
                    continue;
                }
                if phase.failing > 0.0 && chance.part() <= phase.failing {
                    limiter.release(now_us, name, 0, Outcome::Failed);
                } else if phase.stuck.0 > 0.0 && chance.part() <= phase.stuck.0 {
                    stuck.push_back((now_us + (phase.stuck.1 * 1e6) as u64, request));
                } else if served.len() < phase.servers || discipline == Discipline::Sharing {
                    served.push(request);
                } else {
                    line.push_back(request);
                }
            }
        }
    }
    run
}
