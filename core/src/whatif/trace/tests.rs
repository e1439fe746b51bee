#![allow(clippy::format_push_string, clippy::format_collect)]

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

/// A row as a test compares it: arrival, domain by name, service, key.
type Row = (u64, String, Option<u64>, String);

fn read_in(chunks: &[&[u8]], options: TraceOptions) -> Result<(Vec<Row>, TraceInfo), TraceError> {
    let mut reader = TraceReader::new(options);
    let mut rows = Rows::new();
    for chunk in chunks {
        reader.feed(chunk, &mut |row| rows.push(row))?;
    }
    let info = reader.finish(&mut |row| rows.push(row))?;
    let named = rows.iter().map(|row| {
        let domain = info.domains[row.domain as usize].name.clone();
        (row.arrival_us, domain, row.service_us, String::from_utf8_lossy(row.key).into_owned())
    });
    let named = named.collect();
    Ok((named, info))
}

fn read(text: &str) -> Result<Vec<Row>, TraceError> {
    read_in(&[text.as_bytes()], TraceOptions::default()).map(|(rows, _)| rows)
}

fn row(arrival_us: u64, domain: &str, service_us: impl Into<Option<u64>>, key: &str) -> Row {
    (arrival_us, domain.into(), service_us.into(), key.into())
}

#[track_caller]
fn refused(text: impl AsRef<[u8]>) -> String {
    let text = text.as_ref();
    let whole = read_in(&[text], TraceOptions::default()).unwrap_err();
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(read_in(&bytes, TraceOptions::default()).unwrap_err(), whole, "whole and byte by byte");
    whole.to_string()
}

const HEADER: &str = "arrival_us,domain,service_us,key\n";

#[test]
fn csv_is_read() {
    let rows = read(&format!("{HEADER}0,payment,1000,k1\n5,delivery,,\n5,payment,20,k2")).unwrap();
    let expected = [row(0, "payment", 1000, "k1"), row(5, "delivery", None, ""), row(5, "payment", 20, "k2")];
    assert_eq!(rows, expected);
}

#[test]
fn columns_come_by_name_in_any_order() {
    let text = "note, key ,domain,arrival_us\nx,k,payment,7\ny,k2,payment,8\n";
    assert_eq!(read(text).unwrap(), [row(7, "payment", None, "k"), row(8, "payment", None, "k2")]);
}

#[test]
fn mark_crlf_and_empty_lines_change_nothing() {
    let text = "\u{feff}\r\narrival_us,domain,service_us,key\r\n1,a,2,k\r\n\r\n  \r\n3,a,4,k\r\n5,a,,\r\n";
    assert_eq!(read(text).unwrap(), [row(1, "a", 2, "k"), row(3, "a", 4, "k"), row(5, "a", None, "")]);
    let text = "\u{feff}arrival_us,domain\r\n1,a\r\n";
    assert_eq!(read(text).unwrap(), [row(1, "a", None, "")]);
}

#[test]
fn quotes_are_those_of_rfc_4180() {
    let text = "\"arrival_us\",\"domain\",\"key\"\n\"1\",\"a, b\",\"say \"\"hi\"\"\"\n2,\"q\"\"\",\"two\r\nlines\"\n3,z,\"\"\"\"\n";
    let expected =
        [row(1, "a, b", None, "say \"hi\""), row(2, "q\"", None, "two\r\nlines"), row(3, "z", None, "\"")];
    assert_eq!(read(text).unwrap(), expected);
    // A line break inside quotes counts as a line.
    assert_eq!(
        refused(format!("{text}x,z,")),
        "line 6: `arrival_us` is `x`, which isn't a number of microseconds"
    );
}

#[test]
fn what_is_wrong_is_told_by_line_and_field() {
    for (text, message) in [
        ("domain,key\na,b\n", "line 1: `arrival_us` is a required column that the header `domain,key`"),
        ("\narrival_us,service_us\n1,2\n", "line 2: `domain` is a required column"),
        ("0,payment,1,k\n", "line 1: `arrival_us` is a required column"),
        ("key,arrival_us,key,domain\n", "line 1: the header names the column `key` twice"),
        ("arrival_us,domain\n-5,a\n", "line 2: `arrival_us` is `-5`: it must not be negative"),
        ("arrival_us,domain\n1.5,a\n", "line 2: `arrival_us` is `1.5`: it must be whole microseconds"),
        ("arrival_us,domain\n1e3,a\n", "line 2: `arrival_us` is `1e3`: it must be whole microseconds"),
        ("arrival_us,domain\nNaN,a\n", "line 2: `arrival_us` is `NaN`, which isn't a number"),
        ("arrival_us,domain\n,a\n", "line 2: `arrival_us` is empty"),
        (
            "arrival_us,domain\n9007199254740992,a\n",
            "line 2: `arrival_us` is `9007199254740992`: it must be below",
        ),
        ("arrival_us,domain,service_us\n1,a,inf\n", "line 2: `service_us` is `inf`, which isn't a number"),
        ("arrival_us,domain,service_us\n1,a,-1\n", "line 2: `service_us` is `-1`: it must not be negative"),
        ("arrival_us,domain,service_us\n1,a,1\n2,a,0.5\n", "line 3: `service_us` is `0.5`"),
        ("arrival_us,domain,service_us\n1,a,18446744073709551616\n", "line 2: `service_us` is `184467440737"),
        ("arrival_us,domain\n1,\n", "line 2: `domain` is empty"),
        ("arrival_us,domain\n1,a\u{7}b\n", "line 2: `domain` is `a\\u{7}b`, which has a control character"),
        ("arrival_us,domain\n1,\"a\nb\"\n", "line 2: `domain` is `a\\nb`, which has a control character"),
        ("arrival_us,domain\n7,a\n9,a\n8,a\n", "line 4: `arrival_us` goes backwards: 8 after 9"),
        ("arrival_us,domain\n1,a,b\n", "line 2: the line has 3 fields, the header 2"),
        ("arrival_us,domain,key\n1,a\n", "line 2: the line has 2 fields, the header 3"),
        ("arrival_us,domain\n1,\"a\"b\n", "line 2: a closing quote is followed by more than a comma"),
        (
            "arrival_us,domain\n1,a\"b\n2,c\n",
            "line 2: the field `a\"b` has a quote but doesn't start with one",
        ),
        ("arrival_us,domain\n1,\"a\n2,b\n", "line 2: a quote is opened and never closed"),
        ("", "the trace is empty"),
        ("\n\r\n \n", "the trace is empty"),
        ("arrival_us,domain\n", "the trace is empty"),
        ("arrival_us,domain\r1,a\r", "line 1: the lines end with a carriage return alone"),
        (
            "Arrival_US,domain\n1,a\n",
            "line 1: `arrival_us` is a required column that the header `Arrival_US,domain` doesn't name (is `Arrival_US` meant for it?)",
        ),
        ("arrival_us,domain\n1,\u{0}\n", "line 2: `domain` is `\\u{0}`, which has a control"),
        ("PK\u{3}\u{4}\u{0}\n", "line 1: the trace isn't text"),
    ] {
        let found = refused(text);
        assert!(found.starts_with(message), "{found}\nfor {text:?}");
    }
    assert!(refused(b"\xff\xfea\0r\0").contains("UTF-16"));
    assert!(refused(b"\x1f\x8b\x08\x00").contains("gzip"));
    assert_eq!(refused(b"arrival_us,domain\n1,\xff\n"), "line 2: `domain` is `\u{fffd}`, which isn't UTF-8");
    let long = format!("arrival_us,domain\n1,{}\n", "d".repeat(257));
    assert!(refused(long).contains("longer than 256 bytes"));
    assert!(read(&format!("arrival_us,domain\n1,{}\n", "d".repeat(256))).is_ok());
}

#[test]
fn memory_is_bounded_by_the_longest_line() {
    let options = TraceOptions { max_line_bytes: 100, ..TraceOptions::default() };
    let nines = "9".repeat(1000);
    for (text, found) in [
        (nines.clone(), "the line is longer"),
        (format!("arrival_us,domain\n{nines}\n"), "`arrival_us` makes the line longer"),
        (format!("arrival_us,domain\n1,{nines},\n"), "`domain` makes the line longer"),
        (format!("arrival_us,domain\n\"{nines}\n1,2\n"), "`arrival_us` makes the line longer"),
        (format!("domain,other,arrival_us\na,{nines},1\n"), "the line is longer"),
    ] {
        let mut reader = TraceReader::new(options.clone());
        let line = text.bytes().filter(|byte| *byte == b'\n').count().min(1) as u64 + 1;
        let error = text.as_bytes().chunks(7).find_map(|c| reader.feed(c, &mut |_| ()).err()).unwrap();
        let prefix = format!("line {line}: {found} than 100 bytes");
        assert!(error.to_string().starts_with(&prefix), "{error}");
        assert_eq!(reader.feed(b"1,a\n", &mut |_| ()), Err(error), "a failed reader stays so");
    }
    {
        let text =
            format!("{{\"arrival_us\":1,\"domain\":\"a\"}}\n{{\"arrival_us\":1,\"service_us\":{nines}}}\n");
        let error = read_in(&[text.as_bytes()], options.clone()).unwrap_err().to_string();
        assert_eq!(error, "line 2: `service_us` makes the line longer than 100 bytes");
    }
    // The longest line that is read has 100 bytes with its line break.
    let exact = format!("arrival_us,domain,key\n1,a,{}\n", "k".repeat(95));
    assert_eq!(read_in(&[exact.as_bytes()], options.clone()).unwrap().0.len(), 1);
    let over = format!("arrival_us,domain,key\n1,a,{}\n", "k".repeat(96));
    assert!(read_in(&[over.as_bytes()], options).is_err());
}

#[test]
fn bad_lines_can_be_skipped() {
    let options = TraceOptions { skip_bad: true, max_line_bytes: 60, ..TraceOptions::default() };
    let long = "9".repeat(500);
    let text = format!(
        "arrival_us,domain,key\n1,a,\n-1,a,\nx\n5,a,k\n4,a,\n6,\"a,\n{long}\n7,b,\n8,b\n8,\"\",\n9,b,\"k\"\n"
    );
    let (rows, info) = read_in(&[text.as_bytes()], options.clone()).unwrap();
    assert_eq!(
        rows,
        [row(1, "a", None, ""), row(5, "a", None, "k"), row(7, "b", None, ""), row(9, "b", None, "k")]
    );
    assert_eq!((info.skipped, info.rows, info.first_us, info.last_us), (6, 4, 1, 9));
    assert_eq!(info.first_skipped.iter().map(|e| e.line).collect::<Vec<_>>(), [3, 4, 6, 7, 10]);
    assert_eq!(info.first_skipped[2].message.as_str().get(..15), Some("goes backwards:"));
    let none = "arrival_us,domain\nx,a\ny,a\n";
    let error = read_in(&[none.as_bytes()], options).unwrap_err().to_string();
    assert!(
        error.starts_with("the trace has no good row: 2 bad lines were left out, the first is line 2"),
        "{error}"
    );
}

#[test]
fn domains_are_bounded() {
    let options = TraceOptions { max_domains: 3, ..TraceOptions::default() };
    let text = "arrival_us,domain\n1,a\n1,b\n1,c\n1,a\n1,d\n";
    let error = read_in(&[text.as_bytes()], options).unwrap_err().to_string();
    assert_eq!(error, "line 6: `domain` is `d`, one more than the 3 domains a trace may have");
    let mut many = String::from("arrival_us,domain\n");
    for index in 0..4096 {
        many.push_str(&format!("{index},d{index}\n{index},d{}\n", index / 2));
    }
    let (rows, info) = read_in(&[many.as_bytes()], TraceOptions::default()).unwrap();
    assert!(rows.iter().step_by(2).all(|row| row.1 == format!("d{}", row.0)));
    assert_eq!(info.domains.iter().map(|domain| domain.rows).sum::<u64>(), 8192);
}

#[test]
fn json_lines_are_read() {
    let text = "\n{\"arrival_us\":1,\"domain\":\"payment\",\"service_us\":20,\"key\":\"k\"}\r\n\
                {\"key\":17,\"domain\":\"a\\u00e9\",\"extra\":{\"x\":[1]},\"arrival_us\":3,\"service_us\":null}\n\
                {\"arrival_us\":3,\"domain\":\" payment \"}";
    let expected = [row(1, "payment", 20, "k"), row(3, "aé", None, "17"), row(3, "payment", None, "")];
    assert_eq!(read(text).unwrap(), expected);
    for (line, message) in [
        ("{\"domain\":\"a\"}", "line 2: `arrival_us` is missing"),
        ("{\"arrival_us\":2}", "line 2: `domain` is missing"),
        ("{\"arrival_us\":-2,\"domain\":\"a\"}", "line 2: `arrival_us` is `-2`: it must not be negative"),
        ("{\"arrival_us\":2.5,\"domain\":\"a\"}", "line 2: `arrival_us` is `2.5`: it must be whole"),
        ("{\"arrival_us\":\"2\",\"domain\":\"a\"}", "line 2: `arrival_us` is the text `2`"),
        (
            "{\"arrival_us\":9007199254740992,\"domain\":\"a\"}",
            "line 2: `arrival_us` is `9007199254740992`: it",
        ),
        ("{\"arrival_us\":2,\"domain\":\"a\",\"service_us\":1e300}", "line 2: `service_us` is `1e300`"),
        ("{\"arrival_us\":2,\"domain\":\"a\",\"service_us\":true}", "line 2: `service_us` is `true`"),
        ("{\"arrival_us\":2,\"domain\":\"\"}", "line 2: `domain` is empty"),
        ("{\"arrival_us\":0,\"domain\":\"a\"}", "line 2: `arrival_us` goes backwards: 0 after 1"),
        ("{\"arrival_us\":2,\"domain\":\"a\"", "line 2: isn't an object of a trace: EOF while parsing"),
        (
            "{\"arrival_us\":NaN,\"domain\":\"a\"}",
            "line 2: isn't an object of a trace: expected value (column 15)",
        ),
        ("[1,2]", "line 2: isn't an object of a trace"),
        ("hello", "line 2: isn't an object of a trace"),
    ] {
        let found = refused(format!("{{\"arrival_us\":1,\"domain\":\"a\"}}\n{line}\n"));
        assert!(found.starts_with(message), "{found}\nfor {line}");
    }
}

const COMMON: &str =
    r#"203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /orders/7?x=1 HTTP/1.0" 200 2326"#;

#[test]
fn access_logs_are_read() {
    let base = 971_211_336_000_000;
    let (rows, info) = read_in(&[COMMON.as_bytes()], TraceOptions::default()).unwrap();
    assert_eq!(rows, [row(base, "orders", None, "203.0.113.9")]);
    assert_eq!((info.format, info.without_service), (Format::AccessLog, 1));
    for (request, tail, expected) in [
        ("GET / HTTP/1.1", "", row(base, "root", None, "c")),
        ("GET /?a=/b HTTP/1.1", "", row(base, "root", None, "c")),
        ("GET //x HTTP/1.1", "", row(base, "root", None, "c")),
        ("GET /a?b HTTP/1.1", " \"-\" \"curl/8\"", row(base, "a", None, "c")),
        ("GET http://shop/cart/1 HTTP/1.1", "", row(base, "cart", None, "c")),
        ("GET https://shop HTTP/1.1", "", row(base, "root", None, "c")),
        ("-", "", row(base, "other", None, "c")),
        ("", "", row(base, "other", None, "c")),
        ("\\x16\\x03\\x01", "", row(base, "other", None, "c")),
        ("OPTIONS * HTTP/1.0", "", row(base, "other", None, "c")),
        // Apache's %D: microseconds, and the line's time is the start.
        ("GET /a HTTP/1.1", " 1500", row(base, "a", 1500, "c")),
        ("GET /a HTTP/1.1", " \"-\" \"Mozilla \\\"5.0\\\" [x]\" 1500", row(base, "a", 1500, "c")),
        // nginx's $request_time: seconds, and the line's time is the end.
        ("GET /a HTTP/1.1", " \"-\" \"curl\" 0.250", row(base - 250_000, "a", 250_000, "c")),
        ("GET /a HTTP/1.1", " \"-\" \"curl\" rt=1.5 uct=\"0.0\"", row(base - 1_500_000, "a", 1_500_000, "c")),
        ("GET /a HTTP/1.1", " \"-\" \"curl\" \"rt=0.123\"", row(base - 123_000, "a", 123_000, "c")),
        (
            "GET /a HTTP/1.1",
            " \"-\" \"c\" request_time=\"0.1234567\"",
            row(base - 123_456, "a", 123_456, "c"),
        ),
        // The size, a quoted number and a dash are no times.
        ("GET /a HTTP/1.1", " \"-\" \"0.5\"", row(base, "a", None, "c")),
        ("GET /a HTTP/1.1", " \"-\" \"c\" -", row(base, "a", None, "c")),
        ("GET /a HTTP/1.1", " \"-\" \"c\" 1.2.3", row(base, "a", None, "c")),
    ] {
        let line = format!("c - - [10/Oct/2000:13:55:36 -0700] \"{request}\" 200 5{tail}\n");
        assert_eq!(read(&line).unwrap(), [expected], "{line}");
    }
}

#[test]
fn a_bad_line_of_an_access_log_is_told() {
    for (line, message) in [
        ("hello", "line 2: isn't a line of an access log, it has no address: `hello`"),
        ("c - - x", "line 2: isn't a line of an access log, it has no time in brackets"),
        ("c - - [10/Oct/2000:13:55:36] \"GET / HTTP/1.0\" 200 5", "line 2: `time` is `10/Oct/2000:13:55:36`"),
        (
            "c - - [10/Oct/2000:13:55:36 -0700] GET",
            "line 2: isn't a line of an access log, it has no request",
        ),
        (
            "c - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5 9007199254740991.0",
            "line 2: `service_us` is `9007199254740991.0` seconds, which is too long",
        ),
    ] {
        let found = refused(format!("{COMMON}\n{line}\n"));
        assert!(found.starts_with(message), "{found}\nfor {line}");
    }
}

#[test]
fn the_lines_of_a_second_are_spread_and_sorted() {
    let mut text = String::new();
    // Logged at the end, in the order of the ends; the first one took 2 s.
    for (second, service) in [(37, "2.000"), (37, "0.100"), (38, "0.000"), (37, "0.000"), (37, "0.000")] {
        text.push_str(&format!(
            "c{service} - - [10/Oct/2000:13:55:{second} -0700] \"GET /a HTTP/1.0\" 200 5 {service}\n"
        ));
    }
    let base = 971_211_337_000_000;
    let (rows, info) = read_in(&[text.as_bytes()], TraceOptions::default()).unwrap();
    let expected = [
        row(base - 2_000_000, "a", 2_000_000, "c2.000"),
        row(base + 150_000, "a", 100_000, "c0.100"),
        row(base + 500_000, "a", 0, "c0.000"),
        row(base + 750_000, "a", 0, "c0.000"),
        row(base + 1_000_000, "a", 0, "c0.000"),
    ];
    assert_eq!(rows, expected);
    assert_eq!((info.first_us, info.last_us), (base - 2_000_000, base + 1_000_000));
}

#[test]
fn past_the_most_segments_the_rest_is_other() {
    let options = TraceOptions { max_log_domains: 2, ..TraceOptions::default() };
    let long = "s".repeat(300);
    let text: String = ["a", long.as_str(), "b", "c", "a"]
        .iter()
        .map(|path| format!("c - - [10/Oct/2000:13:55:36 -0700] \"GET /{path} HTTP/1.0\" 200 5\n"))
        .collect();
    let (rows, _) = read_in(&[text.as_bytes()], options).unwrap();
    assert_eq!(
        rows.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(),
        ["a", "other", "other", "other", "a"]
    );
}

/// Text that is near to being a trace.
fn nearly_a_trace() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[0-9]{1,4},[ab]{1,2},[0-9]{0,3},[xy\"]{0,3}\r?\n",
        "[0-9]{1,17},(payment|\"pay,ment\"|\"a\n\"),[0-9]{0,9},(|k|\"k\"\"\n\")\n",
        "[\"\r\n, a0-9.-]{1,12}",
        "\\{\"arrival_us\":[0-9]{1,3},\"domain\":\"[ab]\"\\}\n",
        "c - - \\[10/Oct/2000:13:55:3[0-9] -0700\\] \"GET /[ab]{1,2} HTTP/1.0\" 200 5( [0-9]\\.[0-9]{3})?\n",
    ];
    let header = prop_oneof![
        3 => Just(HEADER.to_string()),
        1 => Just(String::from("key,domain,x,arrival_us\r\n")),
        1 => Just(String::new()),
    ];
    (header, prop::collection::vec(piece, 0..12), prop::collection::vec(any::<u8>(), 0..4))
        .prop_map(|(header, pieces, tail)| [header.into_bytes(), pieces.concat().into_bytes(), tail].concat())
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), skip_bad: bool) {
        for format in [None, Some(Format::Csv), Some(Format::JsonLines), Some(Format::AccessLog)] {
            let options = TraceOptions { format, skip_bad, max_line_bytes: 50, ..TraceOptions::default() };
            let _ = read_in(&[&bytes], options);
        }
    }

    #[test]
    fn chunks_change_nothing(
        bytes in nearly_a_trace(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        skip_bad: bool,
        max_line_bytes in prop_oneof![Just(65_536_u32), 8_u32..60],
    ) {
        let options = TraceOptions { skip_bad, max_line_bytes, ..TraceOptions::default() };
        let whole = read_in(&[&bytes], options.clone());
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        let mut chunks = Vec::new();
        let mut rest = bytes.as_slice();
        let mut at = 0;
        for cut in cuts {
            let (chunk, after) = rest.split_at(cut - at);
            chunks.push(chunk);
            rest = after;
            at = cut;
        }
        chunks.push(rest);
        prop_assert_eq!(read_in(&chunks, options.clone()), whole.clone());
        let singles: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(read_in(&singles, options), whole);
    }

    #[test]
    fn what_is_written_reads_back(rows in prop::collection::vec((0_u64..1 << 40, "[a-z\", \n]{0,6}", any::<Option<u32>>()), 1..30)) {
        let mut text = String::from(HEADER);
        let mut expected = Vec::new();
        let mut now = 0;
        for (gap, key, service) in rows {
            now += gap;
            let service = service.map(u64::from);
            let written = service.map(|service| service.to_string()).unwrap_or_default();
            text.push_str(&format!("{now},d{},{written},\"{}\"\n", gap % 7, key.replace('"', "\"\"")));
            expected.push(row(now, &format!("d{}", gap % 7), service, &key));
        }
        prop_assert_eq!(read(&text).unwrap(), expected);
    }
}
