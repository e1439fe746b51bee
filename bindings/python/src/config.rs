//! Configurations: from Python values to the core's, and back.

use heijunka_core::Config;
use heijunka_core::config::{ConfigError, Draft, MAX_DEPTH, Problem, Value, join};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::Serialize;

use crate::args::{settings_of, string_of, text_of, wrong_type};
use crate::errors::raise;

/// A configuration as a caller gives it: `None`, a dict, JSON or TOML text, or the path of a file.
pub(crate) fn value_of(config: Option<&Bound<'_, PyAny>>) -> PyResult<Value> {
    let Some(config) = config.filter(|config| !config.is_none()) else { return Ok(Value::Null) };
    let py = config.py();
    if let Ok(text) = config.cast::<PyString>() {
        return parse(py, text_of(text, "the configuration")?, None);
    }
    if let Ok(mapping) = config.cast::<PyMapping>() {
        let mut problems = Vec::new();
        let value = from_mapping(mapping, "", 1, &mut problems)?;
        if problems.is_empty() {
            return Ok(value);
        }
        // All problems at once: what could be converted is checked too.
        problems.extend(Config::from_value(&value).err().into_iter().flat_map(|error| error.problems));
        return Err(raise_problems(py, &problems));
    }
    if config.hasattr("__fspath__")? {
        // Files are read by Python, as everything that does I/O.
        let (text, kind): (String, String) =
            py.import("heijunka._files")?.call_method1("read_config", (config,))?.extract()?;
        return parse(py, &text, Some(kind == "json"));
    }
    Err(PyTypeError::new_err(format!(
        "a configuration is a dict, JSON or TOML text, an os.PathLike to a file, or None, not {}",
        config.get_type().name()?
    )))
}

/// A mapping that stands at `path` in a configuration; `subject` is its name as an argument.
pub(crate) fn mapping_of(mapping: &Bound<'_, PyAny>, subject: &str, path: &str) -> PyResult<Value> {
    let Ok(mapping) = mapping.cast::<PyMapping>() else {
        return Err(wrong_type(mapping, subject, "a mapping"));
    };
    let mut problems = Vec::new();
    let value = from_mapping(mapping, path, 1, &mut problems)?;
    if problems.is_empty() { Ok(value) } else { Err(raise_problems(mapping.py(), &problems)) }
}

/// A policy as a caller gives it: its name, or a dict with its `kind`.
pub(crate) fn policy_of(policy: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(name) = policy.cast::<PyString>() {
        return Ok(Value::Text(text_of(name, "`policy`")?.to_owned()));
    }
    match policy.cast::<PyMapping>() {
        Ok(_) => mapping_of(policy, "`policy`", "policy"),
        Err(_) => Err(wrong_type(policy, "`policy`", "a policy's name or a mapping")),
    }
}

/// Reads text; unless `json` says which, it shows by itself whether it is JSON or TOML.
fn parse(py: Python<'_>, text: &str, json: Option<bool>) -> PyResult<Value> {
    let read = match json {
        None => Value::from_text(text),
        Some(true) => Value::from_json(text),
        Some(false) => Value::from_toml(text),
    };
    read.map_err(|mut error| {
        let looks_like_a_path = json.is_none() && !text.contains('\n') && !text.contains('=');
        if let (true, Some(problem)) = (looks_like_a_path, error.problems.first_mut()) {
            problem.message.push_str("; to read a file, pass a `pathlib.Path`");
        }
        from_core(py, &error)
    })
}

fn from_mapping(
    mapping: &Bound<'_, PyMapping>,
    path: &str,
    depth: u32,
    problems: &mut Vec<Problem>,
) -> PyResult<Value> {
    let mut fields = Vec::new();
    for item in mapping.items()? {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(key) = key.cast::<PyString>() else {
            let found = format!("a key of type `{}`: keys are strings", key.get_type().name()?);
            problems.push(Problem { path: path.to_owned(), message: found });
            continue;
        };
        let Ok(key) = key.to_str().map(str::to_owned) else {
            let message = format!("the key {} isn't valid Unicode", key.repr()?);
            problems.push(Problem { path: path.to_owned(), message });
            continue;
        };
        let inner = join(path, &key);
        let value = from_python(&value, &inner, depth, problems)?;
        fields.push((key, value));
    }
    Ok(Value::Map(fields))
}

/// Converts what JSON could hold; anything else is a problem with its path.
fn from_python(
    value: &Bound<'_, PyAny>,
    path: &str,
    depth: u32,
    problems: &mut Vec<Problem>,
) -> PyResult<Value> {
    let mut problem = |message: String| {
        problems.push(Problem { path: path.to_owned(), message });
        Ok(Value::Null)
    };
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if let Ok(text) = value.cast::<PyString>() {
        return match text.to_str() {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => problem("the text isn't valid Unicode".to_owned()),
        };
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    if value.cast::<PyInt>().is_ok() || value.hasattr("__index__")? {
        return match value.extract::<i128>() {
            Ok(number) => Ok(Value::Integer(number)),
            Err(_) => problem("the integer is out of range".to_owned()),
        };
    }
    if depth >= MAX_DEPTH {
        return problem(format!("nested deeper than {MAX_DEPTH} levels"));
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        return from_mapping(mapping, path, depth + 1, problems);
    }
    if value.cast::<PyList>().is_ok() || value.cast::<PyTuple>().is_ok() {
        let mut items = Vec::new();
        for (index, item) in value.try_iter()?.enumerate() {
            items.push(from_python(&item?, &format!("{path}[{index}]"), depth + 1, problems)?);
        }
        return Ok(Value::List(items));
    }
    problem(format!("unsupported type `{}`", value.get_type().name()?))
}

/// The exception for problems of a configuration.
#[cold]
pub(crate) fn from_core(py: Python<'_>, error: &ConfigError) -> PyErr {
    raise_problems(py, &error.problems)
}

/// As [`from_core`], of the problems alone.
#[cold]
pub(crate) fn raise_problems(py: Python<'_>, problems: &[Problem]) -> PyErr {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let pairs: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
    raise(py, "ConfigError", (lines.join("\n"), pairs))
}

/// A serializable value as plain Python objects. Floats survive the way through JSON text exactly.
pub(crate) fn to_python<'py, T: Serialize>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let loads = LOADS.import(py, "json", "loads")?;
    let text = serde_json::to_string(value)
        .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))?;
    loads.call1((text,))
}

/// A draft from a configuration, a preset's name and `path=value` settings.
pub(crate) fn draft(
    config: Option<&Bound<'_, PyAny>>,
    preset: Option<&str>,
    settings: &[String],
    py: Python<'_>,
) -> PyResult<Draft> {
    let mut draft = Draft::new(value_of(config)?);
    let mut problems = Vec::new();
    if let Some(preset) = preset
        && let Err(error) = draft.set("preset", preset.into())
    {
        problems.extend(error.problems);
    }
    for setting in settings {
        let set = Draft::parse_set(setting).and_then(|(path, value)| draft.set(&path, value));
        if let Err(error) = set {
            problems.extend(error.problems);
        }
    }
    if problems.is_empty() { Ok(draft) } else { Err(raise_problems(py, &problems)) }
}

/// The full configuration that `config` stands for: checked, every default filled in.
///
/// `preset` (`classic` or `adaptive`) replaces the configuration's own; `set` are `path=value` texts, applied
/// after that. Fails with `ConfigError`, which lists everything that is wrong.
#[pyfunction]
#[pyo3(
    signature = (config=None, *, preset=None, set=None),
    text_signature = "(config=None, *, preset=None, set=[])"
)]
pub(crate) fn resolve_config<'py>(
    py: Python<'py>,
    config: Option<&Bound<'py, PyAny>>,
    preset: Option<&Bound<'py, PyAny>>,
    set: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let preset = preset.map(|preset| string_of(preset, "`preset`")).transpose()?;
    let settings = set.map(settings_of).transpose()?.unwrap_or_default();
    let config = draft(config, preset.as_deref(), &settings, py)?.build();
    let config = config.map_err(|error| from_core(py, &error))?;
    to_python(py, &config)
}
