//! Reading the fields of one section by the table, collecting problems instead of stopping at the first.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::alerts::{self, AlertRule};
use super::error::Problem;
use super::model::AffinityGroup;
use super::schema::{ADAPTIVE, Fallback, Field, Kind, MAX_LIST, SECTIONS, Section};
use super::text::{found, join, quoted};
use super::value::Value;
use super::{affinity, hint};
use crate::ratio::Ratio;

/// Past this many problems no more hints are looked for: with many names each one costs a walk over them.
const MAX_HINTS: usize = 100;

/// What was found to be wrong.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { path: path.into(), message: message.into() });
    }

    /// A reference to a pool that isn't there.
    pub(super) fn unknown_pool(&mut self, path: &str, name: &str, pools: &BTreeSet<&str>) {
        let hint = self.hint(name, pools.iter().copied());
        self.add(path, format!("unknown pool {}{hint}", quoted(name)));
    }

    fn hint<'a>(&self, name: &str, known: impl Iterator<Item = &'a str>) -> String {
        if self.0.len() < MAX_HINTS { hint::did_you_mean(name, known) } else { String::new() }
    }

    pub(super) fn into_inner(self) -> Vec<Problem> {
        self.0
    }
}

/// A value that its field takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Checked {
    Bool(bool),
    Integer(u64),
    Ratio(Ratio),
    Number(f64),
    Word(&'static str),
    Text(String),
    Pools(Vec<String>),
    Groups(Vec<AffinityGroup>),
    Alerts(Vec<(usize, AlertRule)>),
}

/// What became of a field: whether it was there, and its value.
#[derive(Debug, Clone, Default)]
struct Slot {
    given: bool,
    value: Option<Checked>,
}

/// The fields of a section: those that are set, and the defaults of the others.
#[derive(Debug)]
pub(super) struct Fields {
    section: &'static Section,
    path: String,
    adaptive: bool,
    slots: Vec<Slot>,
}

impl Fields {
    /// Reads a section at `path`. Whatever is wrong becomes a problem, and its field counts as unset.
    pub(super) fn read(
        section: &'static Section,
        path: String,
        adaptive: bool,
        value: Option<&Value>,
        problems: &mut Problems,
    ) -> Self {
        let mut fields = Self { section, path, adaptive, slots: Vec::new() };
        fields.slots.resize(section.fields.len(), Slot::default());
        for (name, value) in entries(value, &fields.path, problems) {
            fields.take(name, value, problems);
        }
        fields
    }

    /// No field of the section is set.
    pub(super) fn unset(section: &'static Section, path: String, adaptive: bool) -> Self {
        Self { section, path, adaptive, slots: Vec::new() }
    }

    /// Reads one field.
    pub(super) fn take(&mut self, name: &str, value: &Value, problems: &mut Problems) {
        let Some((index, field)) = self.section.find(name) else {
            unknown_field(self.section, &self.path, name, problems);
            return;
        };
        let path = join(&self.path, name);
        let Some(slot) = self.slots.get_mut(index) else { return };
        if slot.given {
            let message = match field.alias {
                Some(alias) => format!("given twice (`{}` and `{alias}` are the same field)", field.name),
                None => "given twice".to_string(),
            };
            problems.add(path, message);
        } else {
            *slot = Slot { given: true, value: check(field, value, &path, problems) };
        }
    }

    pub(super) fn path(&self, name: &str) -> String {
        join(&self.path, name)
    }

    fn checked(&self, name: &str) -> Option<&Checked> {
        let (index, _) = self.section.find(name)?;
        self.slots.get(index)?.value.as_ref()
    }

    fn fallback(&self, name: &str) -> Fallback {
        let preset = ADAPTIVE
            .iter()
            .find(|(section, field, _)| self.adaptive && *section == self.section.name && *field == name);
        match (preset, self.section.find(name)) {
            (Some((_, _, fallback)), _) => *fallback,
            (None, Some((_, field))) => field.default,
            (None, None) => Fallback::None,
        }
    }

    /// Whether any field has a value.
    pub(super) fn is_any_set(&self) -> bool {
        self.slots.iter().any(|slot| slot.value.is_some())
    }

    /// An integer, or the parts per million of a ratio, if it is set.
    pub(super) fn set_number(&self, name: &str) -> Option<u64> {
        match self.checked(name)? {
            Checked::Integer(value) => Some(*value),
            Checked::Ratio(ratio) => Some(ratio.ppm()),
            _ => None,
        }
    }

    /// The default of an integer, or of a ratio in parts per million.
    pub(super) fn default_number(&self, name: &str) -> u64 {
        match self.fallback(name) {
            Fallback::Integer(value) | Fallback::Ratio(value) => value,
            _ => 0,
        }
    }

    pub(super) fn integer(&self, name: &str) -> u64 {
        self.set_number(name).unwrap_or_else(|| self.default_number(name))
    }

    pub(super) fn count(&self, name: &str) -> u32 {
        narrow(self.integer(name))
    }

    pub(super) fn ratio(&self, name: &str) -> Ratio {
        Ratio::from_ppm(self.integer(name))
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        match (self.checked(name), self.fallback(name)) {
            (Some(Checked::Number(value)), _) => *value,
            (None, Fallback::Number(value)) => value,
            _ => 0.0,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        match (self.checked(name), self.fallback(name)) {
            (Some(Checked::Bool(value)), _) => *value,
            (None, Fallback::Bool(value)) => value,
            _ => false,
        }
    }

    pub(super) fn set_word(&self, name: &str) -> Option<&'static str> {
        match self.checked(name)? {
            Checked::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn word(&self, name: &str) -> &'static str {
        match (self.set_word(name), self.fallback(name)) {
            (Some(word), _) | (None, Fallback::Text(word)) => word,
            _ => "",
        }
    }

    pub(super) fn set_text(&self, name: &str) -> Option<&str> {
        match self.checked(name)? {
            Checked::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn text(&self, name: &str) -> String {
        match (self.set_text(name), self.fallback(name)) {
            (Some(text), _) | (None, Fallback::Text(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    pub(super) fn set_pools(&self, name: &str) -> Option<&[String]> {
        match self.checked(name)? {
            Checked::Pools(names) => Some(names),
            _ => None,
        }
    }

    pub(super) fn set_alerts(&self, name: &str) -> Option<&[(usize, AlertRule)]> {
        match self.checked(name)? {
            Checked::Alerts(rules) => Some(rules),
            _ => None,
        }
    }

    pub(super) fn groups(&self, name: &str) -> Vec<AffinityGroup> {
        match self.checked(name) {
            Some(Checked::Groups(groups)) => groups.clone(),
            _ => Vec::new(),
        }
    }
}

/// An integer that its field's range keeps below 2^32.
pub(super) fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The entries of a map; nothing for null; a problem for anything else.
pub(super) fn entries<'a>(
    value: Option<&'a Value>,
    path: &str,
    problems: &mut Problems,
) -> &'a [(String, Value)] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Map(fields)) => fields,
        Some(other) => {
            problems.add(path, format!("expected a map, found {}", found(other)));
            &[]
        }
    }
}

/// Reports a field that isn't in the table, with the nearest one of its section, or the section where it belongs.
pub(super) fn unknown_field(section: &Section, path: &str, name: &str, problems: &mut Problems) {
    let fields = section.fields.iter();
    let at_top = SECTIONS.iter().skip(1).filter(|other| other.parent().is_none());
    let sections = at_top.map(|other| other.name).filter(|_| section.name.is_empty());
    let mut hint = problems.hint(name, fields.map(|field| field.name).chain(sections));
    if hint.is_empty() {
        let elsewhere = SECTIONS.iter().find(|other| other.fields.iter().any(|field| field.name == name));
        if let Some(other) = elsewhere {
            hint = format!("; there is a `{}`", other.path_of(name));
        }
    }
    problems.add(join(path, name), format!("unknown field{hint}"));
}

/// Whether a field takes a value, and what it makes of it. Null is the same as unset.
fn check(field: &Field, value: &Value, path: &str, problems: &mut Problems) -> Option<Checked> {
    let message = match (field.kind, value) {
        // The adaptive limit is a section of its own.
        (_, Value::Null) | (Kind::Adaptive, Value::Text(_) | Value::Map(_)) => return None,
        (Kind::Bool, Value::Bool(value)) => return Some(Checked::Bool(*value)),
        (Kind::Integer { min, max }, Value::Integer(number)) => {
            match u64::try_from(*number).ok().filter(|number| (min..=max).contains(number)) {
                Some(number) => return Some(Checked::Integer(number)),
                None => out_of_range(&number.to_string(), field.kind),
            }
        }
        (Kind::Integer { .. }, Value::Float(number)) if is_whole(*number) => {
            format!(
                "expected {}, found {}: write it without a fraction or exponent",
                field.kind,
                found(value)
            )
        }
        (Kind::Ratio { .. } | Kind::Number { .. }, Value::Integer(_) | Value::Float(_)) => {
            match check_number(field.kind, as_f64(value)) {
                Some(checked) => return Some(checked),
                None => out_of_range(&shown_number(value), field.kind),
            }
        }
        (Kind::Choice(words), Value::Text(text)) => {
            if let Some(word) = words.iter().find(|word| *word == text) {
                return Some(Checked::Word(word));
            }
            let hint = problems.hint(text, words.iter().copied());
            format!("expected {}, found {}{hint}", field.kind, found(value))
        }
        (Kind::Text { max_bytes }, Value::Text(text)) => {
            if text.is_empty() || text.len() as u64 > u64::from(max_bytes) {
                format!("expected {}, found {} bytes", field.kind, text.len())
            } else if text.chars().any(char::is_control) {
                format!("expected text without control characters, found {}", quoted(text))
            } else {
                return Some(Checked::Text(text.clone()));
            }
        }
        (Kind::Pools { min }, Value::Text(_) | Value::List(_)) => {
            return pool_names(value, min, path, problems).map(Checked::Pools);
        }
        (Kind::Groups, Value::Map(_)) => return Some(Checked::Groups(affinity::read(value, path, problems))),
        (Kind::Alerts, Value::List(items)) => {
            return Some(Checked::Alerts(alerts::read(items, path, problems)));
        }
        (Kind::Options, Value::List(items)) => match alerts::read_options(items) {
            Some(bits) => return Some(Checked::Integer(bits.into())),
            None => format!("expected {}, found something else in it", field.kind),
        },
        (kind, _) => format!("expected {kind}, found {}", found(value)),
    };
    problems.add(path, message);
    None
}

fn out_of_range(value: &str, kind: Kind) -> String {
    format!("{value} is out of range: expected {kind}")
}

fn is_whole(number: f64) -> bool {
    number.is_finite() && libm::trunc(number).to_bits() == number.to_bits()
}

#[allow(clippy::cast_precision_loss)] // the nearest number is what is meant
fn as_f64(value: &Value) -> f64 {
    match value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn shown_number(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        other => format!("{:?}", as_f64(other)),
    }
}

/// A ratio or a number in its range. NaN lies in no range.
fn check_number(kind: Kind, number: f64) -> Option<Checked> {
    match kind {
        Kind::Ratio { min_ppm, max_ppm } => {
            let (min, max) = (Ratio::from_ppm(min_ppm).as_f64(), Ratio::from_ppm(max_ppm).as_f64());
            if !(min..=max).contains(&number) {
                return None;
            }
            // In range, and so neither negative nor above 2^53.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let ppm = libm::round(number * 1_000_000.0) as u64;
            Some(Checked::Ratio(Ratio::from_ppm(ppm)))
        }
        // Adding 0 makes a negative zero positive.
        Kind::Number { min, max } => (min..=max).contains(&number).then_some(Checked::Number(number + 0.0)),
        _ => None,
    }
}

/// A pool's name, or a list of at least `min`.
pub(super) fn pool_names(
    value: &Value,
    min: u32,
    path: &str,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let items = match value {
        Value::Text(name) => return Some(alloc::vec![name.clone()]),
        Value::List(items) => items,
        other => {
            problems.add(path, format!("expected {}, found {}", Kind::Pools { min }, found(other)));
            return None;
        }
    };
    if (items.len() as u64) < u64::from(min) {
        problems.add(path, "an empty list: at least one pool is needed");
        return None;
    }
    if items.len() as u64 > u64::from(MAX_LIST) {
        problems.add(path, format!("a list of {}: at most {MAX_LIST} are allowed", items.len()));
        return None;
    }
    let mut names = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::Text(name) => names.push(name.clone()),
            other => {
                let message =
                    format!("item {}: expected the name of a pool, found {}", index + 1, found(other));
                problems.add(path, message);
            }
        }
    }
    (names.len() == items.len()).then_some(names)
}

/// Values that must not fall from one to the next.
pub(super) struct Link<'a> {
    fields: &'a Fields,
    name: &'static str,
    set: Option<u64>,
    default: u64,
}

impl<'a> Link<'a> {
    pub(super) fn new(fields: &'a Fields, name: &'static str) -> Self {
        Self::with_default(fields, name, fields.default_number(name))
    }

    pub(super) fn with_default(fields: &'a Fields, name: &'static str, default: u64) -> Self {
        Self { fields, name, set: fields.set_number(name), default }
    }

    /// A value that others have to go by.
    pub(super) fn with_value(fields: &'a Fields, name: &'static str, value: u64) -> Self {
        Self { fields, name, set: Some(value), default: value }
    }
}

/// Clamps the unset ones of `links` into those that are set, and reports set ones that fall.
pub(super) fn chain<const N: usize>(
    links: &[Link<'_>; N],
    show: fn(u64) -> String,
    problems: &mut Problems,
) -> [u64; N] {
    let mut values = [0; N];
    let mut greatest: Option<(u64, &Link<'_>)> = None;
    for (link, value) in links.iter().zip(&mut values) {
        *value = link.set.unwrap_or(link.default);
        match (greatest, link.set) {
            (Some((above, other)), Some(set)) if set < above => problems.add(
                link.fields.path(link.name),
                format!("{} is below `{}` = {}", show(set), other.fields.path(other.name), show(above)),
            ),
            (_, Some(set)) => greatest = Some((set, link)),
            (Some((least, _)), None) => *value = least.max(*value),
            (None, None) => {}
        }
    }
    let mut least = u64::MAX;
    for (link, value) in links.iter().zip(&mut values).rev() {
        match link.set {
            Some(set) => least = least.min(set),
            None => *value = least.min(*value),
        }
    }
    values
}
