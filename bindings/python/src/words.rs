//! The words that answers carry (reasons, kinds, names), made into Python strings once and then shared.

use heijunka_core::{EffectKind, Reason};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// Python strings by the integer code of what they name.
struct Table(Vec<Option<Py<PyString>>>);

impl Table {
    fn new(py: Python<'_>, words: impl Iterator<Item = (u32, &'static str)>) -> Self {
        let mut table = Vec::new();
        for (code, word) in words {
            let at = code as usize;
            if table.len() <= at {
                table.resize_with(at + 1, || None);
            }
            if let Some(place) = table.get_mut(at) {
                *place = Some(PyString::intern(py, word).unbind());
            }
        }
        Self(table)
    }

    fn get<'py>(&self, py: Python<'py>, code: u32, word: &'static str) -> Bound<'py, PyString> {
        match self.0.get(code as usize) {
            Some(Some(word)) => word.bind(py).clone(),
            _ => PyString::intern(py, word),
        }
    }
}

/// The name of a reason.
pub(crate) fn reason(py: Python<'_>, reason: Reason) -> Bound<'_, PyString> {
    static WORDS: PyOnceLock<Table> = PyOnceLock::new();
    WORDS
        .get_or_init(py, || Table::new(py, Reason::ALL.iter().map(|reason| (reason.code(), reason.as_str()))))
        .get(py, reason.code(), reason.as_str())
}

/// The name of a kind of effect.
pub(crate) fn kind(py: Python<'_>, kind: EffectKind) -> Bound<'_, PyString> {
    static WORDS: PyOnceLock<Table> = PyOnceLock::new();
    WORDS
        .get_or_init(py, || Table::new(py, EffectKind::ALL.iter().map(|kind| (kind.code(), kind.as_str()))))
        .get(py, kind.code(), kind.as_str())
}
