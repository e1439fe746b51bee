use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::turns::Turns;
use super::super::*;
use super::model::tijdeman;
use crate::error::Error;

fn text(counts: &[u32]) -> String {
    sequence(counts)
        .unwrap()
        .into_iter()
        .map(|product| char::from(b'A' + u8::try_from(product).unwrap()))
        .collect()
}

/// Fails at the first prefix where a product is farther from its share than Tijdeman's bound, all in integers:
/// |2(n − 1)(made·N − k·c)| ≤ (2(n − 1) − 1)·N.
fn assert_bound(counts: &[u32], order: &[u32]) {
    let total: i128 = counts.iter().map(|count| i128::from(*count)).sum();
    assert_eq!(order.len(), usize::try_from(total).unwrap());
    let others = counts.iter().filter(|count| **count > 0).count() as i128 - 1;
    let mut made = vec![0_i128; counts.len()];
    for (product, k) in order.iter().zip(1..) {
        made[*product as usize] += 1;
        for (product, (made, count)) in made.iter().zip(counts).enumerate() {
            let off = (made * total - k * i128::from(*count)).abs();
            if others <= 0 {
                assert_eq!(off, 0, "of one product alone");
            } else {
                assert!(
                    2 * others * off <= (2 * others - 1) * total,
                    "product {product} is {off}/{total} off after {k} of {counts:?}"
                );
            }
        }
    }
    let wanted: Vec<i128> = counts.iter().map(|count| i128::from(*count)).collect();
    assert_eq!(made, wanted, "each as often as it should be");
}

/// Worked out by hand, by the rule in the docs of `Turns`.
#[test]
fn small_mixes() {
    // ε = 1/4. From when each may be made, and after when it must have been: A 0.5–1.5, 2.5–3.5, 4.5–5.5; B 0.75–2.25, 3.75–5.25; C 1.5–4.5.
    assert_eq!(text(&[3, 2, 1]), "ABACBA");
    // A 0.35–1.05, 1.75–2.45, 3.15–3.85, 4.55–5.25, 5.95–6.65; B and C 1.75–5.25. A comes first at the tie of 5.25.
    assert_eq!(text(&[5, 1, 1]), "AABAACA");
    assert_eq!(text(&[1, 1]), "AB");
    assert_eq!(text(&[1, 1, 1, 1]), "ABCD");
    // ε = 1/2. The fourth of seven may be made from 4 on and must have been after 4, and so must the one: a tie.
    assert_eq!(text(&[7, 1]), "AAAABAAA");
    assert_eq!(text(&[1, 7]), "BBBABBBB");
    assert_eq!(text(&[4]), "AAAA");
    assert_eq!(text(&[0, 2, 0, 2]), "BDBD", "what isn't made at all has no place");
    // A batch of several equal ones is one of them, repeated.
    assert_eq!(text(&[6, 4, 2]), "ABACBAABACBA");
}

/// Miltenburg (1989) has the mix 6, 6, 1 as the case that his first heuristic gets wrong; and a car line of the Toyota
/// kind, with one model in twenty. What is to hold is the bound, and that equal products alternate.
#[test]
fn mixes_of_the_literature() {
    assert_eq!(text(&[6, 6, 1]), "ABABABCABABAB");
    for counts in [&[6, 6, 1][..], &[3, 3, 2], &[2, 3, 5, 7, 11], &[9, 5, 4, 1, 1], &[1, 1, 1, 7]] {
        assert_bound(counts, &sequence(counts).unwrap());
    }
}

#[test]
fn five_to_one_to_one_is_smooth() {
    let order = sequence(&[5_000, 1_000, 1_000]).unwrap();
    let longest = order.chunk_by(|left, right| left == right).map(<[u32]>::len).max();
    assert_eq!(longest, Some(3), "never 5 in a row: two gaps for five make runs of two and three");
}

/// The smooth weighted round robin of nginx: who has gathered most is next, and pays the sum.
fn smooth_round_robin(weights: &[u32]) -> Vec<u32> {
    let total: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let mut current = vec![0_i64; weights.len()];
    let one = |_| {
        for (current, weight) in current.iter_mut().zip(weights) {
            *current += i64::from(*weight);
        }
        let most = *current.iter().max().unwrap();
        let next = current.iter().position(|current| *current == most).unwrap();
        current[next] -= total;
        u32::try_from(next).unwrap()
    };
    (0..total).map(one).collect()
}

/// The farthest any product is from its share, in items.
fn farthest(weights: &[u32], order: &[u32]) -> f64 {
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    let mut made = vec![0.0; weights.len()];
    let mut farthest: f64 = 0.0;
    for (product, k) in order.iter().zip(1_u32..) {
        made[*product as usize] += 1.0;
        for (made, weight) in made.iter().zip(weights) {
            farthest = farthest.max((made - f64::from(k * weight) / total).abs());
        }
    }
    farthest
}

/// Why not the simpler rule: it leaves the bound, the farther the more products there are.
#[test]
fn smooth_round_robin_strays_farther() {
    let weights = [300, 300, 300, 46, 46, 9, 6, 6, 5, 5, 5, 4, 4, 2, 2, 2, 1, 1, 1, 1, 1, 1];
    let (ours, theirs) = (sequence(&weights).unwrap(), smooth_round_robin(&weights));
    let (ours, theirs) = (farthest(&weights, &ours), farthest(&weights, &theirs));
    assert!(ours < 0.9762 && theirs > 1.45, "{ours} {theirs}");
}

#[test]
fn bad_mixes_are_errors() {
    let wrong = |counts: &[u32]| sequence(counts).unwrap_err();
    assert_eq!(wrong(&[]), Error::OutOfRange { field: "products", value: 0, min: 1, max: 16_384 });
    assert_eq!(
        wrong(&vec![1; 16_385]),
        Error::OutOfRange { field: "products", value: 16_385, min: 1, max: 16_384 }
    );
    assert_eq!(
        wrong(&[0, 0]),
        Error::OutOfRange { field: "items", value: 0, min: 1, max: 16_384 * u64::from(u32::MAX) }
    );
    assert_eq!(
        wrong(&[16_777_216, 1]),
        Error::OutOfRange { field: "items", value: 16_777_217, min: 1, max: 16_777_216 }
    );
    assert_eq!(
        wrong(&[16_777_216, 1]).to_string(),
        "`items` = 16777217 is out of range: it must be from 1 to 16777216"
    );
}

/// The greatest mix there can be: nothing overflows, and the first items are those of the small one.
#[test]
fn the_greatest_mix_begins_as_it_should() {
    let counts = vec![u32::MAX; MAX_PRODUCTS as usize];
    let mut order = Sequence::new(&counts).unwrap();
    assert_eq!(order.remaining(), u64::from(MAX_PRODUCTS) * u64::from(u32::MAX));
    let first: Vec<u32> = order.by_ref().take(3 * MAX_PRODUCTS as usize).collect();
    let expected = (0..3 * MAX_PRODUCTS).map(|place| place % MAX_PRODUCTS);
    assert!(first.into_iter().eq(expected));
    let mut counts = counts;
    counts[7] = 1;
    assert!(Sequence::new(&counts).unwrap().take(100_000).all(|product| product < MAX_PRODUCTS));
}

#[test]
fn an_iterator_that_has_ended_stays_so() {
    let mut order = Sequence::new(&[2, 1]).unwrap();
    assert_eq!(order.size_hint(), (3, Some(3)));
    assert_eq!(order.by_ref().collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!((order.next(), order.next(), order.remaining()), (None, None, 0));
}

/// Positions that are moved back all the time give the same order.
#[test]
fn moving_positions_back_changes_nothing() {
    let weights = [1_000_000, 3, 77, 1];
    let mut turns = [1 << 62, 1 << 28].map(|most| {
        let mut turns = Turns::new(&weights, 1 << 16).with_most(most);
        (0..4).for_each(|index| turns.join(index));
        turns
    });
    for _ in 0..2_000_000 {
        let next = turns.each_mut().map(|turns| {
            let next = turns.next();
            turns.advance(true);
            next
        });
        assert_eq!(next[0], next[1]);
    }
}

fn mixes() -> impl Strategy<Value = Vec<u32>> {
    let shapes = prop_oneof![
        prop::collection::vec(0_u32..200, 1..=50),
        prop::collection::vec(prop_oneof![Just(1_u32), Just(2), 1_u32..200], 2..=50),
        // A few that dwarf the rest.
        prop::collection::vec(prop_oneof![8 => 1_u32..4, 1 => 500_u32..1_500], 1..=50),
        prop::collection::vec(1_u32..5_000, 1..=2),
    ];
    shapes.prop_filter("from 1 to 10,000 items", |counts| (1..=10_000).contains(&counts.iter().sum::<u32>()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_product_strays_beyond_tijdemans_bound(counts in mixes()) {
        assert_bound(&counts, &sequence(&counts).unwrap());
    }

    #[test]
    fn it_is_what_the_slow_model_says(counts in prop::collection::vec(0_u32..40, 1..20)) {
        prop_assume!(counts.iter().sum::<u32>() > 0);
        prop_assert_eq!(sequence(&counts).unwrap(), tijdeman(&counts));
    }

    #[test]
    fn equal_batches_repeat(counts in prop::collection::vec(0_u32..20, 1..12), batches in 2_u32..6) {
        prop_assume!(counts.iter().sum::<u32>() > 0);
        let many: Vec<u32> = counts.iter().map(|count| count * batches).collect();
        let one = sequence(&counts).unwrap();
        let repeated = one.repeat(batches as usize);
        prop_assert_eq!(sequence(&many).unwrap(), repeated);
    }

    /// The same with members that come, go and change: in whatever order, nothing depends on where positions begin.
    #[test]
    fn moving_positions_back_changes_nothing_for_who_comes_and_goes(
        weights in prop::collection::vec(prop_oneof![1_u32..9, Just(1_000_000)], 1..7),
        steps in prop::collection::vec((0_u32..7, 0_u32..12, 1_u32..9), 1..600),
    ) {
        let count = u32::try_from(weights.len()).unwrap();
        let new = |most| Turns::new(&weights, 1 << 16).with_most(most);
        // Hardly more than positions can differ by.
        let mut turns = [new(1 << 62), new(1 << 46)];
        let mut present = vec![false; weights.len()];
        for (index, what, weight) in steps {
            let index = index % count;
            match what {
                0..4 if !present[index as usize] => {
                    for turns in &mut turns {
 turns.join(index);
}
                    present[index as usize] = true;
                }
                4 => {
for turns in &mut turns {
 turns.set_weight(index, weight);
}
}
                _ => {
                    let next = turns.each_mut().map(Turns::next);
                    prop_assert_eq!(next[0], next[1]);
                    let Some(next) = next[0] else { continue };
                    prop_assert!(present[next as usize]);
                    let stays = what < 11;
                    for turns in &mut turns {
 turns.advance(stays);
}
                    present[next as usize] = stays;
                }
            }
            for index in (0..count).filter(|index| present[*index as usize]) {
                prop_assert_eq!(turns[0].turns_until(index), turns[1].turns_until(index));
            }
            prop_assert_eq!(turns[0].next().is_some(), present.contains(&true), "somebody always may");
            prop_assert_eq!(turns[1].next(), turns[0].next());
        }
    }
}
