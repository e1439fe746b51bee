//! JSON text: read token by token, and written.
//!
//! A reader of our own, of RFC 8259 and nothing beyond it. It keeps what others lose (the order of members, doubled ones,
//! whether a number was written as an integer), reads floats to the last bit, and is a tenth of
//! the size of a general one, which counts where it is loaded in a browser.

mod float;
mod read;
mod serialize;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::{JsonError, Number, Reader};
pub use serialize::json;
pub(crate) use write::write;
