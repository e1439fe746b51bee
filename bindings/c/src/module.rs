//! What needs no handle: versions, configurations, costs.

use std::ffi::c_char;

use heijunka_core::{Config, Draft, Value, burst, config::PRESET_NAMES};

use crate::args;
use crate::guard::{Failure, enter};
use crate::out::TextOut;

/// The version of this interface. A program that was compiled with another one than the library it runs with
/// mustn't go on: compare it with heijunka_abi_version() once, at the start.
pub const HEIJUNKA_ABI_VERSION: u32 = 1;

/// The HEIJUNKA_ABI_VERSION that the library was built with. Functions, constants and fields at the end of structs
/// are added without changing it.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_abi_version() -> u32 {
    HEIJUNKA_ABI_VERSION
}

/// The library's version, such as "0.1.0". Never NULL, and never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The full configuration, as JSON, that `config` stands for: checked, every default filled in. `config` is JSON or
/// TOML, `config_len` bytes; NULL with 0 is the empty configuration.
///
/// Fails with HEIJUNKA_ERROR_INVALID_CONFIG; heijunka_last_error then lists all that is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_config_resolve(
    config: *const c_char,
    config_len: usize,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, value) =
            unsafe { (TextOut::new(buf, cap, out_len)?, args::value(config, config_len, "config")?) };
        out.write_json(&Config::from_value(&value)?)
    })
}

/// The full configuration, as JSON, of a preset: "classic" (the defaults) or "adaptive".
///
/// Fails with HEIJUNKA_ERROR_INVALID_ARGUMENT for any other name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn heijunka_preset(
    name: *const c_char,
    name_len: usize,
    buf: *mut c_char,
    cap: usize,
    out_len: *mut usize,
) -> i32 {
    enter(|| {
        // SAFETY: the caller owes what the header says of pointers and buffers.
        let (out, name) = unsafe { (TextOut::new(buf, cap, out_len)?, args::text(name, name_len, "name")?) };
        if !PRESET_NAMES.contains(&name) {
            let (shown, known) = (name.escape_debug(), PRESET_NAMES.join("` or `"));
            return Err(Failure::argument(format!("unknown preset `{shown}`: it must be `{known}`")));
        }
        let mut draft = Draft::new(Value::Null);
        draft.set("preset", name.into())?;
        out.write_json(&draft.build()?)
    })
}

/// A year's bill of surges, in money: two a day at $2.50 are $1,825.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_surge_cost_per_year(surges_per_day: f64, cost_per_surge: f64) -> f64 {
    burst::surge_cost_per_year(surges_per_day, cost_per_surge)
}

/// A year's bill of permanent workers, in money: one at $1.00 an hour is $8,760.
#[unsafe(no_mangle)]
pub extern "C" fn heijunka_baseline_cost_per_year(workers: u32, price_per_hour: f64) -> f64 {
    burst::baseline_cost_per_year(workers, price_per_hour)
}
