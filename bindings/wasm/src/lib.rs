//! The WebAssembly face of Heijunka. What a user imports is the package in `js/`, written in TypeScript; this crate is
//! what that calls.
//!
//! Everything here is thin: convert, call, convert. Numbers come as JavaScript has them and are checked here; what
//! doesn't fit is the misuse that it means (an unknown token, a time out of range), and never becomes another number
//! on the way. Words come as small numbers, names as handles, and the answers of requests are left in memory as
//! numbers, so that a request costs no text and no object on this side. The rest is JSON.
#![no_std]
#![allow(unreachable_pub)] // what wasm-bindgen exports has to be public

extern crate alloc;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

mod args;
mod engine;
mod failure;
mod json;
mod module;
mod simulate;
