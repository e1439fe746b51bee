//! Priority.
use crate::*;
#[test]
fn debug() {
    let Ok(name) = std::env::var("DEBUG") else { return };
    let (phases, d, seed, from, to) = match name.as_str() {
        "sharing" => (slowdown(1.0).to_vec(), Discipline::Sharing, 3, 595, 900),
        _ => (vec![steady(10, 80.0, 1.0), steady(70, 110.0, 1.0)], Discipline::Line, 1, 595, 1400),
    };
    struct Spy(Heijunka, Vec<String>);
    impl Limiter for Spy {
        fn admit(&mut self, n: u64, c: heijunka_core::config::Class) -> Option<u64> { self.0.admit(n, c) }
        fn release(&mut self, n: u64, a: u64, h: u64, o: heijunka_core::Outcome) { self.0.release(n, a, h, o) }
        fn step(&mut self, n: u64) { self.0.step(n); let s = self.0.0.regulator_status(); self.1.push(format!("{} L {:?} n {} W {:?} B {:?} {:?}", n/1_000_000, s.adaptive_limit, s.current_load, s.adaptive_latency_us, s.adaptive_baseline_us, s.adaptive_reason)); }
        fn limit(&self) -> f64 { self.0.limit() }
    }
    let mut spy = Spy(Heijunka::new(&engine(r#""reserved_capacity": 0, "adaptive": "correlation""#)), vec![]);
    run(&mut spy, d, &phases, seed);
    for l in &spy.1[from..to] { println!("{l}"); }
}
