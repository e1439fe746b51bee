//! Numbers as JavaScript has them, and as the core takes them.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use heijunka_core::config::Class;
use heijunka_core::time::TIME_LIMIT_US;
use heijunka_core::{Outcome, WorkerId};

use crate::number as to_number;

/// A time or an id. What isn't a whole number from 0 to 2^53 − 1 becomes a number that is none of either, for the core
/// to refuse; so a call that is wrong in more than one way fails as it does in every language.
#[inline]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::float_cmp)] // `as` holds at the nearest end
pub(crate) fn whole(number: f64) -> u64 {
    let held = number as u64;
    if held < TIME_LIMIT_US && to_number(held) == number { held } else { u64::MAX }
}

/// A count. What doesn't fit is held at the nearest end, which every setter refuses.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::float_cmp)] // `as` holds at the nearest end
pub(crate) fn count(number: f64) -> Result<u32, u32> {
    let held = number as u32;
    if f64::from(held) == number { Ok(held) } else { Err(if number <= 0.0 { 0 } else { u32::MAX }) }
}

/// A number as JavaScript shows it.
pub(crate) fn shown(number: f64) -> String {
    if number.is_infinite() {
        (if number > 0.0 { "Infinity" } else { "-Infinity" }).to_owned()
    } else if number.abs() >= 1e21 || (number != 0.0 && number.abs() < 1e-6) {
        format!("{number:?}")
    } else {
        number.to_string()
    }
}

/// A class; 0: the domain's own.
#[inline]
pub(crate) fn class(class: u32) -> Option<Class> {
    match class {
        1 => Some(Class::Critical),
        2 => Some(Class::Normal),
        3 => Some(Class::Sheddable),
        _ => None,
    }
}

#[inline]
pub(crate) fn outcome(failed: bool) -> Outcome {
    if failed { Outcome::Failed } else { Outcome::Ok }
}

pub(crate) fn workers(ids: &[f64]) -> Vec<WorkerId> {
    ids.iter().map(|id| WorkerId::from_raw(whole(*id))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_do_not_fit_become_none_that_is_live() {
        assert_eq!(whole(0.0), 0);
        assert_eq!(whole(9_007_199_254_740_991.0), 9_007_199_254_740_991);
        let misfits =
            [-1.0, -0.5, 0.5, 9_007_199_254_740_992.0, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for misfit in misfits {
            assert_eq!(whole(misfit), u64::MAX, "{misfit}");
        }
        assert_eq!(whole(-0.0), 0);
    }

    #[test]
    fn counts_are_held_at_the_nearest_end() {
        assert_eq!(count(0.0), Ok(0));
        assert_eq!(count(4_294_967_295.0), Ok(u32::MAX));
        for (misfit, held) in [(-1.0, 0), (0.5, u32::MAX), (4_294_967_296.0, u32::MAX), (f64::NAN, u32::MAX)]
        {
            assert_eq!(count(misfit), Err(held), "{misfit}");
        }
    }

    #[test]
    fn numbers_are_shown_as_javascript_shows_them() {
        assert_eq!(
            [1.0, -0.5, f64::NAN, f64::NEG_INFINITY, 1e21, 18_446_744_073_709_551_616.0].map(shown),
            ["1", "-0.5", "NaN", "-Infinity", "1e21", "18446744073709552000"]
        );
    }
}
