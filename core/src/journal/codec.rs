//! The codec: one walk through the state, in two directions.
//!
//! A part lists its state once, in a [`State::state`] that hands each field to a [`Codec`]. The codec either writes what
//! it is handed or puts what it reads in its place, so that the two directions can't differ. A listing begins by taking
//! its struct apart without `..`: a field that is forgotten doesn't compile.
//!
//! What is read may be anything, also with a right checksum. So the first fault sticks: after it everything reads as
//! nothing, loops end, and [`Codec::fault`] tells at the end. A length is never taken for more than there are bytes left.
//!
//! Integers are LEB128 (seven bits a byte, the low ones first), floats their eight bytes, the low ones first.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use crate::id::{DomainId, PoolId, TicketId, Token, WaiterId, WorkerId};
use crate::time::TIME_LIMIT_US;

/// A time or a count is below this when it is read: whatever is added to it, the sum fits 64 bits. Times are below 2^53,
/// and what is due lies a few durations, themselves below 2^53, later.
const BOUND: u64 = 1 << 56;

/// What has state.
pub(crate) trait State {
    /// Hands every field to the codec.
    fn state(&mut self, io: &mut Codec<'_>);
}

/// Writes or reads, as it was made to.
#[derive(Debug)]
pub(crate) struct Codec<'a> {
    out: Vec<u8>,
    /// What remains to be read; `None`: it writes.
    input: Option<&'a [u8]>,
    fault: Option<&'static str>,
    /// How many pools and domains there are.
    pub(crate) pools: u32,
    /// See `pools`.
    pub(crate) domains: u32,
}

impl<'a> Codec<'a> {
    /// A codec that writes.
    pub(crate) fn writer() -> Self {
        Self { out: Vec::new(), input: None, fault: None, pools: u32::MAX, domains: u32::MAX }
    }

    /// A codec that appends to what is written.
    pub(crate) fn appending(out: Vec<u8>) -> Self {
        Self { out, ..Self::writer() }
    }

    /// A codec that reads.
    pub(crate) fn reader(input: &'a [u8]) -> Self {
        Self { input: Some(input), ..Self::writer() }
    }

    /// Whether it reads.
    pub(crate) fn reads(&self) -> bool {
        self.input.is_some()
    }

    /// What was written.
    pub(crate) fn into_written(self) -> Vec<u8> {
        self.out
    }

    /// What is left to read.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.input.unwrap_or_default()
    }

    /// What couldn't be, if anything.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        self.fault
    }

    /// Ends the reading when something isn't so: `what` can't be.
    pub(crate) fn check(&mut self, is_so: bool, what: &'static str) {
        if !is_so && self.input.is_some() && self.fault.is_none() {
            self.fault = Some(what);
            self.input = Some(&[]);
        }
    }

    fn read_byte(&mut self) -> u8 {
        match self.input.and_then(<[u8]>::split_first) {
            Some((byte, rest)) => {
                self.input = Some(rest);
                *byte
            }
            None => {
                self.check(false, "end");
                0
            }
        }
    }

    /// A byte.
    pub(crate) fn byte(&mut self, value: &mut u8) {
        if self.input.is_some() {
            *value = self.read_byte();
        } else {
            self.out.push(*value);
        }
    }

    /// Any integer of 64 bits.
    pub(crate) fn integer(&mut self, value: &mut u64) {
        if self.input.is_some() {
            *value = self.read_integer();
            return;
        }
        let mut rest = *value;
        while rest >= 0x80 {
            self.out.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.out.push((rest & 0x7f) as u8);
    }

    fn read_integer(&mut self) -> u64 {
        let (mut value, mut shift) = (0_u64, 0_u32);
        loop {
            let byte = self.read_byte();
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has one bit; a last byte of nothing would be a second way to write the same.
            let fits = shift < 63 || (shift == 63 && bits <= 1);
            self.check(fits && (byte != 0 || shift == 0), "integer");
            if self.fault.is_some() {
                return 0;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return value;
            }
            shift += 7;
        }
    }

    /// Any signed integer: the sign in the lowest bit.
    pub(crate) fn signed(&mut self, value: &mut i64) {
        let mut folded = fold(*value);
        self.integer(&mut folded);
        *value = unfold(folded);
    }

    /// How many items follow, each of at least one byte.
    pub(crate) fn length(&mut self, length: usize) -> usize {
        let mut count = length as u64;
        self.integer(&mut count);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.check(count <= self.rest().len(), "length");
        if self.fault.is_some() { 0 } else { count }
    }

    /// One of a few, by its place among them.
    pub(crate) fn choice<T: Copy + PartialEq>(&mut self, value: &mut T, all: &[T], what: &'static str) {
        let mut place = all.iter().position(|one| *one == *value).unwrap_or(0) as u64;
        self.integer(&mut place);
        match all.get(usize::try_from(place).unwrap_or(usize::MAX)) {
            Some(found) => *value = *found,
            None => self.check(false, what),
        }
    }

    /// One of those that have a code.
    pub(crate) fn coded<T: Copy>(
        &mut self,
        value: &mut T,
        all: &[T],
        code: impl Fn(T) -> u32,
        what: &'static str,
    ) {
        let mut number = u64::from(code(*value));
        self.integer(&mut number);
        if self.input.is_some() {
            match all.iter().find(|one| u64::from(code(**one)) == number) {
                Some(found) => *value = *found,
                None => self.check(false, what),
            }
        }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, value: &[u8]) -> &'a [u8] {
        let length = self.length(value.len());
        let Some(input) = self.input else {
            self.out.extend_from_slice(value);
            return &[];
        };
        let (taken, rest) = input.split_at_checked(length).unwrap_or_default();
        self.input = Some(rest);
        taken
    }

    /// Bytes up to the end.
    pub(crate) fn rest_as_bytes(&mut self, value: &[u8]) -> &'a [u8] {
        match self.input {
            Some(rest) => {
                self.input = Some(&[]);
                rest
            }
            None => {
                self.out.extend_from_slice(value);
                &[]
            }
        }
    }

    /// Text.
    pub(crate) fn text(&mut self, value: &mut String) {
        let bytes = self.bytes(value.as_bytes());
        if self.input.is_some() {
            match core::str::from_utf8(bytes) {
                Ok(text) => *value = text.into(),
                Err(_) => self.check(false, "text"),
            }
        }
    }
}

/// A signed integer with its sign in the lowest bit, so that small ones are short.
pub(crate) fn fold(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned()
}

/// What [`fold`] made of it.
pub(crate) fn unfold(folded: u64) -> i64 {
    (folded >> 1).cast_signed() ^ (folded & 1).cast_signed().wrapping_neg()
}

impl State for u32 {
    fn state(&mut self, io: &mut Codec<'_>) {
        let mut value = u64::from(*self);
        io.integer(&mut value);
        io.check(u32::try_from(value).is_ok(), "count");
        *self = u32::try_from(value).unwrap_or(0);
    }
}

/// A time or a count: below 2^56.
impl State for u64 {
    fn state(&mut self, io: &mut Codec<'_>) {
        io.integer(self);
        io.check(*self < BOUND, "time or count");
    }
}

/// An area: below 2^100, so that all of them together fit.
impl State for u128 {
    #[allow(clippy::cast_possible_truncation)] // the low half, and the high one
    fn state(&mut self, io: &mut Codec<'_>) {
        let (mut low, mut high) = (*self as u64, (*self >> 64) as u64);
        io.integer(&mut low);
        io.integer(&mut high);
        io.check(high < 1 << 36, "area");
        *self = u128::from(high) << 64 | u128::from(low);
    }
}

impl State for i64 {
    fn state(&mut self, io: &mut Codec<'_>) {
        io.signed(self);
        io.check(self.unsigned_abs() < BOUND, "change");
    }
}

impl State for bool {
    fn state(&mut self, io: &mut Codec<'_>) {
        io.choice(self, &[false, true], "flag");
    }
}

/// A finite number.
impl State for f64 {
    fn state(&mut self, io: &mut Codec<'_>) {
        let mut bytes = self.to_le_bytes();
        for byte in &mut bytes {
            io.byte(byte);
        }
        let value = Self::from_le_bytes(bytes);
        io.check(value.is_finite(), "number");
        *self = if io.fault.is_some() { 0.0 } else { value };
    }
}

impl<T: State + Default> State for Option<T> {
    fn state(&mut self, io: &mut Codec<'_>) {
        let mut there = self.is_some();
        there.state(io);
        if there {
            self.get_or_insert_default().state(io);
        } else {
            *self = None;
        }
    }
}

impl<T: State + Default> State for Vec<T> {
    fn state(&mut self, io: &mut Codec<'_>) {
        let count = io.length(self.len());
        if io.reads() {
            self.clear();
            self.resize_with(count, T::default);
        }
        self.as_mut_slice().state(io);
    }
}

impl<T: State + Default> State for VecDeque<T> {
    fn state(&mut self, io: &mut Codec<'_>) {
        let count = io.length(self.len());
        if io.reads() {
            self.clear();
            self.resize_with(count, T::default);
        }
        for item in self {
            item.state(io);
        }
    }
}

/// As many as there are: both sides know how many.
impl<T: State> State for [T] {
    fn state(&mut self, io: &mut Codec<'_>) {
        for item in self {
            item.state(io);
        }
    }
}

impl<T: State, const N: usize> State for [T; N] {
    fn state(&mut self, io: &mut Codec<'_>) {
        self.as_mut_slice().state(io);
    }
}

impl<T: State> State for Box<[T]> {
    fn state(&mut self, io: &mut Codec<'_>) {
        (**self).state(io);
    }
}

impl<A: State, B: State> State for (A, B) {
    fn state(&mut self, io: &mut Codec<'_>) {
        self.0.state(io);
        self.1.state(io);
    }
}

macro_rules! index_state {
    ($($id:ident, $count:ident, $what:literal;)*) => {$(
        impl State for $id {
            fn state(&mut self, io: &mut Codec<'_>) {
                let mut index = self.get();
                index.state(io);
                io.check(index < io.$count, $what);
                *self = Self::new(index);
            }
        }

        impl Default for $id {
            fn default() -> Self {
                Self::new(0)
            }
        }
    )*};
}

index_state! {
    PoolId, pools, "pool";
    DomainId, domains, "domain";
}

macro_rules! id_state {
    ($($id:ident)*) => {$(
        impl State for $id {
            fn state(&mut self, io: &mut Codec<'_>) {
                let mut raw = self.get();
                io.integer(&mut raw);
                io.check(raw < TIME_LIMIT_US, "id");
                *self = Self::from_raw(raw);
            }
        }

        impl Default for $id {
            fn default() -> Self {
                Self::from_raw(0)
            }
        }
    )*};
}

id_state! { Token WorkerId WaiterId TicketId }

/// Lists a struct's state: the fields that are handed on in this order, and after `but` those that need not be, since
/// the configuration has them or they follow from others. Together they are all fields, or it doesn't compile.
macro_rules! state {
    ($($type:ty { $($field:ident),* $(,)? $(; but $($left:ident),* $(,)?)? })*) => {$(
        impl $crate::journal::codec::State for $type {
            fn state(&mut self, io: &mut $crate::journal::codec::Codec<'_>) {
                let Self { $($field,)* $($($left: _,)*)? } = self;
                $($crate::journal::codec::State::state($field, io);)*
            }
        }
    )*};
}

pub(crate) use state;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(value: &mut impl State) -> Vec<u8> {
        let mut io = Codec::writer();
        value.state(&mut io);
        io.into_written()
    }

    #[test]
    fn integers_are_leb128() {
        let write = |mut value: u64| {
            let mut io = Codec::writer();
            io.integer(&mut value);
            io.into_written()
        };
        assert_eq!(write(0), [0]);
        assert_eq!(write(127), [127]);
        assert_eq!(write(624_485), [0xe5, 0x8e, 0x26]); // the example of the DWARF standard, 7.6
        assert_eq!(write(u64::MAX).len(), 10);
    }

    #[test]
    fn what_is_no_integer_is_a_fault_and_reads_as_nothing() {
        for bytes in
            [&[0x80, 0][..], &[0x80], &[], &[0xff; 11], &[255, 255, 255, 255, 255, 255, 255, 255, 255, 2]]
        {
            let mut io = Codec::reader(bytes);
            let mut value = 7;
            io.integer(&mut value);
            assert!(io.fault().is_some() && value == 0, "{bytes:?}");
            assert!(io.rest().is_empty());
        }
    }

    #[test]
    fn a_length_beyond_what_is_left_is_a_fault() {
        let mut list: Vec<u32> = Vec::new();
        let mut io = Codec::reader(&[5, 1, 1, 1, 1]);
        list.state(&mut io);
        assert_eq!((io.fault(), list.len()), (Some("length"), 0));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            integer in any::<u64>(), signed in any::<i64>(), count in any::<u32>(), area in 0_u128..1 << 100,
            number in -1e300_f64..1e300, list in prop::collection::vec((any::<u32>(), prop::option::of(0_u64..1 << 56)), 0..9),
            text in ".{0,9}",
        ) {
            let mut io = Codec::writer();
            io.integer(&mut integer.clone());
            io.signed(&mut signed.clone());
            (count, area).state(&mut io);
            number.clone().state(&mut io);
            list.clone().state(&mut io);
            io.text(&mut text.clone());
            let bytes = io.into_written();
            let mut io = Codec::reader(&bytes);
            let (mut a, mut b, mut c, mut d, mut e, mut f) = (0, 0, (0, 0), 0.0, Vec::new(), String::new());
            io.integer(&mut a);
            io.signed(&mut b);
            c.state(&mut io);
            d.state(&mut io);
            e.state(&mut io);
            io.text(&mut f);
            prop_assert_eq!((a, b, c, d.to_bits(), &e, &f), (integer, signed, (count, area), number.to_bits(), &list, &text));
            prop_assert!(io.fault().is_none() && io.rest().is_empty());
            prop_assert_eq!(written(&mut e), written(&mut list.clone()));
        }
    }
}
