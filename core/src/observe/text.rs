//! Writing OpenMetrics text.
//!
//! The text is one that a Prometheus server reads by either of its parsers, and `promtool check metrics` takes. There
//! is one point where those and the letter of OpenMetrics part: the metadata of a counter stands here at the name that
//! its sample has, with `_total`, as Prometheus's older format has it. (At the name without, the server knows no type
//! of the samples in the older format, and promtool finds them without help.)

use alloc::string::String;
use core::fmt::{Arguments, Write};

/// What a family of metrics is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It goes up and down.
    Gauge,
    /// It only goes up; its name ends in `_total`.
    Counter,
    /// Counts by upper bound.
    Histogram,
    /// It goes without a type: of a name that promtool would take for a part of a histogram.
    Untyped,
}

/// The upper bounds of every histogram, in microseconds…
pub(super) const BOUNDS_US: [u64; 14] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];

/// …and in seconds, as text.
const BOUNDS: [&str; 14] = [
    "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
    "30.0",
];

/// A text that is being written.
pub(super) struct Text {
    out: String,
    /// The name of the running family.
    name: &'static str,
}

impl Text {
    pub(super) fn new() -> Self {
        Self { out: String::new(), name: "" }
    }

    /// Begins a family. Every sample up to the next one belongs to it. The name stands without `heijunka_`.
    pub(super) fn family(&mut self, kind: Kind, name: &'static str, help: &str) {
        self.name = name;
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
            Kind::Untyped => "",
        };
        if !kind.is_empty() {
            self.meta("TYPE", kind);
        }
        for unit in ["seconds", "ratio"] {
            if name.ends_with(unit) {
                self.meta("UNIT", unit);
            }
        }
        self.meta("HELP", help);
    }

    fn meta(&mut self, what: &str, text: &str) {
        for part in ["# ", what, " heijunka_", self.name, " ", text, "\n"] {
            self.out.push_str(part);
        }
    }

    /// A sample: its labels and its value.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: f64) {
        self.line("", labels, value);
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        for part in ["heijunka_", self.name, suffix] {
            self.out.push_str(part);
        }
        for (index, (name, value)) in labels.iter().enumerate() {
            self.out.push(if index == 0 { '{' } else { ',' });
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.escaped(value);
            self.out.push('"');
        }
        if !labels.is_empty() {
            self.out.push('}');
        }
        self.out.push(' ');
        self.shown(format_args!("{value:?}"));
        self.out.push('\n');
    }

    /// A sample of a histogram: how many don't exceed each bound, all, and their sum in seconds.
    pub(super) fn histogram(&mut self, pool: &str, up_to: [f64; 14], count: f64, sum_seconds: f64) {
        for (bound, count) in BOUNDS.into_iter().zip(up_to) {
            self.line("_bucket", &[("pool", pool), ("le", bound)], count);
        }
        self.line("_bucket", &[("pool", pool), ("le", "+Inf")], count);
        self.line("_count", &[("pool", pool)], count);
        self.line("_sum", &[("pool", pool)], sum_seconds);
    }

    /// The value of a label: backslashes, quotes and line breaks are escaped.
    fn escaped(&mut self, value: &str) {
        for letter in value.chars() {
            match letter {
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                '\n' => self.out.push_str("\\n"),
                _ => self.out.push(letter),
            }
        }
    }

    fn shown(&mut self, text: Arguments<'_>) {
        // Writing to a `String` doesn't fail.
        let _ = self.out.write_fmt(text);
    }

    /// The text, ended.
    pub(super) fn end(mut self) -> String {
        self.out.push_str("# EOF\n");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_numbers_read_back() {
        let mut text = Text::new();
        text.family(Kind::Gauge, "x_seconds", "Help.");
        text.sample(&[("pool", "a\\b\"c\nd é"), ("k", "")], 0.1);
        text.sample(&[], 1e21);
        text.sample(&[], -0.0);
        text.family(Kind::Untyped, "n_count", "Help.");
        text.sample(&[], 3.0);
        let expected = "# TYPE heijunka_x_seconds gauge\n# UNIT heijunka_x_seconds seconds\n\
            # HELP heijunka_x_seconds Help.\n\
            heijunka_x_seconds{pool=\"a\\\\b\\\"c\\nd é\",k=\"\"} 0.1\nheijunka_x_seconds 1e21\n\
            heijunka_x_seconds -0.0\n\
            # HELP heijunka_n_count Help.\nheijunka_n_count 3.0\n# EOF\n";
        assert_eq!(text.end(), expected);
    }

    #[test]
    fn bounds_are_the_same_in_both_units() {
        for (us, text) in BOUNDS_US.iter().zip(BOUNDS) {
            let seconds: f64 = text.parse().unwrap();
            assert_eq!(seconds.to_bits(), super::super::fraction(u128::from(*us), 1_000_000).to_bits());
        }
        assert!(BOUNDS_US.is_sorted());
    }
}
