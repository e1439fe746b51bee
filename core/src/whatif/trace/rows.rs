//! Rows kept in memory.

use alloc::vec::Vec;

use super::Request;
use crate::order;

const NO_SERVICE: u64 = u64::MAX;

/// Rows kept compactly: 28 bytes a row and its key, in a few large allocations.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    arrivals: Vec<u64>,
    services: Vec<u64>,
    domains: Vec<u32>,
    key_ends: Vec<u64>,
    keys: Vec<u8>,
}

impl Rows {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a row.
    pub fn push(&mut self, request: Request<'_>) {
        self.arrivals.push(request.arrival_us);
        self.services.push(request.service_us.unwrap_or(NO_SERVICE));
        self.domains.push(request.domain);
        self.keys.extend_from_slice(request.key);
        self.key_ends.push(self.keys.len() as u64);
    }

    /// How many rows there are.
    pub fn len(&self) -> u64 {
        self.arrivals.len() as u64
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    /// A row by its place.
    pub fn get(&self, row: u64) -> Option<Request<'_>> {
        let row = usize::try_from(row).ok()?;
        let end = usize::try_from(*self.key_ends.get(row)?).ok()?;
        let start = match row.checked_sub(1) {
            Some(before) => usize::try_from(*self.key_ends.get(before)?).ok()?,
            None => 0,
        };
        let service = *self.services.get(row)?;
        Some(Request {
            arrival_us: *self.arrivals.get(row)?,
            domain: *self.domains.get(row)?,
            service_us: (service != NO_SERVICE).then_some(service),
            key: self.keys.get(start..end)?,
        })
    }

    /// The rows in the order they were kept.
    pub fn iter(&self) -> impl Iterator<Item = Request<'_>> {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    pub(super) fn arrivals_mut(&mut self) -> &mut [u64] {
        &mut self.arrivals
    }

    /// The places of the rows, in the order of arrival; rows that arrive together stay in order.
    pub(super) fn by_arrival(&self) -> Vec<u64> {
        let order: Vec<u64> = (0..self.len()).collect();
        let arrival = |row: &u64| usize::try_from(*row).ok().and_then(|row| self.arrivals.get(row));
        order::merge_sort(order, |a, b| arrival(a) <= arrival(b))
    }
}
