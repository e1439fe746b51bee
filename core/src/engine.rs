//! (composition)
