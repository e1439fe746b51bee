//! The WebAssembly face of Heijunka. What a user imports is the package in `js/`, written in TypeScript; this crate is
//! what that calls.
//!
//! Everything here is thin: convert, call, convert. Numbers come as JavaScript has them and are checked here; what
//! doesn't fit is the misuse that it means (an unknown token, a time out of range), and never becomes another number
//! on the way. Words come as small numbers, names as handles, and the answers of requests are left in memory as
//! numbers, so that a request costs no text and no object on this side. The rest is JSON.
//!
//! It is built twice, with the feature `engine` and with `whatif`: who levels loads no simulation, and a worker that
//! simulates nothing else.
// Without std no panic's text is loaded in a browser; elsewhere there is no need to do without.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![allow(unreachable_pub)] // what wasm-bindgen exports has to be public

extern crate alloc;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// A panic would be a bug of the library: the wasm module stops, and JavaScript sees a `RuntimeError`.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

mod args;
#[cfg(feature = "engine")]
mod engine;
mod failure;
mod json;
#[cfg(feature = "engine")]
mod module;
#[cfg(feature = "whatif")]
mod simulate;
#[cfg(test)]
mod words;
