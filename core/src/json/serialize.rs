//! What serde serializes, as JSON.
//!
//! A writer of our own, because what is loaded in a browser should be small: the standard library writes the floats,
//! which messages need it for anyway, and not the tables of another library. Either way they read back as they were, bit
//! for bit.

use alloc::string::String;
use core::fmt::{self, Debug, Display, Write as _};

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A value as JSON text on one line: what the engine answers, a configuration, an outcome. Floats read back as they
/// were, bit for bit; one that isn't finite is null. Of what JSON can't hold, which this crate never answers, the text is
/// empty. Costs O(length).
pub fn json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut writer = Writer { out: String::new() };
    match value.serialize(&mut writer) {
        Ok(()) => writer.out,
        Err(Unfit) => String::new(),
    }
}

/// What JSON can't hold.
#[derive(Debug)]
struct Unfit;

impl Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not JSON")
    }
}

impl core::error::Error for Unfit {}

impl Error for Unfit {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

struct Writer {
    out: String,
}

impl Writer {
    /// As it is shown: digits.
    fn shown(&mut self, value: &dyn Debug) -> Result<(), Unfit> {
        write!(self.out, "{value:?}").map_err(|_| Unfit)
    }

    fn text(&mut self, text: &str) -> Result<(), Unfit> {
        self.out.push('"');
        for letter in text.chars() {
            match letter {
                '"' | '\\' => {
                    self.out.push('\\');
                    self.out.push(letter);
                }
                '\0'..='\u{1f}' => write!(self.out, "\\u{:04x}", u32::from(letter)).map_err(|_| Unfit)?,
                _ => self.out.push(letter),
            }
        }
        self.out.push('"');
        Ok(())
    }

    fn open(&mut self, begin: &str, end: &'static str) -> Items<'_> {
        self.out.push_str(begin);
        Items { writer: self, first: true, end }
    }

    /// The beginning of a variant with content: a map of one.
    fn variant(&mut self, name: &str) -> Result<(), Unfit> {
        self.out.push('{');
        self.text(name)?;
        self.out.push(':');
        Ok(())
    }
}

macro_rules! digits {
    ($($method:ident: $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<(), Unfit> {
            self.shown(&value)
        }
    )*};
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unfit;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Items<'a>;

    digits! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_i128: i128;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unfit> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unfit> {
        if value.is_finite() { self.shown(&value) } else { self.serialize_unit() }
    }

    fn serialize_char(self, value: char) -> Result<(), Unfit> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unfit> {
        self.text(value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unfit> {
        Err(Unfit)
    }

    fn serialize_none(self) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unfit> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unfit> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Unfit> {
        self.text(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unfit> {
        self.variant(name)?;
        value.serialize(&mut *self)?;
        self.out.push('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, Unfit> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, Unfit> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Unfit> {
        Ok(self.open("[", "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Unfit> {
        self.variant(name)?;
        Ok(self.open("[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Items<'a>, Unfit> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Items<'a>, Unfit> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'a>, Unfit> {
        self.variant(name)?;
        Ok(self.open("{", "}}"))
    }
}

/// A list or a map that is being written.
struct Items<'a> {
    writer: &'a mut Writer,
    first: bool,
    end: &'static str,
}

impl Items<'_> {
    fn next(&mut self) {
        if !self.first {
            self.writer.out.push(',');
        }
        self.first = false;
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.next();
        value.serialize(&mut *self.writer)
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Unfit> {
        self.next();
        self.writer.text(name)?;
        self.writer.out.push(':');
        value.serialize(&mut *self.writer)
    }

    fn close(self) {
        self.writer.out.push_str(self.end);
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unfit;

    /// The core's keys are all text.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        self.item(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.writer.out.push(':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unfit> {
        self.close();
        Ok(())
    }
}

macro_rules! items {
    ($($kind:ident: $method:ident;)*) => {$(
        impl $kind for Items<'_> {
            type Ok = ();
            type Error = Unfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
                self.item(value)
            }

            fn end(self) -> Result<(), Unfit> {
                self.close();
                Ok(())
            }
        }
    )*};
}

items! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! members {
    ($($kind:ident;)*) => {$(
        impl $kind for Items<'_> {
            type Ok = ();
            type Error = Unfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
                self.member(name, value)
            }

            fn end(self) -> Result<(), Unfit> {
                self.close();
                Ok(())
            }
        }
    )*};
}

members! {
    SerializeStruct;
    SerializeStructVariant;
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;
    use crate::whatif::simulate;
    use crate::{Config, Engine, Value};

    /// The same value, whoever wrote it.
    fn same<T: Serialize>(value: &T) {
        let (ours, theirs) = (json(value), serde_json::to_string(value).unwrap());
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(read(&ours), read(&theirs), "{ours}");
    }

    #[test]
    fn what_the_core_answers_is_written_as_others_write_it() {
        let config =
            Config::from_json(r#"{"balancer": {"affinity_groups": {"é\"\\\n\u0001": "payment"}}}"#).unwrap();
        let mut engine = Engine::new(&config, 0).unwrap();
        engine.step(90_000_000).unwrap();
        same(&config);
        same(&engine.regulator_status());
        same(&engine.burst_status());
        same(&engine.surge_metrics());
        same(&engine.balance_status());
        let workload =
            Value::from_json(r#"{"profile": "spike", "duration_us": 600000000, "runs": 2}"#).unwrap();
        same(&simulate(&Value::Null, &workload, 1).unwrap());
    }

    #[test]
    fn numbers_read_back_as_they_were() {
        let edges = [0.0, -0.0, 0.1, 1.0, 1e21, 1e-7, 5e-324, f64::MAX, f64::MIN_POSITIVE, 1.0 / 3.0];
        for number in edges {
            let read: f64 = serde_json::from_str(&json(&number)).unwrap();
            assert_eq!(read.to_bits(), number.to_bits(), "{}", json(&number));
        }
        assert_eq!(
            json(&edges.map(|number| number > 0.5)),
            "[false,false,false,true,true,false,false,true,false,false]"
        );
        assert_eq!(json(&[f64::NAN, f64::INFINITY]), "[null,null]");
        same(&(u64::MAX, i64::MIN, 1_u8, -1_i8, 'x', (), Some(1.5_f32), None::<u8>));
    }

    #[test]
    fn every_shape_is_written() {
        #[derive(serde::Serialize)]
        struct Unit;
        #[derive(serde::Serialize)]
        struct Wrapped(u8);
        #[derive(serde::Serialize)]
        struct Pair(u8, u8);
        #[derive(serde::Serialize)]
        enum Shape {
            Plain,
            Wrapped(u8),
            Pair(u8, u8),
            Named { a: u8, b: Vec<u8> },
        }
        same(&(Unit, Wrapped(1), Pair(1, 2), Shape::Plain, Shape::Wrapped(1), Shape::Pair(1, 2)));
        same(&Shape::Named { a: 1, b: Vec::new() });
        let map: BTreeMap<_, _> = (0..3).map(|key| (format!("key {key}"), key)).collect();
        same(&map);
        assert_eq!(json(&Bytes), "");
    }

    /// What JSON doesn't have.
    struct Bytes;

    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"x")
        }
    }
}
