//! The names of domains and pools: Python strings to handles, and back.

use heijunka_core::config::unknown_name;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::answers::Name;
use crate::args::NameOrHandle;
use crate::errors;

/// The names of one kind of thing, by handle and by name.
pub(crate) struct Names {
    class: &'static str,
    what: &'static str,
    list: Vec<Py<PyString>>,
    handles: Py<PyDict>,
}

impl Names {
    pub(crate) fn new<'a>(
        py: Python<'_>,
        class: &'static str,
        what: &'static str,
        names: impl Iterator<Item = &'a String>,
    ) -> PyResult<Self> {
        let handles = PyDict::new(py);
        let mut list = Vec::new();
        for (name, handle) in names.zip(0_u32..) {
            let name = PyString::intern(py, name);
            handles.set_item(&name, handle)?;
            list.push(name.unbind());
        }
        Ok(Self { class, what, list, handles: handles.unbind() })
    }

    pub(crate) fn handle(&self, py: Python<'_>, argument: &NameOrHandle<'_>) -> PyResult<u32> {
        match argument {
            NameOrHandle::Name(name) => match self.handles.bind(py).get_item(name)? {
                Some(handle) => handle.extract(),
                None => Err(self.unknown(py, name)),
            },
            // The core knows whether there is such a one.
            NameOrHandle::Handle(handle) => Ok(*handle),
            NameOrHandle::Misfit(number) => Err(self.unknown_handle(py, number)),
        }
    }

    /// The error for a handle that means nothing.
    #[cold]
    pub(crate) fn unknown_handle(&self, py: Python<'_>, handle: &str) -> PyErr {
        let last = self.list.len().saturating_sub(1);
        let message = format!("unknown {} {handle}: handles go from 0 to {last}", self.what);
        errors::raise(py, self.class, (message,))
    }

    #[cold]
    fn unknown(&self, py: Python<'_>, name: &Bound<'_, PyString>) -> PyErr {
        let known: Vec<_> = self.list.iter().map(|known| known.bind(py).to_string_lossy()).collect();
        let known = known.iter().map(|known| &**known);
        let message = unknown_name(self.what, &name.to_string_lossy(), known);
        errors::raise(py, self.class, (message,))
    }

    /// The name of a handle that the core answered.
    pub(crate) fn name(&self, py: Python<'_>, handle: Option<u32>) -> Name {
        Name(handle.and_then(|handle| self.list.get(handle as usize)).map(|name| name.clone_ref(py)))
    }

    pub(crate) fn all<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.list.iter().map(|name| name.bind(py)))
    }

    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }
}
