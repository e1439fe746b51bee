//! The strict reader: what it doesn't know is an error.

use heijunka_core::Value;

use crate::ops::{Kind, Op};

/// Where the expectations of a sequence come from. `generated` ones have none.
pub const ORIGINS: [&str; 5] = ["hand", "paper", "model", "recorded", "generated"];

/// A sequence of calls with what is expected of them: a file of the corpus, or a line of generated ones.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// What it is called.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// Where the expectations come from.
    pub origin: String,
    /// The paper, the model or the calculation.
    pub source: Option<String>,
    /// The engine's configuration.
    pub config: Value,
    /// When the engine starts.
    pub start_us: u64,
    /// The calls.
    pub steps: Vec<Step>,
    /// The digest of all answers; empty: not recorded yet.
    pub digest: String,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Step {
    /// The operation.
    pub op: &'static Op,
    /// Its arguments, checked for their kinds.
    pub args: Vec<(String, Value)>,
    /// How the answer is called.
    pub name: Option<String>,
    /// How many times the call is made; `None`: once, and the answer isn't a list.
    pub times: Option<u32>,
    /// How much later each further call is.
    pub every_us: u64,
    /// What the answer must hold.
    pub expect: Option<Value>,
}

impl Step {
    /// An argument.
    pub fn arg(&self, name: &str) -> Option<&Value> {
        self.args.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Sequence {
    /// Reads JSON text. Fails with what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = Value::from_json(text).map_err(|error| error.to_string())?;
        doubled(&value)?;
        let mut fields = Fields::of(&value, "the file")?;
        let sequence = Self {
            name: fields.text("name")?,
            about: fields.text("about")?,
            origin: fields.text("origin")?,
            source: fields.take("source").map(text_of).transpose()?,
            config: fields.take("config").cloned().unwrap_or_default(),
            start_us: parse_int(fields.need("start_us")?, u64::MAX)?,
            steps: steps(fields.need("steps")?)?,
            digest: fields.text("digest")?,
        };
        fields.end()?;
        if !ORIGINS.contains(&sequence.origin.as_str()) {
            return Err(format!("`{}` is not an origin", sequence.origin));
        }
        if !matches!(sequence.config, Value::Null | Value::Map(_) | Value::Text(_)) {
            return Err("`config` must be a map or text".into());
        }
        if sequence.origin == "paper" && sequence.source.is_none() {
            return Err("origin `paper` needs a `source`".into());
        }
        let hex = sequence.digest.len() == 64
            && sequence.digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex && !sequence.digest.is_empty() {
            return Err(format!("`{}` is not a digest", sequence.digest));
        }
        if sequence.steps.is_empty() {
            return Err("no steps".into());
        }
        Ok(sequence)
    }
}

/// Fails when a map has a member twice, however deep.
fn doubled(value: &Value) -> Result<(), String> {
    match value {
        Value::List(items) => items.iter().try_for_each(doubled),
        Value::Map(fields) => {
            let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            match names.windows(2).find(|pair| pair[0] == pair[1]) {
                Some(pair) => Err(format!("`{}` comes twice", pair[0])),
                None => fields.iter().try_for_each(|(_, value)| doubled(value)),
            }
        }
        _ => Ok(()),
    }
}

fn steps(value: &Value) -> Result<Vec<Step>, String> {
    let Value::List(items) = value else { return Err("`steps` must be a list".into()) };
    items
        .iter()
        .zip(1..)
        .map(|(item, number)| step(item).map_err(|error| format!("step {number}: {error}")))
        .collect()
}

pub(crate) fn step(value: &Value) -> Result<Step, String> {
    let mut fields = Fields::of(value, "a step")?;
    let name = fields.text("op")?;
    let op = Op::named(&name).ok_or_else(|| format!("unknown op `{name}`"))?;
    let mut args = Vec::new();
    for member in op.members {
        match fields.take(member.name) {
            Some(value) => {
                check(member.kind, value).map_err(|error| format!("`{}`: {error}", member.name))?;
                args.push((member.name.to_owned(), value.clone()));
            }
            None if member.required => return Err(format!("`{name}` needs `{}`", member.name)),
            None => {}
        }
    }
    if let Some(note) = fields.take("note") {
        text_of(note)?;
    }
    let times = fields.take("times").map(|value| parse_int(value, 1_000_000)).transpose()?;
    let every_us = fields.take("every_us").map(|value| parse_int(value, 1 << 53)).transpose()?;
    if times == Some(0) || (every_us.is_some() && times.is_none()) {
        return Err("`times` must be at least 1, and `every_us` needs it".into());
    }
    if every_us.is_some() && !args.iter().any(|(name, _)| name == "now_us") {
        return Err("`every_us` needs `now_us`".into());
    }
    let step = Step {
        op,
        args,
        name: fields.take("as").map(name_of).transpose()?,
        times: times.map(|times| u32::try_from(times).unwrap_or(u32::MAX)),
        every_us: every_us.unwrap_or(0),
        expect: fields.take("expect").cloned(),
    };
    if !matches!(step.expect, None | Some(Value::Map(_))) {
        return Err("`expect` must be a map".into());
    }
    fields.end()?;
    Ok(step)
}

fn check(kind: Kind, value: &Value) -> Result<(), String> {
    let matches = match (kind, value) {
        (Kind::Time, value) => return parse_int(value, u64::MAX).map(drop),
        (Kind::Count, value) => return parse_int(value, u32::MAX.into()).map(drop),
        (Kind::Name | Kind::Key, Value::Text(_))
        | (Kind::Number, Value::Float(_))
        | (Kind::Flag, Value::Bool(_))
        | (Kind::Map, Value::Map(_))
        | (Kind::Config, Value::Text(_) | Value::Map(_)) => true,
        (Kind::Name, value) => return parse_int(value, u32::MAX.into()).map(drop),
        (Kind::Class, Value::Text(text)) => ["critical", "normal", "sheddable"].contains(&text.as_str()),
        (Kind::Outcome, Value::Text(text)) => ["ok", "failed"].contains(&text.as_str()),
        (Kind::Key, Value::Map(fields)) => match fields.as_slice() {
            [(name, Value::Text(hex))] => name == "hex" && unhex(hex).is_some(),
            _ => false,
        },
        (Kind::Bytes, Value::List(items)) => {
            return items.iter().try_for_each(|item| match item {
                Value::List(_) => Err("a list in a list".into()),
                item => check(Kind::Bytes, item),
            });
        }
        (Kind::Bytes, Value::Map(_)) => return check(Kind::Key, value),
        (Kind::Bytes, Value::Text(text)) => text.starts_with('$'),
        (Kind::Id, Value::Text(text)) => text.starts_with('$'),
        (Kind::Id, value) => return parse_int(value, u64::MAX).map(drop),
        (Kind::Ids, Value::List(items)) => {
            return items.iter().try_for_each(|item| check(Kind::Id, item));
        }
        (Kind::Counts, Value::List(items)) => {
            return items.iter().try_for_each(|item| check(Kind::Count, item));
        }
        (Kind::Ids, Value::Text(text)) => text.starts_with('$'),
        _ => false,
    };
    if matches { Ok(()) } else { Err("not what this member takes".into()) }
}

/// Bytes written as pairs of lowercase hex digits.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

/// An integer from 0 to `max`.
pub fn parse_int(value: &Value, max: u64) -> Result<u64, String> {
    match value {
        Value::Integer(number) => match u64::try_from(*number) {
            Ok(number) if number <= max => Ok(number),
            _ => Err(format!("{number} is not from 0 to {max}")),
        },
        _ => Err("not an integer".into()),
    }
}

fn text_of(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err("not text".into()),
    }
}

fn name_of(value: &Value) -> Result<String, String> {
    let name = text_of(value)?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { Ok(name) } else { Err(format!("`{name}` is not a name")) }
}

/// The members of a map, each to be taken once; what is left at the end is unknown.
struct Fields<'a> {
    what: &'static str,
    fields: &'a [(String, Value)],
    taken: Vec<bool>,
}

impl<'a> Fields<'a> {
    fn of(value: &'a Value, what: &'static str) -> Result<Self, String> {
        let Value::Map(fields) = value else { return Err(format!("{what} must be a map")) };
        Ok(Self { what, fields, taken: vec![false; fields.len()] })
    }

    fn take(&mut self, name: &str) -> Option<&'a Value> {
        let at = self.fields.iter().position(|(known, _)| known == name)?;
        self.taken[at] = true;
        Some(&self.fields[at].1)
    }

    fn need(&mut self, name: &str) -> Result<&'a Value, String> {
        self.take(name).ok_or_else(|| format!("{} needs `{name}`", self.what))
    }

    fn text(&mut self, name: &str) -> Result<String, String> {
        self.need(name).and_then(text_of).map_err(|error| format!("`{name}`: {error}"))
    }

    fn end(self) -> Result<(), String> {
        let left = self.taken.iter().position(|taken| !taken);
        left.map_or(Ok(()), |at| Err(format!("{} has an unknown member `{}`", self.what, self.fields[at].0)))
    }
}
