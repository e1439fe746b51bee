//! Something kept by an id of the engine.

use alloc::vec::Vec;

use crate::id::slot_of;

/// What belongs to ids of one kind, of which there is one to a slot at a time.
#[derive(Debug, Default)]
pub(super) struct BySlot(Vec<(u64, u64)>);

impl BySlot {
    pub(super) fn get(&self, id: u64) -> Option<u64> {
        self.0.get(slot_of(id) as usize).filter(|entry| entry.0 == id && id != 0).map(|entry| entry.1)
    }

    pub(super) fn set(&mut self, id: u64, value: u64) {
        let slot = slot_of(id) as usize;
        if slot >= self.0.len() {
            self.0.resize(slot.saturating_add(1), (0, 0));
        }
        if let Some(entry) = self.0.get_mut(slot) {
            *entry = (id, value);
        }
    }

    pub(super) fn take(&mut self, id: u64) -> Option<u64> {
        let value = self.get(id)?;
        if let Some(entry) = self.0.get_mut(slot_of(id) as usize) {
            *entry = (0, 0);
        }
        Some(value)
    }
}
